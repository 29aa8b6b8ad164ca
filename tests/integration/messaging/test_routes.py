"""The HTTP face: lists, filters, counts, settings."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI, Request

from integration.messaging.world import ACCOUNT, World, raising, text
from quanyu.infra import web
from quanyu.infra.web import Caller
from quanyu.kernel.ids import encode_id
from quanyu.kernel.permissions import ALL
from quanyu.modules.messaging.ports import SendRefused
from quanyu.modules.messaging.routes import router


class Api:
    """Calls the application in this process, over its ASGI interface."""

    def __init__(self, world: World) -> None:
        async def authenticate(request: Request) -> Caller:
            return Caller(world.tenant_id, 1, "测试", permissions=ALL)

        self._app = FastAPI()
        web.install(self._app, authenticate=authenticate, uows=world.uows)
        self._app.include_router(router(world.messaging))

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(b"content-type", b"application/json")],
            "asgi": {"version": "3.0"},
        }
        content = b"" if body is None else json.dumps(body).encode()
        status, answer = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, answer
            status = message.get("status", status)
            answer += message.get("body", b"")

        await self._app(scope, receive, send)
        return status, json.loads(answer)


@pytest.fixture
async def api(world: World) -> Api:
    """Five messages: two accepted, one rejected, one refused, one waiting."""
    for person in (1, 2, 3, 4):
        world.follower(person)
        await world.acts(person, "message_received")
    world.gateway.next_answers(world.openid(2), raising(SendRefused(45015, "out of time")))
    await world.plan(
        text("a", 1, "您好，一号", journey_id=40, node_id="hello"),
        text("b", 2, "您好，二号", journey_id=40, node_id="hello"),
        text("c", 3, "您好，三号"),
        text("d", 99, "您好，无号"),
    )
    await world.send_all()
    await world.plan(text("e", 4, "您好，四号"))
    return Api(world)


async def test_the_list_shows_newest_first_with_bodies_and_reasons(api: Api, world: World) -> None:
    status, page = await api.call("GET", "/api/v1/messages")

    assert status == 200
    assert [item["body"] for item in page["items"]] == [
        "您好，四号",
        "您好，无号",
        "您好，三号",
        "您好，二号",
        "您好，一号",
    ]
    rejected = page["items"][3]
    assert rejected == {
        "id": rejected["id"],
        "person_id": encode_id("per", 2),
        "display_name": "Person 2",
        "channel": "official_account",
        "kind": "customer_service_text",
        "message_class": "marketing",
        "purpose": "marketing",
        "state": "rejected",
        "reason": "platform_window_closed",
        "reason_text": {
            "zh": "平台拒绝：超出 48 小时互动窗口或已取消关注（45015）",
            "en": "Turned down: outside the 48-hour window, or no longer following (45015)",
        },
        "detail": None,
        "code": 45015,
        "body": "您好，二号",
        "planned_at": "2026-03-04T04:00:00Z",
        "due_at": "2026-03-04T04:00:00Z",
        "updated_at": "2026-03-04T04:00:00Z",
        "attempts": 1,
        "journey_id": encode_id("jrn", 40),
        "node_id": "hello",
        "is_test": False,
    }
    assert page["next_cursor"] is None


async def test_the_list_goes_on_from_its_cursor_and_filters(api: Api) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        _, page = await api.call("GET", "/api/v1/messages", limit="2", **cursor)
        seen += [item["body"][-2] for item in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["四", "无", "三", "二", "一"]
    assert cursor == {"cursor": None}

    async def bodies(**query: str) -> list[str]:
        _, page = await api.call("GET", "/api/v1/messages", **query)
        return [item["body"][-2] for item in page["items"]]

    assert await bodies(state="accepted") == ["三", "一"]
    assert await bodies(journey=encode_id("jrn", 40)) == ["二", "一"]
    assert await bodies(person=encode_id("per", 3)) == ["三"]
    assert await bodies(state="reserved", person=encode_id("per", 3)) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"state": "lost"}, "quanyu.invalid_input"),
        ({"limit": "0"}, "quanyu.invalid_input"),
        ({"journey": "seg_1"}, "quanyu.invalid_id"),
        ({"person": "per_!"}, "quanyu.invalid_id"),
        ({"cursor": "nonsense"}, "quanyu.invalid_cursor"),
    ],
)
async def test_a_wrong_filter_is_named(api: Api, query: dict[str, str], code: str) -> None:
    status, problem = await api.call("GET", "/api/v1/messages", **query)
    assert (status, problem["code"]) == (422, code)


async def test_the_summary_adds_up(api: Api) -> None:
    status, summary = await api.call("GET", "/api/v1/messages/summary")

    assert status == 200
    assert {name: summary[name] for name in ("planned", "refused", "accepted", "rejected", "unknown")} == {
        "planned": 5,
        "refused": 1,
        "accepted": 2,
        "rejected": 1,
        "unknown": 0,
    }
    assert summary["in_progress"] == 1
    assert summary["by_state"]["reserved"] == 1
    assert [(row["state"], row["reason"], row["count"]) for row in summary["reasons"]] == [
        ("refused", "no_channel", 1),
        ("rejected", "platform_window_closed", 1),
    ]
    _, one = await api.call("GET", "/api/v1/messages/summary", journey=encode_id("jrn", 40))
    assert (one["planned"], one["accepted"], one["rejected"]) == (2, 1, 1)


async def test_the_policy_is_read_and_written(api: Api) -> None:
    _, before = await api.call("GET", "/api/v1/messages/policy")
    assert before == {
        "quiet_hours": [],
        "holidays": "none",
        "own_days": {},
        "zone_attribute": None,
        "caps": [],
        "exclusions": [],
        "priorities": {},
        "transactional_counts": False,
        "duplicate_window_s": 600,
        "repeat_max": 3,
    }
    night = {"start": "22:00:00", "end": "08:00:00", "mode": "hold", "jitter_s": 60}
    cap = {"limit": 2, "every": 3, "unit": "hours", "kept_for_high": 1, "when_capped": "wait"}
    wanted = before | {
        "quiet_hours": [night | {"weekdays": [1, 2], "days": "workday", "all_day": False}],
        "holidays": "china",
        "own_days": {"2026-11-11": "workday"},
        "zone_attribute": "time_zone",
        "caps": [cap | {"key": "spacing", "channel": "official_account", "purpose": None}],
        "exclusions": [{"key": "winter", "campaigns": ["jrn_1", "bct_2"], "days": 7}],
        "priorities": {"jrn_1": "high"},
        "transactional_counts": True,
        "duplicate_window_s": 0,
        "repeat_max": 1,
    }
    assert await api.call("PUT", "/api/v1/messages/policy", wanted) == (200, wanted)
    assert await api.call("GET", "/api/v1/messages/policy") == (200, wanted)

    for wrong in ({"caps": [{"key": "daily", "limit": 0}]}, {"daily_cap": 2}):
        status, problem = await api.call("PUT", "/api/v1/messages/policy", wrong)
        assert (status, problem["code"]) == (422, "quanyu.invalid_input")
    assert await api.call("GET", "/api/v1/messages/policy") == (200, wanted)


async def test_an_account_is_paused_and_goes_on(api: Api, world: World) -> None:
    account = encode_id("oac", ACCOUNT)
    lane = {"account_id": account, "paused": False, "rate_per_s": None, "waiting": 1, "in_flight": 0}
    assert await api.call("GET", "/api/v1/messages/lanes") == (200, {"items": [lane]})

    change = {"paused": True, "rate_per_s": 50}
    _, lanes = await api.call("PATCH", f"/api/v1/messages/lanes/{account}", change)
    assert lanes == {"items": [{**lane, "paused": True, "rate_per_s": 50.0}]}
    await world.send_all()
    assert await world.state("e") == ("reserved", None)
    await api.call("PATCH", f"/api/v1/messages/lanes/{account}", {"paused": False})
    await world.send_all()
    assert await world.state("e") == ("accepted", None)

    missing = f"/api/v1/messages/lanes/{encode_id('oac', 1)}"
    status, problem = await api.call("PATCH", missing, {"paused": True})
    assert (status, problem["code"]) == (404, "messaging.lane_not_found")


async def test_one_message_is_sent_by_hand_and_once(api: Api, world: World) -> None:
    world.follower(41)
    await world.acts(41, "message_received")
    wanted = {
        "key": "k-1",
        "person_id": encode_id("per", 41),
        "account_id": encode_id("oac", ACCOUNT),
        "message_kind": "customer_service_text",
        "content": {"text": "您的茶到了"},
        "message_class": "transactional",
    }
    status, sent = await api.call("POST", "/api/v1/messages", wanted)
    assert (status, sent["state"], sent["reason"]) == (200, "reserved", None)
    assert await api.call("POST", "/api/v1/messages", wanted) == (200, sent)
    await world.send_all()
    assert world.gateway.arrived[world.openid(41)] == ["您的茶到了"]

    nobody = {**wanted, "key": "k-2", "person_id": encode_id("per", 42)}
    _, refused = await api.call("POST", "/api/v1/messages", nobody)
    assert (refused["state"], refused["reason"], refused["reason_text"]["zh"] != "") == (
        "refused",
        "no_channel",
        True,
    )
    for wrong in ({"content": {}}, {"account_id": encode_id("mpa", 7)}, {"message_kind": "letter"}):
        status, _ = await api.call("POST", "/api/v1/messages", {**wanted, "key": "k-3", **wrong})
        assert status in (400, 422)
