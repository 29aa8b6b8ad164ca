"""People on the way in an older version are moved to the present one (SOP-1)."""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from integration.journeys.world import END, World, ask, graph, say, until, wait
from quanyu.modules.journeys.contracts import SaveJourney
from quanyu.modules.journeys.errors import MigrationRunning, NoSuchTarget, VersionNotFound
from quanyu.modules.journeys.migrating import queries
from quanyu.modules.journeys.migrating.contracts import MigrateJourney, MigrationPreview
from quanyu.modules.journeys.migrating.service import Migrations

DAY = 86_400
HOUR = 3_600


async def republish(world: World, journey: int, definition: dict[str, Any]) -> None:
    await world.order("save_draft", journey, SaveJourney(name="旅程", definition=definition))
    await world.order("publish", journey)


async def migrate(world: World, journey: int, command: MigrateJourney) -> MigrationPreview:
    """Preview, start and carry out; return what was foretold."""
    migrations = Migrations(world.brand.uows)
    async with world.brand.uows.app(world.tenant) as uow:
        foretold = await migrations.preview(uow, journey, command)
        await migrations.start(uow, journey, command, actor="林经理")
    while await migrations.run_next(world.tenant):
        pass
    return foretold


async def test_timers_are_recomputed_and_do_not_ring_at_once(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", rest=wait(2 * DAY, "out"), out=END))
    early = [f"早{number}" for number in range(12)]
    for user in early:
        await world.acts(user)
    await world.run()
    world.later(hours=10)
    await world.acts("晚")
    await world.run()
    await republish(world, journey, graph("Product Viewed", rest=wait(6 * HOUR, "out"), out=END))

    foretold = await migrate(world, journey, MigrateJourney(before=1, spread_s=HOUR))
    [node] = foretold.nodes
    assert (node.node, node.people, node.to, node.keeps, node.at_once) == ("rest", 13, "rest", False, 12)
    rows = await world.rows(
        "SELECT due_at, entered_node_at FROM enrolment WHERE tenant_id = :tenant AND version = 2"
    )
    due = sorted(row.due_at for row in rows)
    assert len(rows) == 13
    assert len(set(due[:12])) == 12
    assert world.now <= due[0] < due[11] <= world.now + timedelta(hours=1)
    assert due[12] == world.now + timedelta(hours=6)  # Counted from when they came.
    world.later(hours=1)
    await world.run()
    assert await world.totals(journey) == (13, 1, 12, 0)
    assert await world.path(journey, "早0") == [("rest", "migrated"), ("rest", "next"), ("out", "end")]
    await world.check()


async def test_a_stay_that_does_not_change_goes_on_untouched(world: World) -> None:
    bought = until("Order Completed", DAY, "out", "out")
    journey = await world.publish(graph("Product Viewed", bought=bought, out=END))
    await world.acts("安")
    await world.acts("柏")
    await world.run()
    await world.order("pause", journey)
    await world.acts("安", "Order Completed")  # Noted, and not yet moved on by it.
    world.later(hours=5)
    renamed = {**bought, "label": "等下单", "matched": "thanks"}
    await republish(world, journey, graph("Product Viewed", bought=renamed, thanks=END, out=END))
    foretold = await migrate(world, journey, MigrateJourney(before=1))
    assert [(node.keeps, node.at_once) for node in foretold.nodes] == [(True, 0)]
    await world.order("resume", journey)
    await world.run()
    assert await world.path(journey, "安") == [
        ("bought", "migrated"),
        ("bought", "matched"),
        ("thanks", "end"),
    ]
    await world.acts("柏", "Order Completed")
    await world.run()
    assert await world.totals(journey) == (2, 0, 2, 0)
    await world.check()


async def test_people_go_on_where_they_are_sent_or_leave(world: World) -> None:
    first = graph("Product Viewed", rest=wait(DAY, "two"), two=wait(DAY, "out"), out=END)
    journey = await world.publish(first)
    await world.acts("安")
    await world.run()
    world.later(days=1)
    await world.acts("柏")
    await world.run()
    assert await world.waiting(journey) == {"rest": 1, "two": 1}
    await republish(
        world,
        journey,
        graph(
            "Product Viewed",
            greet=say("你好", "bought"),
            bought=until("Order Completed", 9 * DAY, "out", "out"),
            out=END,
        ),
    )
    with pytest.raises(NoSuchTarget):
        await migrate(world, journey, MigrateJourney(before=1, nodes={"rest": "nowhere"}))
    with pytest.raises(VersionNotFound):
        await migrate(world, journey, MigrateJourney(before=2))
    await migrate(world, journey, MigrateJourney(before=1, nodes={"rest": "bought", "two": None}))
    await world.run()
    assert await world.path(journey, "安") == [("rest", "next"), ("two", "node_removed")]
    assert await world.waiting(journey) == {"bought": 1}
    await world.acts("柏", "Order Completed")
    await world.run()
    assert await world.totals(journey) == (2, 0, 1, 1)
    async with world.brand.uows.app(world.tenant) as uow:
        [done] = (await Migrations(world.brand.uows).list_of(uow, journey)).items
    assert (done.state.value, done.people, done.moved, done.let_out) == ("done", 2, 1, 1)
    assert (done.actor, done.finished_at) == ("林经理", world.now)
    await world.check()


async def test_one_at_a_time_and_none_of_an_ended_journey(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", rest=wait(DAY, "out"), out=END))
    await world.acts("安")
    await world.run()
    await republish(world, journey, graph("Product Viewed", rest=wait(HOUR, "out"), out=END))
    migrations = Migrations(world.brand.uows)
    async with world.brand.uows.app(world.tenant) as uow:
        await migrations.start(uow, journey, MigrateJourney(before=1), actor="")
        with pytest.raises(MigrationRunning):
            await migrations.start(uow, journey, MigrateJourney(before=1), actor="")
    await world.order("stop", journey)
    assert await migrations.run_next(world.tenant) == 1
    assert await migrations.run_next(world.tenant) == 0
    async with world.brand.uows.app(world.tenant) as uow:
        [cancelled] = (await migrations.list_of(uow, journey)).items
    assert (cancelled.state.value, cancelled.moved) == ("cancelled", 0)
    await world.run()
    await world.check()


@pytest.mark.parametrize("seed", range(6))
async def test_nobody_is_lost_and_nobody_moved_twice(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random versions, places and maps; parts that crash, and an engine that goes on in between."""
    luck = random.Random(seed)
    old, new = drawn(luck, "a"), drawn(luck, luck.choice("ab"))
    journey = await world.publish(old)
    users = [f"人{number}" for number in range(18)]
    for user in users:
        await world.acts(user)
        if luck.random() < 0.3:
            await world.run()
            world.later(hours=luck.randint(1, 30))
        if luck.random() < 0.2:
            await world.acts(luck.choice(users), "Order Completed")
    await world.run()
    await republish(world, journey, new)
    places: list[str | None] = [*new["nodes"], None]
    nodes = {node: luck.choice(places) for node in old["nodes"] if luck.random() < 0.8}
    command = MigrateJourney(before=1, nodes=nodes, spread_s=luck.choice([0, HOUR, DAY]))
    on_the_way = sum((await world.waiting_in(journey, 1)).values())
    async with world.brand.uows.app(world.tenant) as uow:
        foretold = await Migrations(world.brand.uows).preview(uow, journey, command)
        await Migrations(world.brand.uows).start(uow, journey, command, actor="")
    assert foretold.people == on_the_way

    note = queries.note_progress
    while True:
        migrations = Migrations(world.brand.uows, part=luck.randint(1, 5))  # A process of its own each time.
        if luck.random() < 0.4:
            monkeypatch.setattr(queries, "note_progress", _crash)
            with suppress(RuntimeError):  # Where nothing was left to do, nothing dies.
                await migrations.run_next(world.tenant)
            monkeypatch.setattr(queries, "note_progress", note)
        if not await migrations.run_next(world.tenant):
            break
        if luck.random() < 0.3:
            world.later(hours=luck.randint(1, 12))
            await world.run()
        if luck.random() < 0.3:
            await world.acts(luck.choice(users), "Order Completed")
        await world.check()
    async with world.brand.uows.app(world.tenant) as uow:
        [done] = (await Migrations(world.brand.uows).list_of(uow, journey)).items
    assert done.moved + done.let_out <= done.people
    moves = await world.rows(
        "SELECT count(*) AS moves, count(DISTINCT enrolment_id) AS people FROM journey_step "
        "WHERE tenant_id = :tenant AND outcome = 'migrated'"
    )
    assert (moves[0].moves, moves[0].people) == (done.moved, done.moved)
    assert await world.waiting_in(journey, 1) == {}
    for _ in range(12):
        world.later(days=3)
        await world.run()
    entered, active, completed, exited = await world.totals(journey)
    assert (entered, active, completed + exited) == (len(users), 0, len(users))
    await world.check()


async def _crash(*_: Any, **__: Any) -> None:
    raise RuntimeError("the process died")


def drawn(luck: random.Random, prefix: str) -> dict[str, Any]:
    """Draw a line of waits, waits for an event and conditions, which all come to an end."""
    names = [f"{prefix}{number}" for number in range(luck.randint(2, 5))]
    nodes: dict[str, Any] = {"out": END}
    for name, following in zip(names, [*names[1:], "out"], strict=True):
        nodes[name] = luck.choice(
            [
                wait(luck.randint(0, 60) * HOUR, following),
                until("Order Completed", luck.randint(1, 60) * HOUR, "out", following),
                ask({"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"}, "out", following),
            ]
        )
    return graph("Product Viewed", **{name: nodes[name] for name in names}, out=END)
