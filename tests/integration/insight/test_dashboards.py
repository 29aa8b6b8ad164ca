"""Boards and saved analyses: what is kept, what a card asks under filters, and what comes once."""

from typing import Any

import pytest

from integration.insight.test_behaviour import FUNNEL, PAY, PERIOD, VIEW
from integration.segments.world import Api, Brand
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.insight.behaviour.presets import DECISION_JOURNEY
from quanyu.modules.insight.dashboards import routes
from quanyu.modules.insight.dashboards.analyses import SavedQuestions
from quanyu.modules.insight.dashboards.service import Dashboards
from quanyu.modules.insight.metrics import routes as metric_routes
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.tenants.service import Tenants

BOARDS, ANALYSES = "/api/v1/dashboards", "/api/v1/analyses"
TREND = {"kind": "trend", "question": {"event": {"name": PAY}, "where": []}}


def card(name: str, shows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "shows": shows, **more}


@pytest.fixture
def door(brand: Brand, uows: UnitOfWorkFactory) -> Api:
    metrics = Metrics(brand.behaviour, Tenants(), uows)
    return Api(brand, metric_routes.router(metrics), routes.router(Dashboards(metrics), SavedQuestions()))


async def test_a_new_brand_has_a_board_for_each_role_whose_cards_all_answer(door: Api) -> None:
    _, listed = await door.call("GET", BOARDS)
    assert [one["role"] for one in listed["items"]] == ["boss", "operator", "staff"]
    for row in listed["items"]:
        _, shown = await door.call("GET", f"{BOARDS}/{row['id']}")
        assert len(shown["cards"]) == row["cards"]
        for one in shown["cards"]:
            if one["asks"] is None:
                assert one["card"]["shows"]["kind"] == "rfm"
                continue
            kind, question = one["asks"]["kind"], one["asks"]["question"]
            path = "/api/v1/metrics/ask" if kind == "metric" else f"/api/v1/behaviour/{kind}"
            status, answer = await door.call("POST", path, question)
            assert status == 200, (row["name"], one["card"]["id"], answer)

    # A deleted one does not come back.
    boss = listed["items"][0]["id"]
    assert (await door.call("DELETE", f"{BOARDS}/{boss}"))[0] == 204
    _, listed = await door.call("GET", BOARDS)
    assert [one["role"] for one in listed["items"]] == ["operator", "staff"]
    assert (await door.call("GET", f"{BOARDS}/{boss}"))[0] == 404


async def test_filters_of_a_board_reach_every_card_and_keep_what_cards_say_themselves(door: Api) -> None:
    own = [{"field": "properties.place", "op": "eq", "value": "app"}]
    cards = [
        card("m", {"kind": "metric", "question": {"metric": "orders"}}, width=3),
        card("t", {**TREND, "question": {**TREND["question"], "where": own}}),  # type: ignore[dict-item]
        card("f", {"kind": "funnel", "question": FUNNEL}, keeps_period=True),
        card("n", {"kind": "note", "text": "看这里"}, width=12),
    ]
    status, made = await door.call("POST", BOARDS, {"name": "试看", "cards": cards})
    assert status == 201, made
    _, segment = await door.call(
        "POST", "/api/v1/segments", {"name": "来客", "definition": {"kind": "event", "name": VIEW}}
    )
    filters = {"period": PERIOD, "source": "shop", "app": "wx1", "segment": segment["id"], "compare": False}
    status, shown = await door.call("POST", f"{BOARDS}/{made['id']}/show", filters)
    assert status == 200, shown
    asked = {one["card"]["id"]: one["asks"] and one["asks"]["question"] for one in shown["cards"]}
    narrow = [("source", "shop"), ("context.app", "wx1")]
    assert [(one["field"], one["value"]) for one in asked["m"]["where"]] == narrow
    assert [(one["field"], one["value"]) for one in asked["t"]["where"]] == [
        ("properties.place", "app"), *narrow,
    ]  # fmt: skip
    assert (asked["m"]["period"], asked["t"]["compare"], asked["t"]["segment"]) == (
        PERIOD, False, segment["id"],
    )  # fmt: skip
    assert (asked["f"]["period"], asked["f"]["segment"], asked["n"]) == (PERIOD, segment["id"], None)
    # What was kept is as it was.
    _, kept = await door.call("GET", f"{BOARDS}/{made['id']}")
    assert kept["cards"][0]["asks"]["question"]["where"] == []
    assert kept["cards"][0]["asks"]["question"]["period"] == {"kind": "last_days", "days": 30}
    assert kept["cards"][2]["asks"]["question"]["period"] == PERIOD


