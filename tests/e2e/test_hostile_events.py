"""Events nobody would send by mistake: each is refused or kept, and none holds up the events behind it."""

import json
from typing import Any

from support.processes import HTTP, eventually
from support.running import RunningPlatform


def deep(levels: int) -> Any:
    inside: Any = "x"
    for _ in range(levels):
        inside = {"a": inside}
    return inside


HOSTILE: dict[str, dict[str, Any]] = {
    "nul in a property": {"properties": {"note": "a\x00b"}},
    "nul in a property's name": {"properties": {"a\x00b": 1}},
    "nul in the event's name": {"event": "a\x00b"},
    "nul in the user's id": {"userId": "a\x00b"},
    "nul in the message's id": {"messageId": "nul\x00id"},
    "nul in the context": {"context": {"campaign": {"name": "a\x00b"}, "channel": "\x00"}},
    "nul in an order": {
        "event": "Order Completed",
        "properties": {"order_id": "a\x00b", "currency": "CN\x00"},
    },
    "nested 30 deep": {"properties": deep(30)},
    "nested 300 deep": {"properties": deep(300)},
    "nested 900 deep": {"properties": deep(900)},
    "a huge integer": {"properties": {"n": 10**40, "m": -(10**40), "k": 2**64}},
    "a huge price": {"event": "Order Completed", "properties": {"revenue": 10**30, "order_id": "huge"}},
    "a price that is text": {"event": "Order Completed", "properties": {"revenue": "a lot"}},
    "a price with many decimals": {"event": "Order Completed", "properties": {"revenue": 0.123456789012345}},
    "a line without sense": {
        "event": "Order Completed",
        "properties": {"revenue": 1, "products": [{"price": "x", "quantity": 10**30}, 7, None, "tea"]},
    },
    "thousands of properties": {"properties": {f"p{n}": n for n in range(3_000)}},
    "names with dots and quotes": {
        "properties": {"a.b": 1, "a": {"b": 2}, "`": 3, "'": 4, '"': 5, "": 6, "\\": 7}
    },
    "one name, many types": {"properties": {"v": [1, "a", None, {"b": [1.5, True]}, [[]]]}},
    "control characters": {
        "properties": {"t": "\t\n\r\\N\\t\x01\x1f\x7f\u2028\ufffe"},
        "event": "tab\tnew\nline",
    },
    "a date before any": {"timestamp": "0001-01-01T00:00:00Z"},
    "a date in 1970": {"timestamp": "1970-01-01T00:00:00Z"},
    "a date far ahead": {"timestamp": "9999-12-31T23:59:59Z"},
    "not a number": {"properties": {"n": 1e308, "m": 5e-324}},
    "traits that say one thing twice": {"type": "identify", "traits": {"a.b": 1, "a": {"b": 2}, "": 1}},
    "traits of every kind": {
        "type": "identify",
        "traits": {
            "n": 10**40,
            "t": "a\x00b",
            "l": [1, {"x": [[]]}],
            "d": deep(900),
            "phone": "\x00",
            "email": 7,
        },
    },
    "traits with empty parts": {"type": "identify", "traits": {"level.": "gold", ".x": 1, ".": 2, "a..b": 3}},
    "a name of other things": {
        "type": "identify",
        "traits": {"name": {"first": "x"}, "city": ["a"], "phone": {}},
    },
    "an alias of oneself": {"type": "alias", "previousId": "h"},
    "a group of nothing": {"type": "group", "groupId": "", "traits": {"a.b": 1, "a": {"b": 2}}},
    "text in every script": {"properties": {"t": "茶🍵é\u202eabc\u200b"}, "event": "看过商品🍵"},
}


def raw(message_id: str, properties: bytes, event: bytes = b"Hostile") -> bytes:
    """Write an event that no JSON writer would."""
    head = b'{"type":"track","userId":"h","event":"%s","messageId":"%s"' % (event, message_id.encode())
    return head + b',"properties":' + properties + b"}"


RAW: dict[str, bytes] = {
    "nested 5000 deep": raw("r0", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    "a lone surrogate": raw("r1", b"{}", event=b"\\ud800"),
    "a lone surrogate inside": raw("r2", b'{"a":"\\udfff"}'),
    "an endless number": raw("r3", b'{"a":1e999}'),
    "a number of many digits": raw("r4", b'{"a":' + b"9" * 5_000 + b"}"),
    "the same name twice": raw("r5", b'{"a":1,"a":"b"}'),
}

REFUSED = {
    "nested 5000 deep",
    "a date before any",
    "a lone surrogate",
    "a lone surrogate inside",
    "an endless number",
    "a number of many digits",
}


def post(running: RunningPlatform, body: bytes) -> int:
    answer = HTTP.post(f"{running.url}/v1/track", content=body, auth=(running.write_key, ""))
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code


def test_no_event_holds_up_those_behind_it(running_platform: RunningPlatform) -> None:
    taken = {}
    for name, changes in HOSTILE.items():
        event = {"type": "track", "event": "Hostile", "userId": "h", "messageId": f"h {name}"} | changes
        taken[name] = post(running_platform, json.dumps(event).encode())
    for name, body in RAW.items():
        taken[name] = post(running_platform, body)
    running_platform.track(
        {"type": "track", "event": "Behind Them", "userId": "behind", "messageId": "behind"}
    )

    def caught_up() -> bool:
        pipeline = running_platform.get("/api/v1/overview")["pipeline"]
        return bool(pipeline["lag_events"] == 0 and pipeline["stored"] == pipeline["accepted"])

    eventually(caught_up, limit_s=30, what=f"the pipeline to catch up; taken: {taken}")
    assert running_platform.get("/api/v1/overview")["pipeline"]["dead_letters"] == 0
    # Everything that was kept can be looked at.
    (person,) = running_platform.get("/api/v1/people", q="h")["items"]
    running_platform.get(f"/api/v1/people/{person['id']}")
    assert len(running_platform.get(f"/api/v1/people/{person['id']}/timeline", limit=200)["items"]) > 20
    running_platform.get("/api/v1/segments/catalogue")
    assert {name for name, status in taken.items() if status != 200} == REFUSED
