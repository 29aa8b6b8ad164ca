"""SDKs of the Segment specification, unmodified, against a running platform: the log holds what they said."""

import base64
import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.conformance.program import HERE as CONFORMANCE
from contract.conformance.program import find_node
from support.processes import HTTP, eventually
from support.running import RunningPlatform

WHEN = datetime(2026, 3, 4, 4, 0, 0, 123000, tzinfo=UTC)
PYTHON_PROGRAM = Path(__file__).parent / "programs" / "segment_python.py"
NODE_PROGRAM = CONFORMANCE / "node" / "segment.cjs"

Logged = dict[str, dict[str, Any]]


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stdout + done.stderr


def python_sdk(running: RunningPlatform, mark: str) -> None:
    run(sys.executable, str(PYTHON_PROGRAM), running.url, running.write_key, mark)


def node_sdk(running: RunningPlatform, mark: str, *more: str) -> None:
    run(find_node(), str(NODE_PROGRAM), running.url, running.write_key, mark, *more)


def logged(running: RunningPlatform, mark: str) -> Logged:
    """Return what the log holds under a mark, by message id without it."""
    rows = running.platform.rows(
        "SELECT message_id, kind, name, occurred_at, received_at, properties, context, order_id, revenue, "
        "currency, items FROM log_event WHERE source = 'website' AND message_id LIKE %s",
        f"{mark}-%",
    )
    columns = (
        "kind",
        "name",
        "at",
        "received_at",
        "properties",
        "context",
        "order_id",
        "revenue",
        "currency",
    )
    return {
        row[0].removeprefix(f"{mark}-"): dict(zip((*columns, "items"), row[1:], strict=True)) for row in rows
    }


@pytest.mark.parametrize("sdk", [python_sdk, node_sdk], ids=["segment-analytics-python", "analytics-node"])
def test_every_call_of_an_sdk_arrives_field_by_field(
    sdk: Callable[[RunningPlatform, str], None], running_platform: RunningPlatform
) -> None:
    mark = f"sdk-{uuid.uuid4().hex[:12]}"

    sdk(running_platform, mark)

    log = logged(running_platform, mark)
    assert {key: (one["kind"], one["name"]) for key, one in log.items() if "batched" not in key} == {
        "identify": ("identify", "Identify"),
        "track": ("track", "Order Completed"),
        "page": ("page", "Page Viewed"),
        "screen": ("screen", "Screen Viewed"),
        "group": ("group", "Group"),
        "alias": ("alias", "Alias"),
    }
    assert {one["at"] for one in log.values()} == {WHEN}
    assert log["identify"]["properties"] == {"city": "杭州", "level": 3}
    track = log["track"]
    assert track["properties"] == {
        "order_id": f"{mark}-1",
        "revenue": 25.5,
        "currency": "CNY",
        "page_path": "/tea",
        "utm_medium": "qr",
    }
    assert track["context"] == {"channel": "web", "campaign": "spring", "source_code": "poster"}
    assert (track["order_id"], float(track["revenue"]), track["currency"]) == (f"{mark}-1", 25.5, "CNY")
    assert [(line["product_id"], float(line["price"])) for line in track["items"]] == [("tea", 25.5)]
    assert log["page"]["properties"] == {"name": "春茶", "category": "商城", "path": "/spring"}
    assert log["screen"]["properties"] == {"name": "首页"}
    assert log["group"]["properties"] == {"size": 12, "group_id": f"{mark}-group"}
    assert sorted(one["properties"]["n"] for key, one in log.items() if "batched" in key) == list(range(25))

    def joined() -> bool:
        """The visitor's page and screen are the user's, as the alias says."""
        found = [running_platform.get("/api/v1/people", q=f"{mark}-{who}") for who in ("user", "visitor")]
        people = {person["id"] for page in found for person in page["items"]}
        if len(people) != 1:
            return False
        timeline = running_platform.get(f"/api/v1/people/{people.pop()}/timeline", limit=100)["items"]
        return {"Order Completed", "Page Viewed", "Screen Viewed"} <= {event["name"] for event in timeline}

    eventually(joined, what="the visitor to be the user")


def test_the_clock_of_a_machine_that_is_ahead_is_taken_off(running_platform: RunningPlatform) -> None:
    """IN-2: its SDK says ``sentAt`` by the same wrong clock."""
    mark = f"skew-{uuid.uuid4().hex[:12]}"

    node_sdk(running_platform, mark, "7")

    log = logged(running_platform, mark)
    assert len(log) == 31
    for one in log.values():
        assert abs(one["at"] - one["received_at"]) < timedelta(minutes=5)


