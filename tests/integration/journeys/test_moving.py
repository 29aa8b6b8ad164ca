"""Atomic moves: two engines, crashes, poison, a warehouse that is away, people who turn out to be one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from integration.journeys.world import END, World, ask, graph, say, until, wait
from quanyu.infra.warehouse import WarehouseUnavailable
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.journeys.queries import counts
from quanyu.modules.messaging.errors import OriginKeyConflict
from quanyu.modules.segments.errors import InvalidDefinition

ANYBODY = {"kind": "event", "name": "Product Viewed"}
HELLO = graph("Product Viewed", rest=wait(60, "hello"), hello=say("你好", "out"), out=END)


async def test_two_engines_at_once_move_everybody_once(world: World) -> None:
    journey = await world.publish(
        graph(
            "Product Viewed",
            seen=ask(ANYBODY, "hello", "out"),
            hello=say("你好", "rest"),
            rest=wait(60, "out"),
            out=END,
        )
    )
    users = [f"顾客{number}" for number in range(60)]
    await world.tell(*(world.event(user, "Product Viewed") for user in users))
    engines = [world.new_engine(claim_max=7) for _ in range(3)]
    for _ in range(12):
        await asyncio.gather(*(engine.run_tenant(world.tenant) for engine in engines))
    world.later(seconds=60)
    for _ in range(12):
        await asyncio.gather(*(engine.run_tenant(world.tenant) for engine in engines))
    assert await world.outcomes(journey) == {
        "seen": {"yes": 60},
        "hello": {"next": 60},
        "rest": {"next": 60},
        "out": {"end": 60},
    }
    assert len(await world.messages()) == 60
    await world.check()


async def test_a_crash_before_the_commit_leaves_everything_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JN-6: the old state or the new one; with the message, or without."""
    journey = await world.publish(HELLO)
    await world.meet("安")
    await world.acts("安")
    await world.run()
    world.later(seconds=60)
    before = await world.rows("SELECT * FROM enrolment WHERE tenant_id = :tenant")

    plan = world.messaging.plan

    async def plan_and_die(*args: Any) -> Any:
        await plan(*args)
        raise ConnectionResetError("the process is gone")

    monkeypatch.setattr(world.messaging, "plan", plan_and_die)
    with pytest.raises(ConnectionResetError):
        await world.engine.run_tenant(world.tenant)
    assert await world.rows("SELECT * FROM enrolment WHERE tenant_id = :tenant") == before
    assert await world.messages() == []
    assert await world.outcomes(journey) == {}
    monkeypatch.undo()
    await world.run()
    assert await world.path(journey, "安") == [("rest", "next"), ("hello", "next"), ("out", "end")]
    assert len(await world.messages()) == 1
    await world.check()


async def test_a_poisoned_passage_leaves_alone_and_everybody_else_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await world.publish(HELLO)
    users = [f"顾客{number}" for number in range(9)]
    people = await world.meet(*users)
    await world.tell(*(world.event(user, "Product Viewed") for user in users))
    await world.run()
    world.later(seconds=60)

    plan, poisoned = world.messaging.plan, {people[2], people[7]}

    async def plan_unless_poisoned(uow: Any, messages: Sequence[Any]) -> Any:
        if any(message.person_id in poisoned for message in messages):
            raise OriginKeyConflict("used before")
        return await plan(uow, messages)

    monkeypatch.setattr(world.messaging, "plan", plan_unless_poisoned)
    await world.run()
    assert await world.totals(journey) == (9, 0, 7, 2)
    assert await world.outcomes(journey) == {
        "rest": {"next": 7, "failed": 2},
        "hello": {"next": 7},
        "out": {"end": 7},
    }
    rows = await world.rows(
        "SELECT person_id, exit_reason FROM enrolment WHERE tenant_id = :tenant AND status = 'exited'"
    )
    assert sorted(tuple(row) for row in rows) == sorted((one, "failed") for one in poisoned)
    assert len(await world.messages()) == 7
    await world.check()


