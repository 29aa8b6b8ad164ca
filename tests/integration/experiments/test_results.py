"""EX: results from history, against figures computed by hand."""

from datetime import timedelta
from typing import Any

import pytest

from integration.experiments.world import World
from integration.segments.world import happened, order
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.experiments.analysis.contracts import ArmReading, Outcome, Reading
from quanyu.modules.experiments.errors import WrongStatus

METRICS: dict[str, Any] = {
    "primary": {"metric": "buyers"},
    "further": [{"metric": "sales"}, {"metric": "orders"}, {"metric": "order_value"}],
    "guardrails": [{"metric": "unfollows", "lower_is_better": True}],
}


def arms_of(reading: Reading, metric: str) -> list[ArmReading]:
    return list(next(one for one in reading.metrics if one.metric == metric).arms)


async def try_out(world: World) -> int:
    """Four people of each arm, and one who met both.

    Sales within 14 days: control 50, 10, 0, 0 (the first had bought for 10 before), new 40, 40, 20, 0.
    """
    start = world.now
    control = await world.meet("c1", "c2", "c3", "c4")
    new = await world.meet("n1", "n2", "n3", "n4")
    both = await world.visit("v1")
    await world.brand.tell(order("c1", "early", start - timedelta(days=5), [("10", "1")]))
    number = await world.start(**METRICS)
    arms: dict[PersonId, str] = {**dict.fromkeys(control, "control"), **dict.fromkeys([*new, both], "new")}
    await world.order("expose", number, arms)
    world.later(hours=1)
    (known,) = await world.meet("e1")
    await world.order("expose", number, {known: "control"})
    await world.login("e1", "v1")
    spent = {
        "c1": [(1, "20"), (2, "30"), (15, "100")],
        "c2": [(3, "10")],
        "n1": [(1, "40")],
        "n2": [(13, "40")],
        "n3": [(2, "20")],
        "e1": [(1, "500")],
    }
    world.later(days=20)
    await world.brand.tell(
        *(
            order(user, f"{user}-{day}", start + timedelta(days=day), [(amount, "1")])
            for user, orders in spent.items()
            for day, amount in orders
        )
    )
    return number


async def test_every_kind_of_metric_counts_within_the_window_and_leaves_out_who_met_two_arms(
    world: World,
) -> None:
    number = await try_out(world)

    reading = await world.results.look(world.brand.tenant, number)

    assert ([one.people for one in reading.people], reading.excluded, reading.days) == ([4, 4], 1, 20)
    values = {
        metric: [one.value for one in arms_of(reading, metric)]
        for metric in ("buyers", "sales", "orders", "order_value", "unfollows")
    }
    assert values == {
        "buyers": [0.5, 0.75],
        "sales": [15, 25],
        "orders": [0.75, 0.75],
        "order_value": [20, pytest.approx(100 / 3)],
        "unfollows": [0, 0],
    }
    buyers, sales = arms_of(reading, "buyers")[1], arms_of(reading, "sales")[1]
    assert buyers.fixed is not None
    # Pooled rate 5/8: z = 0.25 / sqrt(15/64 * 1/2), so that p = 0.4652.
    assert (buyers.fixed.absolute, buyers.fixed.p_value) == (0.25, pytest.approx(0.4652, abs=1e-4))
    assert sales.fixed is not None
    # CUPED: theta = 350/75 over both arms, the mean before is 1.25: 10 + 350/75 * 2.5.
    assert sales.fixed.absolute == pytest.approx(65 / 3)
    assert reading.verdict.outcome is Outcome.TOO_EARLY
    assert not any(arm.is_better or arm.is_worse for one in reading.metrics for arm in one.arms)


async def test_looks_are_kept_and_people_who_come_apart_count_again(world: World) -> None:
    number = await try_out(world)
    first = await world.results.look(world.brand.tenant, number)
    await world.part("e1", "v1")
    path = f"/api/v1/experiments/{encode_id('exp', number)}/results"
    status, kept = await world.api.call("GET", path)
    assert (status, kept["items"]) == (200, [first.model_dump(mode="json")])
    status, second = await world.api.call("POST", path)
    assert (status, second["look"], second["excluded"]) == (200, 2, 0)
    assert [one["people"] for one in second["people"]] == [5, 5]
    status, kept = await world.api.call("GET", path)
    assert [one["look"] for one in kept["items"]] == [2, 1]


async def test_a_clear_difference_is_told_and_wrong_shares_withhold_it(world: World) -> None:
    """EX: SRM at p < 0.001 withholds the verdict."""
    number = await world.start(**METRICS)
    people = await world.meet(*(f"u{index}" for index in range(300)))
    arms = {one: ("control", "new")[index % 2] for index, one in enumerate(people)}
    await world.order("expose", number, arms)
    await world.brand.tell(
        *(
            order(f"u{index}", f"o{index}", world.now, [("10", "1")])
            for index in range(300)
            if (index % 2 and index % 4 == 1) or index % 20 == 0
        )
    )
    reading = await world.results.look(world.brand.tenant, number)
    assert [one.value for one in arms_of(reading, "buyers")] == [0.1, 0.5]
    assert (reading.verdict.outcome, reading.verdict.arm) == (Outcome.BETTER, "new")
    assert reading.verdict.zh.startswith("「新」更好：「购买人数」+400.0%")
    assert reading.verdict.advice_zh == "已进行 0 天，请再进行 7 天，满整周后再决定"

    more = await world.meet(*(f"w{index}" for index in range(120)))
    await world.order("expose", number, dict.fromkeys(more, "new"))
    await world.brand.drain()
    reading = await world.results.look(world.brand.tenant, number)
    assert reading.sample_ratio.mismatch
    assert (reading.verdict.outcome, reading.verdict.arm) == (Outcome.MISMATCH, None)


async def test_a_draft_has_no_results(world: World) -> None:
    with pytest.raises(WrongStatus):
        await world.results.look(world.brand.tenant, await world.plan())


async def test_power_is_told_in_whole_weeks(world: World) -> None:
    asked = {"kind": "rate", "baseline": 0.1, "effect": 0.2, "people_per_day": 600}
    status, answer = await world.api.call("POST", "/api/v1/experiments/power", asked)
    assert status == 200
    # The z test of 10 % against 12 % at 80 % and 95 %: 3,841 an arm (Fleiss, Levin and Paik, chapter 4).
    assert answer == {"per_arm": 3_841, "people": 7_682, "days": 14}
    status, _ = await world.api.call("POST", "/api/v1/experiments/power", {**asked, "baseline": 0.9})
    assert status == 422


async def test_what_was_said_of_somebody_counts_only_after_they_met_the_difference(world: World) -> None:
    (one, two) = await world.meet("安", "柏")
    await world.brand.tell(
        happened("wechat.official_account.unfollowed", "安", world.now - timedelta(hours=1))
    )
    number = await world.start(primary={"metric": "unfollows"})
    await world.order("expose", number, {one: "control", two: "new"})
    await world.brand.tell(
        happened("wechat.official_account.unfollowed", "柏", world.now + timedelta(hours=1))
    )
    world.later(hours=2)
    reading = await world.results.look(world.brand.tenant, number)
    assert [one.value for one in arms_of(reading, "unfollows")] == [0, 1]