def test_sending_all_of_it_again_changes_nothing(running_platform: RunningPlatform) -> None:
    mark = f"again-{uuid.uuid4().hex[:12]}"
    python_sdk(running_platform, mark)
    before = logged(running_platform, mark)

    python_sdk(running_platform, mark)

    assert logged(running_platform, mark) == before


@pytest.mark.parametrize(
    ("path", "kind"),
    [("t", "track"), ("i", "identify"), ("p", "page"), ("s", "screen"), ("g", "group"), ("a", "alias")],
)
def test_a_browser_sends_by_first_letters_with_the_key_in_the_body(
    running_platform: RunningPlatform, path: str, kind: str
) -> None:
    """As analytics.js and beacons do: plain text, so that the browser asks for no leave first."""
    message_id = f"letter-{uuid.uuid4().hex}"
    call = {
        "writeKey": running_platform.write_key,
        "messageId": message_id,
        "userId": "letters",
        "previousId": "letters-before",
        "groupId": "letters-group",
        "event": "Lettered",
        "name": None,
        "category": None,
        "sentAt": None,
        "timestamp": None,
        "properties": None,
        "traits": None,
        "integrations": {"All": False},
        "_metadata": {"bundled": []},
    }

    answer = HTTP.post(
        f"{running_platform.url}/v1/{path}",
        content=json.dumps(call),
        headers={"content-type": "text/plain", "origin": "https://shop.example"},
    )

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert running_platform.platform.rows(
        "SELECT kind FROM log_event WHERE source = 'website' AND message_id = %s", message_id
    ) == [(kind,)]


@pytest.mark.parametrize("path", ["batch", "b", "import"])
def test_what_a_batch_says_of_all_holds_where_an_event_says_nothing(
    running_platform: RunningPlatform, path: str
) -> None:
    mark = f"shared-{uuid.uuid4().hex[:12]}"
    event = {"type": "track", "event": "Shared", "userId": "shared"}
    body = {
        "writeKey": running_platform.write_key,
        "context": {"channel": "app", "campaign": {"name": "spring", "source": "poster"}},
        "batch": [
            event | {"messageId": f"{mark}-silent"},
            event | {"messageId": f"{mark}-own", "context": {"campaign": {"name": "own"}, "scene": "1047"}},
        ],
    }

    answer = HTTP.post(f"{running_platform.url}/v1/{path}", json=body)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
    log = logged(running_platform, mark)
    assert log["silent"]["context"] == {"channel": "app", "campaign": "spring", "source_code": "poster"}
    assert log["own"]["context"] == {
        "channel": "app",
        "campaign": "own",
        "source_code": "poster",
        "scene": "1047",
    }


def test_a_picture_carries_an_event(running_platform: RunningPlatform) -> None:
    """Pixel tracking: for mails and pages without script. The picture comes whatever became of the event."""
    message_id = f"pixel-{uuid.uuid4().hex}"
    call = {
        "writeKey": running_platform.write_key,
        "event": "邮件打开",
        "userId": "pixel",
        "messageId": message_id,
    }
    data = base64.b64encode(json.dumps(call).encode()).decode()

    shown = HTTP.get(f"{running_platform.url}/v1/pixel/track", params={"data": data})
    broken = HTTP.get(f"{running_platform.url}/v1/pixel/track", params={"data": "?"})
    elsewhere = HTTP.get(f"{running_platform.url}/v1/pixel/nothing", params={"data": data})

    assert [one.status_code for one in (shown, broken, elsewhere)] == [200, 400, 404]
    for one in (shown, broken, elsewhere):
        assert (one.headers["content-type"], one.content[:6]) == ("image/gif", b"GIF89a")
        assert one.headers["cache-control"] == "no-store"
    assert running_platform.platform.rows(
        "SELECT name FROM log_event WHERE source = 'website' AND message_id = %s", message_id
    ) == [("邮件打开",)]


def test_a_page_of_another_site_may_call(running_platform: RunningPlatform) -> None:
    answer = HTTP.options(
        f"{running_platform.url}/v1/batch",
        headers={
            "origin": "https://shop.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"]
    assert {"authorization", "content-type"} <= {name.strip() for name in allowed.split(",")}
