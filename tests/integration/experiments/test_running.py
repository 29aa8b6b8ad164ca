"""EX: plan, run, assign, expose, stop, decide."""

import asyncio
from typing import Any

import pytest

from integration.experiments.world import World, plan
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.experiments.contracts import SetHoldout
from quanyu.modules.experiments.errors import InvalidExperiment, LayerFull, WrongStatus
from quanyu.modules.insight.metrics.errors import MetricNotFound

PEOPLE = [PersonId(one) for one in range(1, 401)]


async def test_nobody_is_in_a_draft_and_everybody_gets_an_arm_once_it_runs(world: World) -> None:
    number = await world.plan()
    assert set((await world.order("assign", number, PEOPLE)).values()) == {None}
    await world.order("start", number)
    arms = await world.order("assign", number, PEOPLE)
    assert set(arms.values()) == {"control", "new"}
    assert arms == await world.order("assign", number, PEOPLE)
    assert abs(list(arms.values()).count("new") - 200) < 60
    assert await world.counted(number) == ({"control": 0, "new": 0}, 0)


async def test_an_exposure_counts_once_and_is_stated_once(world: World) -> None:
    one, two, three = await world.meet("安", "柏", "陈")
    number = await world.start()
    arms = {one: "control", two: "new"}
    assert await world.order("expose", number, arms, cause="journey") == 2
    assert await world.order("expose", number, {**arms, three: "new"}) == 1
    assert await world.order("expose", number, {one: "new"}) == 0
    assert await world.counted(number) == ({"control": 1, "new": 2}, 0)
    assert await world.facts() == [(one, "control"), (two, "new"), (three, "new")]
    assert await world.order("assign", number, [one, two, three]) == {
        one: "control",
        two: "new",
        three: "new",
    }
    with pytest.raises(InvalidExperiment):
        await world.order("expose", number, {one: "third"})


async def test_workers_at_once_expose_somebody_once(world: World) -> None:
    people = await world.meet(*(f"u{number}" for number in range(20)))
    number = await world.start()
    arms = dict.fromkeys(people, "new")
    new = await asyncio.gather(*(world.order("expose", number, arms) for _ in range(4)))
    assert sum(new) == 20
    assert len(await world.facts()) == 20


async def test_after_the_stop_who_was_exposed_keeps_their_arm_and_a_decision_is_for_everybody(
    world: World,
) -> None:
    one, two = await world.meet("安", "柏")
    number = await world.start()
    await world.order("expose", number, {one: "control"})
    await world.order("stop", number)
    assert await world.order("assign", number, [one, two]) == {one: "control", two: None}
    assert await world.order("expose", number, {two: "new"}) == 0
    with pytest.raises(InvalidExperiment):
        await world.order("decide", number, "third")
    await world.order("decide", number, "new")
    assert await world.order("assign", number, [one, two]) == {one: "new", two: "new"}
    with pytest.raises(WrongStatus):
        await world.order("decide", number, "control")


async def test_while_it_runs_only_what_moves_nobody_may_change(world: World) -> None:
    number = await world.start(coverage_bps=2_000)
    before = await world.order("assign", number, PEOPLE)
    await world.order("save", number, plan(coverage_bps=8_000, name="欢迎语二"))
    after = await world.order("assign", number, PEOPLE)
    assert {one: arm for one, arm in after.items() if before[one]} == {
        one: arm for one, arm in before.items() if arm
    }
    assert sum(arm is not None for arm in after.values()) > sum(arm is not None for arm in before.values())
    forbidden: list[dict[str, Any]] = [
        {"coverage_bps": 7_000},
        {"coverage_bps": 8_000, "window_days": 3},
        {"coverage_bps": 8_000, "primary": {"metric": "orders"}},
    ]
    for changes in forbidden:
        with pytest.raises(WrongStatus):
            await world.order("save", number, plan(**changes))
    assert (await world.view(number)).plan == plan(coverage_bps=8_000, name="欢迎语二")
    with pytest.raises(WrongStatus):
        await world.order("delete", number)