async def test_values_no_template_can_take_refuse_one_message_only(world: World) -> None:
    text = "{{ event.total | times: 2 }} {{ event.day | date: '%Y' }}"
    journey = await world.publish(graph("Product Viewed", hello=say(text, "out"), out=END))
    await world.meet("安", "柏")
    await world.writes("安", "柏")
    await world.acts("安", total="3", day="2026-03-04T00:00:00Z")
    await world.acts("柏", total={"nested": ["\0", 1]}, day="yesterday\0")
    await world.run()
    assert sorted(state for _, state, _ in await world.messages()) == ["refused", "reserved"]
    assert {reason for *_, reason in await world.messages()} == {None, "template_error"}
    assert await world.totals(journey) == (2, 0, 2, 0)


async def test_who_stands_before_a_condition_waits_while_the_warehouse_is_away(world: World) -> None:
    audience = _Audience(world, WarehouseUnavailable("away"))
    engine = world.new_engine(audience=audience)
    asking = await world.publish(graph("Product Viewed", seen=ask(ANYBODY, "out", "out"), out=END), "问")
    other = await world.publish(graph("Product Viewed", out=END), "不问")
    await world.acts("安")
    await world.run(engine)
    assert await world.totals(other) == (1, 0, 1, 0)
    assert await world.waiting(asking) == {"seen": 1}
    assert audience.asked == 1
    world.later(seconds=4)
    assert await world.run(engine) == 0  # Not over and over.
    audience.error = None
    world.later(seconds=1)
    await world.run(engine)
    assert await world.totals(asking) == (1, 0, 1, 0)
    await world.check()


async def test_a_question_that_is_none_lets_people_out(world: World) -> None:
    engine = world.new_engine(audience=_Audience(world, InvalidDefinition("no such kind")))
    journey = await world.publish(graph("Product Viewed", seen=ask(ANYBODY, "out", "out"), out=END))
    await world.tell(*(world.event(user, "Product Viewed") for user in ("安", "柏")))
    await world.run(engine)
    assert await world.outcomes(journey) == {"seen": {"failed": 2}}
    assert await world.totals(journey) == (2, 0, 0, 2)
    await world.check()


async def test_a_long_row_of_conditions_is_walked_to_its_end(world: World) -> None:
    nodes = {f"c{n}": ask(ANYBODY, f"c{n + 1}" if n < 69 else "out", "out") for n in range(70)}
    journey = await world.publish(graph("Product Viewed", **nodes, out=END))
    await world.acts("安")
    await world.run()
    assert len(await world.path(journey, "安")) == 71


async def test_everybody_at_a_condition_is_asked_about_at_once(world: World) -> None:
    audience = _Audience(world)
    await world.publish(graph("Product Viewed", seen=ask(ANYBODY, "out", "out"), out=END))
    await world.tell(*(world.event(f"顾客{n}", "Product Viewed") for n in range(50)))
    await world.run(world.new_engine(audience=audience))
    assert audience.asked == 1


async def test_a_journey_with_many_people_does_not_hold_up_another(world: World) -> None:
    crowd = await world.publish(graph("Product Viewed", rest=wait(1, "out"), out=END), "人多")
    await world.tell(*(world.event(f"顾客{n}", "Product Viewed") for n in range(40)))
    few = await world.publish(graph("Quiz Done", out=END), "人少")
    await world.acts("安", "Quiz Done")
    await world.new_engine(claim_max=10).run_tenant(world.tenant)
    assert await world.totals(few) == (1, 0, 1, 0)
    assert await world.totals(crowd) == (40, 40, 0, 0)


