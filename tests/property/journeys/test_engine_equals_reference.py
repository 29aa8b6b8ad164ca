"""The engine on the real database, in any batches, ends where one person after the other would."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from property.journeys.graphs import Known, answers, make_graph, make_history
from property.journeys.reference import Event, Story
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, new_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.engine import Engine
from quanyu.modules.journeys.queries import counts, journeys
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.subscribers import JourneySubscriber
from quanyu.modules.messaging.contracts import PlanMessage

T0 = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
_TENANTS = itertools.count(700_000)
_LAST_EVENT_S = 800.0


class Audience:
    async def among(
        self, tenant_id: TenantId, test: Mapping[str, Any], person_ids: Sequence[PersonId]
    ) -> frozenset[int]:
        await asyncio.sleep(0)
        return frozenset(person for person in person_ids if answers(test, person))


class Postbox:
    """Takes messages in the transaction of the move, as messaging does."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.messages: dict[str, tuple[int, str, float, int | None]] = {}

    async def plan(self, uow: UnitOfWork, messages: Sequence[PlanMessage]) -> None:
        at = seconds(self._clock.now())
        for message in messages:
            _, passage, seq = message.origin_key.split(":")
            matched = message.variables["matched"].get("position")
            step = (int(seq), str(message.node_id), at, matched)

            def note(key: str = f"{decode_id('enr', passage)}:{seq}", step: Any = step) -> None:
                assert key not in self.messages, "planned twice"
                self.messages[key] = step

            uow.after_commit(note)


def seconds(at: datetime) -> float:
    return (at - T0).total_seconds()


