"""Figures computed from visits: trends, retention, pages, distribution, portraits."""

from typing import Any

import pytest

from contract.sandbox.mini_program.mini import Mini
from contract.sandbox.rig import START
from wechat_sandbox.crowd.people import make_person

DAY = 86400  # The rig starts on Sunday 2026-03-01 at noon.
PATH = "/datacube/getweanalysisappid"


async def ask(mini: Mini, what: str, first: str, last: str = "") -> dict[str, Any]:
    return await mini.post(PATH + what, {"begin_date": first, "end_date": last or first})


async def play(mini: Mini) -> None:
    """Three visits on the first day by two people; one of them and a third on the second day."""
    two = [{"path": "pages/a?x=1", "stay_s": 5}, {"path": "pages/b", "stay_s": 25}]
    await mini.act(1, "visit", pages=two, scene=1047)
    await mini.act(1, "visit", pages=[{"path": "pages/a", "stay_s": 2}])
    await mini.act(2, "visit", pages=[{"path": "pages/b", "stay_s": 60}], scene=1065)
    await mini.act(2, "share-page", path="pages/b")
    mini.rig.clock.advance(DAY)
    await mini.act(1, "visit")
    await mini.act(3, "visit")
    mini.rig.clock.advance(DAY)


async def test_a_day_is_summed_up(mini: Mini) -> None:
    await play(mini)
    [trend] = (await ask(mini, "dailyvisittrend", "20260301"))["list"]
    assert trend == {
        "ref_date": "20260301",
        "session_cnt": 3,
        "visit_pv": 4,
        "visit_uv": 2,
        "visit_uv_new": 2,
        "stay_time_uv": 46.0,
        "stay_time_session": 30.6667,
        "visit_depth": 1.3333,
    }
    [second] = (await ask(mini, "dailyvisittrend", "20260302"))["list"]
    assert (second["visit_uv"], second["visit_uv_new"]) == (2, 1)
    [summary] = (await ask(mini, "dailysummarytrend", "20260302"))["list"]
    assert (summary["visit_total"], summary["share_pv"]) == (3, 0)
    [summary] = (await ask(mini, "dailysummarytrend", "20260301"))["list"]
    assert (summary["visit_total"], summary["share_pv"], summary["share_uv"]) == (2, 1, 1)


async def test_pages_sources_stays_and_depths(mini: Mini) -> None:
    await play(mini)
    pages = (await ask(mini, "visitpage", "20260301"))["list"]
    assert [(row["page_path"], row["page_visit_pv"], row["page_visit_uv"]) for row in pages] == [
        ("pages/a", 2, 1),
        ("pages/b", 2, 2),
    ]
    assert [(row["entrypage_pv"], row["exitpage_pv"], row["page_share_pv"]) for row in pages] == [
        (2, 1, 0),
        (1, 2, 1),
    ]
    groups = {g["index"]: g["item_list"] for g in (await ask(mini, "visitdistribution", "20260301"))["list"]}
    assert groups["access_source_session_cnt"] == [
        {"key": 2, "value": 1},
        {"key": 8, "value": 1},
        {"key": 12, "value": 1},
    ]
    assert groups["access_depth_info"] == [{"key": 1, "value": 2}, {"key": 2, "value": 1}]
    assert sum(row["value"] for row in groups["access_staytime_info"]) == 3


async def test_retention_counts_who_came_back_on_days_that_are_over(mini: Mini) -> None:
    await play(mini)
    told = await ask(mini, "dailyretaininfo", "20260301")
    assert told["visit_uv"] == [{"key": 0, "value": 2}, {"key": 1, "value": 1}]
    assert told["visit_uv_new"] == [{"key": 0, "value": 2}, {"key": 1, "value": 1}]
    assert (await ask(mini, "dailyretaininfo", "20260302"))["visit_uv_new"] == [{"key": 0, "value": 1}]


async def test_weeks_and_months_are_whole(mini: Mini) -> None:
    await play(mini)
    mini.rig.clock.advance(40 * DAY)
    [week] = (await ask(mini, "weeklyvisittrend", "20260302", "20260308"))["list"]
    assert (week["ref_date"], week["visit_uv"], week["visit_uv_new"]) == ("20260302-20260308", 2, 1)
    retention = await ask(mini, "weeklyretaininfo", "20260223", "20260301")
    assert [row["value"] for row in retention["visit_uv"]] == [2, 1, 0, 0, 0]
    [month] = (await ask(mini, "monthlyvisittrend", "20260301", "20260331"))["list"]
    assert (month["ref_date"], month["visit_uv"], month["session_cnt"]) == ("202603", 3, 5)
    assert (await ask(mini, "monthlyretaininfo", "20260301", "20260331"))["ref_date"] == "202603"
    for what, first, last in (
        ("weeklyvisittrend", "20260301", "20260307"),
        ("monthlyvisittrend", "20260301", "20260330"),
        ("dailyvisittrend", "20260301", "20260302"),
        ("userportrait", "20260301", "20260302"),
    ):
        assert (await ask(mini, what, first, last))["errcode"] == 61501


async def test_portraits_describe_the_people_who_came(mini: Mini) -> None:
    await play(mini)
    portrait = (await ask(mini, "userportrait", "20260301"))["visit_uv"]
    people = [make_person(11, index, 60) for index in (1, 2)]
    assert {row["name"] for row in portrait["city"]} == {person.city for person in people}
    assert sum(row["value"] for row in portrait["ages"]) == 2


async def test_opening_times_are_the_means_of_the_days_visits(mini: Mini) -> None:
    await play(mini)
    span = {"begin_timestamp": int(START), "end_timestamp": int(START) + 2 * DAY}
    path = "/wxa/business/performance/boot"
    asked = {"module": "10016", "time": span, "params": [{"field": "device", "value": "-1"}]}

    body = (await mini.post(path, asked))["data"]["body"]

    [table] = body["tables"]
    assert (body["count"], table["id"], table["zh"]) == (1, "10016", "启动总耗时")
    days = {field["refdate"]: int(field["value"]) for field in table["lines"][0]["fields"]}
    assert list(days) == ["20260301", "20260302"]
    assert all(900 <= mean_ms <= 3_200 for mean_ms in days.values())
    for wrong in ({"module": "1"}, {"time": {}}, {"time": {**span, "end_timestamp": 0}}, {"params": "all"}):
        assert (await mini.post(path, asked | wrong))["errcode"] == 40097


@pytest.mark.parametrize(("first", "code"), [("", 61500), ("2026-03-01", 61500), ("20260301", 61503)])
async def test_wrong_dates_are_named(mini: Mini, first: str, code: int) -> None:
    assert mini.rig.clock.now() == START
    assert (await ask(mini, "dailyvisittrend", first))["errcode"] == code