async def test_a_brand_that_fails_does_not_hold_up_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await world.publish(graph("Product Viewed", out=END))
    await world.acts("安")
    engine = world.new_engine()
    other, serve = TenantId(1), engine._serve
    look = engine._look

    async def look_and_find_another() -> Any:
        due, next_s = await look()
        return {other: [], **due}, next_s

    async def serve_unless_broken(tenant_id: TenantId, due: Any) -> int:
        if tenant_id == other:
            raise RuntimeError("broken")
        return await serve(tenant_id, due)

    monkeypatch.setattr(engine, "_look", look_and_find_another)
    monkeypatch.setattr(engine, "_serve", serve_unless_broken)
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    async with asyncio.timeout(20):
        while (await world.totals(journey))[2] != 1:  # noqa: ASYNC110 - the database is what we wait for.
            await asyncio.sleep(0.01)
    stop.set()
    await running


async def test_the_running_engine_is_woken(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", rest=wait(5, "out"), out=END))
    stop = asyncio.Event()
    running = asyncio.create_task(world.engine.run(stop))
    await world.acts("安")
    world.engine.wake()
    async with asyncio.timeout(20):
        while not await world.waiting(journey):  # noqa: ASYNC110 - the database is what we wait for.
            await asyncio.sleep(0.01)
        world.later(seconds=5)
        while (await world.totals(journey))[2] != 1:  # noqa: ASYNC110 - the database is what we wait for.
            await asyncio.sleep(0.01)
    stop.set()
    await running


# --- people who turn out to be one ---


async def test_of_two_passages_of_one_person_the_more_advanced_goes_on(world: World) -> None:
    journey = await world.publish(
        graph(
            "Product Viewed",
            rest=wait(60, "bought"),
            bought=until("Order Completed", 3600, "out", "out"),
            out=END,
        )
    )
    await world.acts("安")
    await world.run()
    world.later(seconds=60)
    await world.run()
    await world.acts("?柏")
    await world.run()
    assert await world.waiting(journey) == {"rest": 1, "bought": 1}
    await world.login("安", "?柏")
    assert await world.waiting(journey) == {"bought": 1}
    assert await world.totals(journey) == (2, 1, 0, 1)
    await world.acts("?柏", "Order Completed")
    await world.run()
    assert await world.totals(journey) == (2, 0, 1, 1)
    assert (await world.outcomes(journey))["rest"] == {"next": 1, "merged": 1}
    await world.check()


async def test_merges_never_collide(world: World) -> None:
    """Three who all entered, left, and came again under the same occasion; twice merged, told twice."""
    again = {"kind": "event", "event": "Product Viewed", "reentry": {"mode": "after_exit"}, "entry_key": "k"}
    journey = await world.publish(graph(again, out=END))
    for _ in range(3):
        world.later(seconds=5)
        for user in ("安", "?柏", "?陈"):
            await world.acts(user, k="1")
            await world.acts(user, k="2")
        await world.run()
    async with world.brand.uows.system(world.tenant) as uow:
        await uow.execute(
            "UPDATE enrolment SET cause = 'publish:' || ordinal || entry_key WHERE tenant_id = :tenant",
            {"tenant": world.tenant},
        )
    await world.login("安", "?柏")
    await world.login("安", "?陈")
    person = await world.person("安")
    async with world.brand.uows.system(world.tenant) as uow:
        await world.journeys.follow_merges(uow, [(person + 1, person), (person, person)])
    rows = await world.rows(
        "SELECT person_id, entry_key, array_agg(ordinal ORDER BY ordinal) FROM enrolment "
        "WHERE tenant_id = :tenant GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert [tuple(row) for row in rows] == [(person, "1", [*range(1, 10)]), (person, "2", [*range(1, 10)])]
    assert await world.totals(journey) == (18, 0, 18, 0)
    world.later(seconds=5)
    await world.acts("?陈", k="1")
    await world.run()
    assert (await world.totals(journey))[0] == 19
    await world.check()


async def test_chains_of_merges_lead_to_the_last(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", rest=wait(60, "out"), out=END))
    await world.meet("安", "?柏", "?陈")
    a, b, c = [await world.person(user) for user in ("安", "?柏", "?陈")]
    await world.tell(*(world.event(user, "Product Viewed") for user in ("安", "?柏", "?陈")))
    async with world.brand.uows.system(world.tenant) as uow:
        await world.journeys.follow_merges(uow, [(b, a), (c, b)])
    rows = await world.rows("SELECT person_id, status FROM enrolment WHERE tenant_id = :tenant ORDER BY 2")
    assert [tuple(row) for row in rows] == [(a, "active"), (a, "exited"), (a, "exited")]
    assert await world.totals(journey) == (3, 1, 0, 2)


async def test_an_event_seen_before_a_merge_counts_for_who_they_are_now(world: World) -> None:
    journey = await world.publish(
        graph("Product Viewed", bought=until("Order Completed", 3600, "out", "out"), out=END)
    )
    await world.acts("安")
    await world.acts("?柏", "Order Completed")
    await world.login("安", "?柏")
    await world.run()
    assert await world.path(journey, "安") == [("bought", "matched"), ("out", "end")]


async def test_who_was_merged_in_the_moment_they_entered_goes_under_their_present_name(
    world: World,
) -> None:
    journey = await world.publish(graph("Product Viewed", hello=say("你好", "out"), out=END))
    await world.meet("安", "?柏")
    before = {await world.person("安"), await world.person("?柏")}
    person = await world.login("安", "?柏")
    (old,) = before - {person}
    await world.acts("安")
    async with world.brand.uows.system(world.tenant) as uow:  # As if the subscriber had not known yet.
        await uow.execute(
            "UPDATE enrolment SET person_id = :old WHERE tenant_id = :tenant",
            {"old": old, "tenant": world.tenant},
        )
    await world.run()
    rows = await world.rows("SELECT person_id FROM message_intent WHERE tenant_id = :tenant")
    assert [row[0] for row in rows] == [person]
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_a_question_answered_for_somebody_else_by_now_is_asked_again(world: World) -> None:
    journey = await world.publish(
        graph("Product Viewed", seen=ask(ANYBODY, "hello", "out"), hello=say("你好", "out"), out=END)
    )
    await world.meet("安", "?柏")
    await world.acts("?柏")
    audience = _Audience(world)

    async def merge() -> None:
        await world.login("安", "?柏")

    audience.meanwhile = merge
    await world.run(world.new_engine(audience=audience))
    person = await world.person("?柏")
    rows = await world.rows("SELECT person_id FROM message_intent WHERE tenant_id = :tenant")
    assert [row[0] for row in rows] == [person]
    assert await world.totals(journey) == (1, 0, 1, 0)


async def test_the_check_sees_a_wrong_sum_and_a_wrong_passage(world: World) -> None:
    journey = await world.publish(graph("Product Viewed", out=END))
    await world.acts("安")
    await world.run()
    await world.check()
    async with world.brand.uows.system(world.tenant) as uow:
        await uow.execute(
            "UPDATE journey_node_count SET count = 5 WHERE tenant_id = :tenant AND outcome = 'end'",
            {"tenant": world.tenant},
        )
        await uow.execute("UPDATE enrolment SET seq = 7 WHERE tenant_id = :tenant", {"tenant": world.tenant})
        assert len(await counts.list_wrong_sums(uow, 10)) == 1
    async with world.brand.uows.app(world.tenant) as uow:
        wrong = await world.journeys.check_counts(uow)
    assert [(type(one).__name__, one.journey_id) for one in wrong] == [
        ("WrongCount", encode_id("jrn", journey)),
        ("WrongPassage", encode_id("jrn", journey)),
    ]


class _Audience:
    """The real one, with an error or something that happens meanwhile."""

    def __init__(self, world: World, error: Exception | None = None) -> None:
        self._real = world.audience
        self.error = error
        self.asked = 0
        self.meanwhile: Any = None

    async def among(
        self, tenant_id: TenantId, test: Mapping[str, Any], person_ids: Sequence[PersonId]
    ) -> frozenset[int]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        answer = await self._real.among(tenant_id, test, person_ids)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
