"""The tracking API over the wire: a refusal leaves a counter and nothing else, an event is kept once."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.processes import HTTP
from support.running import RunningPlatform

REFUSED = "quanyu_tracking_refused_total"
TAKEN = "quanyu_tracking_events_total"
BODY_MAX = 5 * 1024 * 1024
HAN = re.compile(r"[\u4e00-\u9fff]")


def event(message_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": message_id,
        "userId": "door-1",
        "timestamp": "2026-03-04T04:00:00Z",
        "properties": {"product_id": "tea-1"},
    } | changes


def batch(*events: dict[str, Any]) -> bytes:
    return json.dumps({"batch": list(events)}).encode()


def track(**changes: Any) -> bytes:
    return json.dumps(event("x", **changes)).encode()


class Door:
    """The door, what it counted and what the log holds since the test began."""

    def __init__(self, running: RunningPlatform) -> None:
        self._running = running
        self._events = self._count()
        self._counted = running.platform.metrics()

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> httpx.Response:
        return HTTP.post(
            f"{self._running.url}{path}",
            content=body,
            auth=(self._running.write_key if key is None else key, ""),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def counted(self, metric: str) -> dict[str, int]:
        """Return what was counted since, by label."""
        now = self._running.platform.metrics()
        since = {
            name.partition('="')[2].partition('"')[0]: int(value - self._counted.get(name, 0))
            for name, value in now.items()
            if name.startswith(f"{metric}{{")
        }
        return {label: count for label, count in since.items() if count}

    @property
    def new_events(self) -> int:
        return self._count() - self._events

    def _count(self) -> int:
        return int(self._running.platform.number("SELECT count(*) FROM log_event WHERE source = 'website'"))


@pytest.fixture
def door(running_platform: RunningPlatform) -> Door:
    return Door(running_platform)


def bomb() -> bytes:
    """A small body that unpacks to twice the limit."""
    # Without a time: the workers that share the tests must give them the same names.
    return gzip.compress(b" " * (2 * BODY_MAX), mtime=0)


def chunks() -> Iterator[bytes]:
    """Say nothing of a length, and go on past the limit."""
    for _ in range(BODY_MAX // 2**16 + 2):
        yield b" " * 2**16


@pytest.mark.parametrize(
    ("path", "body", "options", "status", "code"),
    [
        ("/v1/batch", batch(event("x")), {"key": "wk_wrong"}, 401, "tracking.unknown_write_key"),
        ("/v1/batch", batch(event("x")), {"key": ""}, 401, "tracking.unknown_write_key"),
        ("/v1/batch", b'{"batch": [', {}, 400, "tracking.invalid_body"),
        ("/v1/batch", b"[]", {}, 400, "tracking.invalid_body"),
        ("/v1/batch", b'{"batch": {}}', {}, 400, "tracking.invalid_body"),
        ("/v1/batch", b"", {}, 400, "tracking.invalid_body"),
        ("/v1/batch", b"\xff\xfe", {}, 400, "tracking.invalid_body"),
        ("/v1/batch", batch(*[event("x")] * 5001), {}, 413, "tracking.body_too_large"),
        ("/v1/track", b"{", {}, 400, "tracking.invalid_event"),
        ("/v1/track", b'"text"', {}, 400, "tracking.invalid_event"),
        ("/v1/track", b"[" * 60_000, {}, 400, "tracking.invalid_event"),
        ("/v1/track", json.dumps(event("x", event="")).encode(), {}, 400, "tracking.invalid_event"),
        ("/v1/track", json.dumps(event("x", userId=None)).encode(), {}, 400, "tracking.invalid_event"),
        ("/v1/track", json.dumps(event("x", timestamp="noon")).encode(), {}, 400, "tracking.invalid_event"),
        ("/v1/track", json.dumps(event("x", properties=[])).encode(), {}, 400, "tracking.invalid_event"),
        ("/v1/track", json.dumps(event("x" * 201)).encode(), {}, 400, "tracking.invalid_event"),
        ("/v1/track", track(properties={"note": "e" * 70_000}), {}, 413, "tracking.event_too_large"),
        ("/v1/group", track(type="group"), {}, 400, "tracking.invalid_event"),
        ("/v1/track", track(properties={"total": 5, "currency": "RMB1"}), {}, 400, "tracking.invalid_event"),
        ("/v1/nonsense", batch(event("x")), {}, 404, "tracking.no_such_call"),
        ("/v1/a/track", track(), {}, 404, "tracking.no_such_call"),
        ("/v1/", track(), {}, 404, "tracking.no_such_call"),
        ("/v1/batch", b" " * (BODY_MAX + 1), {}, 413, "tracking.body_too_large"),
        ("/v1/batch", bomb(), {"content_encoding": "gzip"}, 413, "tracking.body_too_large"),
        (
            "/v1/batch",
            gzip.compress(batch(event("x")), mtime=0)[:-9],
            {"content_encoding": "gzip"},
            400,
            "tracking.invalid_body",
        ),
        ("/v1/batch", batch(event("x")), {"content_encoding": "gzip"}, 400, "tracking.invalid_body"),
        (
            "/v1/batch",
            zlib.compress(batch(event("x"))),
            {"content_encoding": "deflate"},
            400,
            "tracking.invalid_body",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_refused_says_why_is_counted_and_leaves_nothing(
    door: Door, path: str, body: bytes, options: dict[str, str], status: int, code: str
) -> None:
    answer = door.post(path, body, **options)

    assert (answer.status_code, answer.json()["code"], answer.json()["success"]) == (status, code, False)
    assert answer.json()["message"]
    assert HAN.search(answer.json()["message_zh"])
    assert "b'" not in answer.json()["message"]
    assert door.counted(REFUSED) == {code: 1}
    assert (door.counted(TAKEN), door.new_events) == ({}, 0)


def test_a_body_without_end_is_cut_off_at_the_limit(door: Door) -> None:
    answer = door.post("/v1/batch", chunks())

    assert (answer.status_code, answer.json()["code"]) == (413, "tracking.body_too_large")
    assert (door.counted(REFUSED), door.new_events) == ({"tracking.body_too_large": 1}, 0)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_served(door: Door, running_platform: RunningPlatform, method: str) -> None:
    key = (running_platform.write_key, "")
    answer = HTTP.request(method, f"{running_platform.url}/v1/track", auth=key)
    elsewhere = HTTP.request(method, f"{running_platform.url}/v1/nonsense", auth=key)

    assert (answer.status_code, answer.json()["code"]) == (405, "tracking.wrong_method")
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "tracking.no_such_call")
    assert door.new_events == 0


def test_repeating_an_event_keeps_it_once_and_a_contradiction_is_told(door: Door) -> None:
    first = door.post("/v1/track", json.dumps(event("once-1")).encode())
    again = door.post("/v1/track", json.dumps(event("once-1")).encode())
    other = door.post("/v1/track", json.dumps(event("once-1", event="Product Added")).encode())

    assert first.json() == {"success": True}
    assert again.json() == {"success": True, "duplicate": "duplicate"}
    assert other.json() == {"success": True, "duplicate": "duplicate_differs"}
    assert door.counted(TAKEN) == {"accepted": 1, "duplicate": 1, "duplicate_differs": 1}
    assert (door.counted(REFUSED), door.new_events) == ({}, 1)


def test_one_bad_event_does_not_take_its_batch_along(door: Door) -> None:
    sent = batch(event("mixed-1"), event("mixed-2", userId=""), event("mixed-3"), event("mixed-1"))

    answer = door.post("/v1/batch", gzip.compress(sent), content_encoding="gzip")

    assert answer.status_code == 200
    (rejected,) = answer.json().pop("rejected")
    assert (rejected["index"], rejected["code"]) == (1, "tracking.invalid_event")
    assert rejected["reason"] == "identifier.missing"
    assert HAN.search(rejected["message_zh"])
    assert door.counted(TAKEN) == {"accepted": 2, "duplicate": 1}
    assert door.counted(REFUSED) == {"tracking.invalid_event": 1}
    assert door.new_events == 2


def test_a_revoked_or_foreign_scheme_is_no_key(door: Door, running_platform: RunningPlatform) -> None:
    answer = HTTP.post(
        f"{running_platform.url}/v1/batch",
        content=batch(event("x")),
        headers={"authorization": f"Bearer {running_platform.write_key}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "tracking.unknown_write_key")
    assert door.new_events == 0