class Case:
    """One graph, one history, one way of looking."""

    def __init__(self, random: Random, database: Database) -> None:
        self.random = random
        self.graph = make_graph(random)
        self.clock = FixedClock(T0)
        self.uows = UnitOfWorkFactory(database, self.clock)
        self.uows.write_facts_with(self._state)
        self.facts: dict[str, Fact] = {}
        self.tenant = TenantId(next(_TENANTS))
        self.postbox = Postbox(self.clock)
        self.subscriber = JourneySubscriber(lambda: None)
        self.journey_id = new_id()
        self.story = Story(self.graph, answers, self.journey_id)

    def engine(self) -> Engine:
        return Engine(
            self.uows,
            Audience(),  # type: ignore[arg-type]
            self.postbox,  # type: ignore[arg-type]
            Known(),
            claim_max=self.random.choice((1, 2, 3, 50)),
        )

    async def publish(self) -> None:
        async with self.uows.system(self.tenant) as uow:
            row = JourneyRow(self.journey_id, "x", "draft", self.graph, 0, T0, T0)
            await journeys.insert(uow, row)
            await journeys.publish_version(
                uow, row, self.graph, entry=("event", "Start"), lets_in=False, now=T0
            )

    async def play(self) -> None:
        """Let time pass: hear of events in parts, and look now and then, with one engine or two."""
        history = make_history(self.random)
        heard = 0
        for now in sorted({event.at for event in history} | set(self._looks())):
            self.clock.advance(T0 + timedelta(seconds=now) - self.clock.now())
            due = [event for event in history[heard:] if event.at <= now]
            # What was heard is remembered for an hour for those on their way to wait for it (``CATCH_UP``).
            must_look = now > _LAST_EVENT_S
            is_late = self.random.random() < 0.4  # The pipeline lags behind; it does not look, either.
            if is_late and not must_look:
                continue
            heard += len(due)
            while due:
                part = due[: self.random.randint(1, len(due))]
                due = due[len(part) :]
                await self._tell(part)
                for event in part:
                    self.story.hear(event, now)
            if self.random.random() < 0.7 or must_look:
                await self._look()
                self.story.look(now)

    def _looks(self) -> list[float]:
        return [float(self.random.randint(0, 80) * 10) for _ in range(12)] + [4100.0, 9000.0, 20_000.0]

    async def _look(self) -> None:
        engines = [self.engine() for _ in range(self.random.randint(1, 2))]
        while any(await asyncio.gather(*(engine.run_tenant(self.tenant) for engine in engines))):
            pass

    async def _tell(self, events: Sequence[Event]) -> None:
        told = [self._log_event(event) for event in events]
        parts = [told]
        if self.random.random() < 0.2:
            # Told twice, it happened once. The log never tells something again after what came later.
            parts = [[event] for event in told for _ in range(2)]
        for part in parts:
            async with self.uows.system(self.tenant) as uow:
                await self.subscriber.apply(uow, part, None)

    def _log_event(self, event: Event) -> LogEvent:
        at = T0 + timedelta(seconds=event.at)
        return LogEvent(
            position=event.position,
            person_id=PersonId(event.person),
            kind="track",
            name=event.name,
            occurred_at=at,
            received_at=at,
            source="test",
            message_id=str(event.position),
            properties={"position": event.position},
        )

    async def compare(self) -> None:
        found = await self._found()
        expected = {}
        ordinals: dict[int, int] = {}
        for one in self.story.passages:
            ordinals[one.person] = ordinals.get(one.person, 0) + 1
            place = (one.status, one.node, one.seq, one.at, one.over_by, one.goal_at)
            expected[one.person, ordinals[one.person]] = (place, one.steps, one.sends, one.changes)
        assert found == expected, self.graph
        async with self.uows.app(self.tenant) as uow:
            assert await counts.list_wrong_sums(uow, 10) == []
            assert await counts.list_wrong_passages(uow, 10) == []
        stated = [
            (fact.name, int(fact.person_id or 0), str(fact.properties.get("reason", "")))
            for fact in self.facts.values()
        ]
        assert sorted(stated) == self._expected_facts()

    def _expected_facts(self) -> list[tuple[str, int, str]]:
        """Everybody's comings, goings and goals are stated once (D7)."""
        stated = []
        for one in self.story.passages:
            stated.append(("journeys.entered", one.person, ""))
            if one.status != "active":
                stated.append(("journeys.left", one.person, one.steps[-1][4]))
            if one.goal_at is not None:
                stated.append(("journeys.goal_reached", one.person, ""))
        return sorted(stated)

    async def _state(self, uow: UnitOfWork, facts: Sequence[Fact]) -> None:
        """Take facts in the transaction that states them, as the log does: once by their name."""

        def note(those: Sequence[Fact] = tuple(facts)) -> None:
            for fact in those:
                assert self.facts.setdefault(fact.message_id, fact) == fact

        uow.after_commit(note)

    async def _found(self) -> dict[tuple[int, int], Any]:
        found = {}
        async with self.uows.app(self.tenant) as uow:
            rows = await uow.execute(
                "SELECT id, person_id, ordinal, status, node, seq, entered_node_at, over_by, "
                "goal_at FROM enrolment "
                "WHERE tenant_id = :tenant",
                {"tenant": self.tenant},
            )
            for row in rows:
                steps = await uow.execute(
                    "SELECT seq, node, entered_at, left_at, outcome FROM journey_step "
                    "WHERE tenant_id = :tenant AND enrolment_id = :id ORDER BY seq",
                    {"tenant": self.tenant, "id": row.id},
                )
                changed = await uow.execute(
                    "SELECT seq, node FROM journey_change "
                    "WHERE tenant_id = :tenant AND enrolment_id = :id ORDER BY seq",
                    {"tenant": self.tenant, "id": row.id},
                )
                sends = sorted(
                    step for key, step in self.postbox.messages.items() if key.startswith(f"{row.id}:")
                )
                found[row.person_id, row.ordinal] = (
                    (
                        row.status,
                        row.node,
                        row.seq,
                        seconds(row.entered_node_at),
                        row.over_by,
                        row.goal_at and seconds(row.goal_at),
                    ),
                    [(s.seq, s.node, seconds(s.entered_at), seconds(s.left_at), s.outcome) for s in steps],
                    sends,
                    [(one.seq, one.node) for one in changed],
                )
        return found


async def check(database: Database, seed: int) -> None:
    case = Case(Random(seed), database)
    await case.publish()
    await case.play()
    await case.compare()


_COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=40, derandomize=True, **_COMMON)
@given(seed=st.integers(0, 2**32))
async def test_batches_end_where_one_after_the_other_would(database: Database, seed: int) -> None:
    await check(database, seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=150, **_COMMON)
@given(seed=st.integers(0, 2**32))
async def test_many_batches_end_where_one_after_the_other_would(database: Database, seed: int) -> None:
    await check(database, seed)
