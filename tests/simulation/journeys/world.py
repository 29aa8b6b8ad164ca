"""One brand on a virtual clock: people go through a random graph while processes die and the channel sulks.

Real: the subscriber, the engine, the governor, the outbox, the dispatcher, the log, PostgreSQL. Made up: who
is in a segment, who follows, and the platform.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from integration.messaging.world import ACCOUNT, Neighbours, Reachable
from property.journeys.graphs import Known, answers, make_graph, make_history
from property.journeys.reference import Event, Passage, Story
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.events.service import Log
from quanyu.modules.journeys.changing import Changer
from quanyu.modules.journeys.engine import Engine
from quanyu.modules.journeys.guard import AbandonedPassages
from quanyu.modules.journeys.ports import ChangeOf
from quanyu.modules.journeys.queries import counts, journeys
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.rules import origin_key
from quanyu.modules.journeys.subscribers import JourneySubscriber
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.contracts import TemplateRecord
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.people.consent.service import Consent
from simulation.journeys.channel import MoodyChannel
from simulation.journeys.crashes import Crash, MortalUnits

T0 = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
PEOPLE = range(1, 4)
DIES_ONE_IN = 16
TRIES_MAX = 200
SAID = {
    "account_id": encode_id("oac", ACCOUNT),
    "message_kind": "template",
    "content": {"template_id": "notice", "data": {"thing": "第 {{ event.position }} 件"}},
}
# Real time plays no part: nothing is throttled, no lane is stopped, one call at a time.
SETTINGS = DispatcherSettings(
    concurrency=1, housekeep_every_s=1e-9, recover_every_s=1e-9, breaker_threshold=1_000_000
)


class _Audience:
    async def among(
        self, tenant_id: TenantId, test: Mapping[str, Any], person_ids: Sequence[PersonId]
    ) -> frozenset[int]:
        await asyncio.sleep(0)
        return frozenset(person for person in person_ids if answers(test, person))


class Simulation:
    """One seed: a graph, a history, and where the processes die."""

    def __init__(self, seed: int, tenant: TenantId, database: Database, keys: KeyRing) -> None:
        self.random = Random(seed)
        self.tenant = tenant
        self.database = database
        self.clock = FixedClock(T0)
        deaths = Random(f"{seed}:deaths")
        self.uows = MortalUnits(database, self.clock, deaths, one_in=DIES_ONE_IN)
        log = Log()
        self.uows.write_facts_with(
            Intake(log, Collector(log, database.connect_system, self.clock), keys).write_facts
        )
        self.channel = MoodyChannel(seed, self.clock)
        self.sealer = Sealer(keys)
        self.neighbours = Neighbours()
        for person in PEOPLE:
            self.neighbours.recipients[PersonId(person)] = Reachable(f"openid-{tenant}-{person}")
        self.graph = self._telling_graph()
        self.journey_id = seed + 1  # By which people draw at random splits: the same seed, the same draws.
        self.story = Story(self.graph, answers, self.journey_id)
        self.over: dict[int, int] = {}  # By place in the story: the moment a rule ended the passage.
        self.trace = sha256()
        self.start_processes()

    def _telling_graph(self) -> dict[str, Any]:
        """Draw graphs until one has something to say."""
        while True:
            graph = make_graph(self.random, SAID)
            if any(node["kind"] == "send" for node in graph["nodes"].values()):
                return graph

    # --- processes ---

    def start_processes(self) -> None:
        """Begin anew, knowing nothing but what was committed."""
        ports = MessagingPorts(
            recipients=self.neighbours,
            variables=self.neighbours,
            zones=self.neighbours,
            consent=LedgerConsent(Consent()),
        )
        self.messaging = Messaging(ports, self.sealer)
        self.messaging.add_guard(AbandonedPassages())
        self.subscriber = JourneySubscriber(lambda: None)
        self.engine = Engine(
            self.uows,
            _Audience(),  # type: ignore[arg-type]
            self.messaging,
            Known(),
            claim_max=self.random.choice((1, 2, 3, 50)),
        )

    async def surviving(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do some work until it was done without dying; each death is a new start."""
        self.uows.deadly = True
        try:
            for _ in range(TRIES_MAX):
                try:
                    await work()
                except Crash as crash:
                    self.note("died", str(crash))
                    self.start_processes()
                    await self._let_leases_run_out()
                else:
                    return
        finally:
            self.uows.deadly = False
        raise AssertionError("it never lived long enough")

    async def _let_leases_run_out(self) -> None:
        """Whoever stood before a condition when the engine died is asked again; no time passes by it here."""
        nodes = self.graph["nodes"].items()
        conditions = [name for name, node in nodes if node["kind"] in ("condition", "split")]
        self.uows.deadly = False
        async with self.uows.system(self.tenant) as uow:
            await uow.execute(
                "UPDATE enrolment SET due_at = :now WHERE tenant_id = :tenant AND status = 'active' "
                "AND node = ANY(:nodes)",
                {"now": self.clock.now(), "tenant": self.tenant, "nodes": conditions},
            )
        self.uows.deadly = True

    async def _change(self) -> None:
        while await Changer(self.uows, Noted()).run_once(self.tenant):
            pass

    def note(self, *what: object) -> None:
        """Add to the trace."""
        self.trace.update(repr((*what, self.seconds())).encode())

    def seconds(self) -> float:
        return (self.clock.now() - T0).total_seconds()

    # --- the story ---

    async def play(self) -> None:
        """Let everything happen, and the channel's last doubts be settled."""
        await self._publish()
        history = make_history(self.random)
        heard = 0
        looks = {float(self.random.randint(0, 80) * 10) for _ in range(8)}
        for now in sorted({event.at for event in history} | looks | {4100.0, 9000.0, 20_000.0}):
            self.clock.advance(T0 + timedelta(seconds=now) - self.clock.now())
            due = [event for event in history[heard:] if event.at <= now]
            if self.random.random() < 0.3:
                continue  # The pipeline lags behind, and nobody looks.
            heard += len(due)
            await self._hear(due, now)
            if self.random.random() < 0.7:
                await self.surviving(self._look)
                self.story.look(now)
            if self.random.random() < 0.7:
                await self.surviving(self._send)
            if self.random.random() < 0.7:
                await self.surviving(self._change)
        await self.surviving(self._send)
        await self.surviving(self._change)

    async def _publish(self) -> None:
        async with self.uows.system(self.tenant) as uow:
            record = TemplateRecord(account_id=ACCOUNT, template_id="notice", title="通知", fields=("thing",))
            await self.messaging.replace_templates(uow, ACCOUNT, [record])
            row = JourneyRow(self.journey_id, "x", "draft", self.graph, 0, T0, T0)
            await journeys.insert(uow, row)
            await journeys.publish_version(
                uow, row, self.graph, entry=("event", "Start"), lets_in=False, now=T0
            )

    async def _hear(self, events: Sequence[Event], now: float) -> None:
        """Tell of events in parts: out of order within one, some twice, and again after each death."""
        due = list(events)
        while due:
            part = due[: self.random.randint(1, len(due))]
            due = due[len(part) :]
            told = [_log_event(event) for event in part]
            self.random.shuffle(told)
            for _ in range(self.random.choice((1, 1, 1, 2))):
                await self.surviving(lambda those=tuple(told): self._tell(those))  # type: ignore[misc]
            for event in part:
                self.story.hear(event, now)
            self._moment("heard", [event.position for event in part])
            for place, passage in enumerate(self.story.passages):
                if passage.over_by is not None:
                    self.over.setdefault(place, self.channel.moment)

    async def _tell(self, events: Sequence[LogEvent]) -> None:
        async with self.uows.system(self.tenant) as uow:
            await self.subscriber.apply(uow, events, None)

    async def _look(self) -> None:
        while await self.engine.run_tenant(self.tenant):
            pass
        self._moment("looked")

    async def _send(self) -> None:
        outbox = Outbox(self.messaging.governor, self.neighbours, self.sealer, retry_max=SETTINGS.retry_max)
        lease = WorkerLease(self.database)

        async def tenants() -> Sequence[TenantId]:
            return [self.tenant]

        self._moment("sends")
        dispatcher = Dispatcher(self.uows, outbox, self.channel, lease, tenants, SETTINGS)
        try:
            await dispatcher.run_until_idle()
        finally:
            await asyncio.gather(*dispatcher._tasks, return_exceptions=True)
            await lease.release()

    def _moment(self, *what: object) -> None:
        self.channel.moment += 1
        self.note(*what)

    # --- what came of it ---

    async def rows(self, sql: str) -> list[Any]:
        async with self.uows.system(self.tenant) as uow:
            return list(await uow.execute(sql, {"tenant": self.tenant}))

    async def check(self) -> None:
        """Nobody is lost, nothing doubled, nothing said to who had left, and all sums are right."""
        passages = await self._passages()
        await self._nobody_is_lost(passages)
        await self._messages_are_right(passages)
        await self._facts_are_stated_once()
        await self._changes_are_made_once(passages)
        async with self.uows.app(self.tenant) as uow:
            assert await counts.list_wrong_sums(uow, 10) == []
            assert await counts.list_wrong_passages(uow, 10) == []

    async def _passages(self) -> dict[int, int]:
        """Return the place in the story of each enrolment."""
        places: dict[tuple[int, int], int] = {}
        ordinals: dict[int, int] = {}
        for place, one in enumerate(self.story.passages):
            ordinals[one.person] = ordinals.get(one.person, 0) + 1
            places[one.person, ordinals[one.person]] = place
        found = await self.rows("SELECT id, person_id, ordinal FROM enrolment WHERE tenant_id = :tenant")
        assert sorted((row.person_id, row.ordinal) for row in found) == sorted(places)
        return {row.id: places[row.person_id, row.ordinal] for row in found}

    async def _nobody_is_lost(self, passages: Mapping[int, int]) -> None:
        steps: dict[int, list[tuple[int, str, float, float, str]]] = {one: [] for one in passages}
        for row in await self.rows(
            "SELECT enrolment_id, seq, node, entered_at, left_at, outcome FROM journey_step "
            "WHERE tenant_id = :tenant ORDER BY enrolment_id, seq"
        ):
            times = [(at - T0).total_seconds() for at in (row.entered_at, row.left_at)]
            steps[row.enrolment_id].append((row.seq, row.node, times[0], times[1], row.outcome))
        for row in await self.rows(
            "SELECT id, status, node, seq, over_by, goal_at FROM enrolment WHERE tenant_id = :tenant"
        ):
            one = self.story.passages[passages[row.id]]
            goal_at = None if row.goal_at is None else (row.goal_at - T0).total_seconds()
            found = (row.status, row.node, row.seq, row.over_by, goal_at, steps[row.id])
            assert found == (one.status, one.node, one.seq, one.over_by, one.goal_at, one.steps), self.graph
        for one in self.story.passages:
            self.note(_shown(one))

    async def _messages_are_right(self, passages: Mapping[int, int]) -> None:
        """JN-14: one intent per step that says something; what people got is no more, and not too late."""
        keys = {
            origin_key(enrolment, seq): (place, seq)
            for enrolment, place in passages.items()
            for seq, *_ in self.story.passages[place].sends
        }
        found = await self.rows(
            "SELECT id, origin_key, state, reason FROM message_intent WHERE tenant_id = :tenant"
        )
        assert sorted(row.origin_key for row in found) == sorted(keys)
        by_id = {row.id: row for row in found}
        got = {decode_id("msg", key): moments for key, moments in self.channel.effects.items()}
        assert set(got) <= set(by_id)
        for id_, row in by_id.items():
            place, seq = keys[row.origin_key]
            moments = got.get(id_, [])
            assert len(moments) <= 1, "said twice"
            if row.state in ("accepted", "delivered"):
                assert moments, "taken for said"
            if row.state in ("refused", "rejected", "reserved", "planned"):
                assert not moments or row.state == "reserved", "said, and not known of"
            if row.reason == "stopped":
                assert place in self.over, "held back from somebody who was still on the way"
            if moments and place in self.over:
                assert moments[0] < self.over[place], "said to somebody who had left"
            self.note(place, seq, bool(moments))

    async def _changes_are_made_once(self, passages: Mapping[int, int]) -> None:
        """Each step that changes somebody did it once, in the order of their steps."""
        expected = {
            encode_id("enr", enrolment): self.story.passages[place].changes
            for enrolment, place in passages.items()
        }
        found: dict[str, list[tuple[int, str]]] = {enrolment: [] for enrolment in expected}
        for row in await self.rows(
            "SELECT properties ->> 'key' AS key, properties ->> 'node' AS node FROM log_event "
            "WHERE tenant_id = :tenant AND name = 'test.changed' ORDER BY position"
        ):
            enrolment, seq = row.key.split(":")
            found[enrolment].append((int(seq), row.node))
        assert found == expected
        assert await self.rows("SELECT 1 FROM journey_change WHERE tenant_id = :tenant") == []

    async def _facts_are_stated_once(self) -> None:
        expected = []
        for one in self.story.passages:
            expected.append(("journeys.entered", one.person, None))
            if one.status != "active":
                expected.append(("journeys.left", one.person, one.steps[-1][4]))
            if one.goal_at is not None:
                expected.append(("journeys.goal_reached", one.person, None))
        stated = await self.rows(
            "SELECT name, person_id, properties ->> 'reason' FROM log_event WHERE tenant_id = :tenant "
            "AND name LIKE 'journeys.%'"
        )
        assert sorted(map(str, (tuple(row) for row in stated))) == sorted(map(str, expected))


class Noted:
    """Changes people by stating it each time: what is done twice is stated twice."""

    async def apply(self, uow: UnitOfWork, asked: ChangeOf) -> None:
        for key, person in asked.people.items():
            message = f"test.changed:{key}:{new_id()}"
            properties = {"key": key, "node": asked.node}
            uow.publish(
                Fact(
                    name="test.changed",
                    message_id=message,
                    occurred_at=asked.at,
                    person_id=person,
                    properties=properties,
                )
            )


def _shown(one: Passage) -> tuple[object, ...]:
    return (one.person, one.node, one.seq, one.status, one.over_by, one.goal_at, one.steps, one.sends)


def _log_event(event: Event) -> LogEvent:
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