async def test_experiments_of_a_layer_share_nobody_until_one_is_stopped(world: World) -> None:
    first = await world.start(layer="价格", layer_share_bps=6_000)
    second = await world.start(layer="价格", layer_share_bps=4_000)
    in_first = {one for one, arm in (await world.order("assign", first, PEOPLE)).items() if arm}
    in_second = {one for one, arm in (await world.order("assign", second, PEOPLE)).items() if arm}
    assert in_first
    assert in_second
    assert not in_first & in_second
    assert in_first | in_second == set(PEOPLE)
    third = await world.plan(layer="价格", layer_share_bps=6_000)
    with pytest.raises(LayerFull):
        await world.order("start", third)
    await world.order("stop", first)
    await world.order("start", third)
    assert {one for one, arm in (await world.order("assign", third, PEOPLE)).items() if arm} == in_first


async def test_who_is_held_out_of_marketing_comes_into_no_experiment(world: World) -> None:
    number = await world.start()
    await world.order("set_holdout", SetHoldout(share_bps=1_000))
    held = await world.order("held_out", PEOPLE)
    assert 10 <= len(held) <= 80
    arms = await world.order("assign", number, PEOPLE)
    assert {one for one, arm in arms.items() if arm is None} == held


async def test_a_metric_nobody_has_is_refused(world: World) -> None:
    with pytest.raises(MetricNotFound):
        await world.plan(primary={"metric": "no_such_metric"})


async def test_two_arms_in_one_person_exclude_them_until_they_come_apart(world: World) -> None:
    """EX: on a merge the earliest exposure wins; who met two arms is excluded and counted."""
    number = await world.start()
    visitor = await world.visit("v1")
    await world.order("expose", number, {visitor: "new"})
    world.later(hours=1)
    (user,) = await world.meet("安")
    await world.order("expose", number, {user: "control"})
    assert await world.counted(number) == ({"control": 1, "new": 1}, 0)

    person = await world.login("安", "v1")

    assert await world.counted(number) == ({"control": 0, "new": 0}, 1)
    assert await world.order("assign", number, [person]) == {person: "new"}
    assert await world.order("expose", number, {person: "control"}) == 0
    assert await world.part("安", "v1") == 1
    assert await world.counted(number) == ({"control": 1, "new": 1}, 0)


async def test_the_same_arm_twice_is_one_person(world: World) -> None:
    number = await world.start()
    visitor = await world.visit("v1")
    (user,) = await world.meet("安")
    await world.order("expose", number, {visitor: "new", user: "new"})
    await world.login("安", "v1")
    assert await world.counted(number) == ({"control": 0, "new": 1}, 0)


async def test_outside_callers_get_arms_by_identifier_and_expose_when_they_say_so(world: World) -> None:
    (one,) = await world.meet("安")
    number = await world.start()
    path = f"/api/v1/experiments/{encode_id('exp', number)}/assign"
    known = {"namespace": "user_id", "value": "安"}
    asked = {"people": [encode_id("per", one)], "identifiers": [known, {**known, "value": "nobody"}]}
    status, answer = await world.api.call("POST", path, asked)
    arm = (await world.order("assign", number, [one]))[one]
    here = {"person_id": encode_id("per", one), "arm": arm}
    assert (status, answer) == (200, {"items": [here, here, {"person_id": None, "arm": None}]})
    assert await world.facts() == []
    await world.api.call("POST", path, {**asked, "expose": True})
    assert await world.facts() == [(one, arm)]


async def test_the_plan_is_checked_at_the_door(world: World) -> None:
    sound = plan().model_dump(mode="json")
    for changes in (
        {"arms": sound["arms"][:1]},
        {"arms": [sound["arms"][0], sound["arms"][0]]},
        {"arms": [sound["arms"][0], {**sound["arms"][1], "weight_bps": 4_000}]},
        {"guardrails": [{"metric": "buyers"}]},
        {"coverage_bps": 0},
    ):
        status, _ = await world.api.call("POST", "/api/v1/experiments", {**sound, **changes})
        assert status == 422, changes
    status, made = await world.api.call("POST", "/api/v1/experiments", sound)
    assert (status, made["status"], made["plan"]) == (201, "draft", sound)
    status, listed = await world.api.call("GET", "/api/v1/experiments")
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert (await world.api.call("DELETE", f"/api/v1/experiments/{made['id']}"))[0] == 204
    assert (await world.api.call("GET", f"/api/v1/experiments/{made['id']}"))[0] == 404