async def test_a_board_is_changed_by_one_at_a_time_and_refuses_what_cannot_be_shown(door: Api) -> None:
    _, made = await door.call("POST", BOARDS, {"name": "一", "cards": [card("a", TREND)]})
    change = {"name": "二", "cards": [card("b", TREND), card("a", TREND)], "version": 1}
    status, changed = await door.call("PUT", f"{BOARDS}/{made['id']}", change)
    assert (status, changed["version"], [one["id"] for one in changed["draft"]["cards"]]) == (
        200,
        2,
        ["b", "a"],
    )
    status, problem = await door.call("PUT", f"{BOARDS}/{made['id']}", change)
    assert (status, problem["code"]) == (409, "insight.board_changed")

    sealed = {
        "kind": "trend",
        "question": {"event": {"name": PAY}, "breakdown": {"kind": "person", "key": "phone"}},
    }
    refused: list[tuple[list[dict[str, Any]], int, str]] = [
        ([card("a", TREND), card("a", TREND)], 422, "insight.invalid_board"),
        ([card("a", sealed)], 422, "insight.invalid_analysis"),
        ([card("a", {"kind": "metric", "question": {"metric": "met_0"}})], 404, "insight.metric_not_found"),
        ([card("a", {"kind": "pie"})], 422, "quanyu.invalid_input"),
    ]
    for cards, expected, code in refused:
        status, problem = await door.call("POST", BOARDS, {"name": "三", "cards": cards})
        assert (status, problem["code"]) == (expected, code), cards


async def test_an_analysis_is_kept_without_its_instant_renamed_and_dropped(door: Api) -> None:
    asked = {"kind": "funnel", "question": {**FUNNEL, "as_of": "2026-03-04T04:00:00Z"}}
    status, kept = await door.call("POST", ANALYSES, {"name": "下单漏斗", "asked": asked})
    assert (status, kept["saved_by"], kept["asked"]["question"]["as_of"]) == (201, "测试", None)
    path = f"{ANALYSES}/{kept['id']}"
    status, renamed = await door.call("PUT", path, {"name": "付款漏斗", "asked": kept["asked"]})
    assert (status, renamed["id"], renamed["name"]) == (200, kept["id"], "付款漏斗")
    _, listed = await door.call("GET", ANALYSES)
    assert [one["name"] for one in listed["items"]] == ["付款漏斗"]
    assert (await door.call("DELETE", path))[0] == 204
    for method, body in (("GET", None), ("PUT", {"name": "x", "asked": kept["asked"]})):
        status, problem = await door.call(method, path, body)
        assert (status, problem["code"]) == (404, "insight.saved_analysis_not_found")


async def test_notes_about_days(door: Api) -> None:
    for day in ("2026-03-01", "2026-03-03"):
        status, _ = await door.call("POST", "/api/v1/annotations", {"day": day, "text": f"活动 {day}"})
        assert status == 201
    _, found = await door.call("GET", "/api/v1/annotations", since="2026-03-02")
    assert [(one["day"], one["text"], one["written_by"]) for one in found["items"]] == [
        ("2026-03-03", "活动 2026-03-03", "测试")
    ]
    assert (await door.call("DELETE", f"/api/v1/annotations/{found['items'][0]['id']}"))[0] == 204
    _, found = await door.call("GET", "/api/v1/annotations")
    assert [one["day"] for one in found["items"]] == ["2026-03-01"]


async def test_the_decision_journey_is_a_funnel_of_five_named_steps(door: Api) -> None:
    _, presets = await door.call("GET", "/api/v1/behaviour/funnel/presets")
    (journey,) = presets["items"]
    labels = [step["label"] for step in journey["question"]["steps"]]
    assert labels == ["需求唤醒", "信息收集", "备选评估", "购买", "购后"]
    assert len(journey["labels_en"]) == len(DECISION_JOURNEY.steps) == 5
    status, answer = await door.call("POST", "/api/v1/behaviour/funnel", journey["question"])
    assert (status, answer["total"]["reached"]) == (200, [0, 0, 0, 0, 0])
