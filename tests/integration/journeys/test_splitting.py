"""The first branch that holds, and leading back so many times, on the real database and warehouse (JN-10)."""

from typing import Any

import pytest

from integration.journeys.world import END, World, graph, wait
from quanyu.modules.journeys.errors import InvalidJourney


def _did(name: str) -> dict[str, Any]:
    window = {"kind": "rolling", "amount": 7, "unit": "days"}
    return {
        "kind": "all",
        "of": [{"kind": "event", "name": name, "window": window, "count": {"op": "gte", "value": 1}}],
    }


def _split(*branches: tuple[str, dict[str, Any], str], otherwise: str) -> dict[str, Any]:
    made = [{"name": name, "test": test, "next": to} for name, test, to in branches]
    return {"kind": "split", "branches": made, "otherwise": otherwise}


async def test_the_first_branch_that_holds_counts(world: World) -> None:
    parted = _split(("b", _did("Bought"), "vip"), ("a", _did("Looked"), "warm"), otherwise="cold")
    journey = await world.publish(graph("Start", parted=parted, vip=END, warm=END, cold=END))
    await world.acts("both", "Looked")
    await world.acts("both", "Bought")
    await world.acts("looked", "Looked")
    for user in ("both", "looked", "nobody"):
        await world.acts(user, "Start")
    await world.run()
    assert await world.path(journey, "both") == [("parted", "b"), ("vip", "end")]
    assert await world.path(journey, "looked") == [("parted", "a"), ("warm", "end")]
    assert await world.path(journey, "nobody") == [("parted", "otherwise"), ("cold", "end")]
    assert (await world.outcomes(journey))["parted"] == {"a": 1, "b": 1, "otherwise": 1}
    await world.check()


async def test_people_are_led_back_so_many_times_and_no_more(world: World) -> None:
    """JN-11: counted in the log of steps, so that each passage has its own rounds."""
    journey = await world.publish(
        graph(
            {"kind": "event", "event": "Start", "reentry": {"mode": "after_exit"}},
            rest=wait(60, "round"),
            round={"kind": "repeat", "times": 2, "again": "rest", "next": "out"},
            out=END,
        )
    )
    for _ in range(2):
        await world.acts("u", "Start")
        for _ in range(4):
            world.later(seconds=60)
            await world.run(world.new_engine())
    last = [("rest", "next"), ("round", "next"), ("out", "end")]
    rounds = [("rest", "next"), ("round", "again")] * 2 + last
    assert await world.path(journey, "u") == rounds * 2
    await world.check()


async def test_each_branch_is_checked(world: World) -> None:
    parted = _split(("a", _did("Looked"), "out"), ("b", {"kind": "nonsense"}, "out"), otherwise="out")
    journey = await world.draw(graph("Start", parted=parted, out=END))
    with pytest.raises(InvalidJourney) as refused:
        await world.order("publish", journey)
    assert [one.path for one in refused.value.findings] == ["nodes.parted.branches.1.test"]
