"""Dead letters on the real engines: found with their event, taken later, or kept with the new error."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.pipeline.dead_letters import (
    DeadLetters,
    LetterState,
    Replayed,
    UnknownLetter,
    UnknownSubscriber,
    Which,
)
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.events.service import Log
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver

AT = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


class NothingFollows:
    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        """Only the pipeline is under test here."""


class Choosy:
    """A subscriber that cannot take some events, and writes down in the database what it took."""

    name = "choosy"
    after = ()

    def __init__(self, *poison: str) -> None:
        self.poison: dict[str, Exception] = {one: ZeroDivisionError() for one in poison}
        self.seen: list[LogEvent] = []

    def wants(self, event_name: str) -> bool:
        return True

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> int:
        return len(events)

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        assert prepared == len(events)
        for event in events:
            # Written before the failure, so that a transaction that is not rolled back shows.
            await uow.execute(
                "INSERT INTO log_cursor (tenant_id, consumer, updated_at) VALUES (:tenant, :effect, :now)",
                {"tenant": uow.tenant_id, "effect": f"effect {event.message_id}", "now": uow.clock.now()},
            )
            if event.message_id in self.poison:
                raise self.poison[event.message_id]
        self.seen += events


async def merged_into_seven(uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, PersonId]:
    return {person_id: PersonId(7) for person_id in person_ids}


@pytest.fixture
def choosy() -> Choosy:
    return Choosy("e1", "e4")


@pytest.fixture
def letters(uows: UnitOfWorkFactory, choosy: Choosy) -> DeadLetters:
    return DeadLetters(uows, [choosy], merged_into_seven)


@pytest.fixture
async def taken(
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    clock: FixedClock,
    key_ring: KeyRing,
    tenant_id: TenantId,
    choosy: Choosy,
) -> None:
    """Six events went through; the second and the fifth were put aside."""
    log = Log()
    intake = Intake(log, Collector(log, database.connect_system, clock), key_ring)
    events = [
        IntakeEvent(
            kind="track",
            name=f"Event {number}",
            source="web",
            message_id=f"e{number}",
            occurred_at=AT + timedelta(seconds=number),
            identifiers=(FactIdentifier(namespace="user_id", scope="", value=f"u{number}"),),
            properties={"number": number},
        )
        for number in range(6)
    ]
    async with uows.system(tenant_id) as uow:
        await intake.append(uow, events)
    steps: list[Resolve | Store | React] = [
        Resolve(uows, Resolver(key_ring), NothingFollows()),
        Store(uows, warehouse, ProfileCopier(uows, warehouse)),
        React(uows, choosy, merged_into_seven, BatchNames()),
    ]
    for step in steps:
        while await step.run_once(tenant_id):
            pass
    assert sorted(event.message_id for event in choosy.seen) == ["e0", "e2", "e3", "e5"]
    choosy.seen.clear()


async def _effects(uows: UnitOfWorkFactory, tenant: TenantId) -> int:
    async with uows.system(tenant) as uow:
        rows = await uow.execute(
            "SELECT count(*) FROM log_cursor WHERE tenant_id = :t AND consumer LIKE 'effect %'", {"t": tenant}
        )
        return int(rows.scalar_one())


@pytest.mark.usefixtures("taken")
async def test_letters_are_listed_with_the_event_they_hold(
    letters: DeadLetters, tenant_id: TenantId, clock: FixedClock
) -> None:
    first = await letters.list_letters(tenant_id, limit=1)
    assert first.next_cursor is not None
    second = await letters.list_letters(tenant_id, limit=1, cursor=first.next_cursor)
    assert second.next_cursor is None
    found = [*first.items, *second.items]
    assert [(one.subscriber, one.event_name, one.occurred_at, one.error) for one in found] == [
        ("choosy", "Event 1", AT + timedelta(seconds=1), "ZeroDivisionError"),
        ("choosy", "Event 4", AT + timedelta(seconds=4), "ZeroDivisionError"),
    ]
    assert all(one.person_id and one.failed_at == clock.now() and one.replayed_at is None for one in found)
    assert (await letters.list_letters(tenant_id, subscriber="other")).items == ()
    assert (await letters.list_letters(TenantId(tenant_id + 500))).items == ()


@pytest.mark.usefixtures("taken")
async def test_a_letter_is_taken_once_after_the_cause_is_gone(
    letters: DeadLetters, uows: UnitOfWorkFactory, tenant_id: TenantId, choosy: Choosy, clock: FixedClock
) -> None:
    del choosy.poison["e1"]
    clock.advance(timedelta(minutes=5))
    assert await letters.replay(tenant_id) == Replayed(replayed=1, failed=1, pending=1)
    (event,) = choosy.seen
    assert (event.message_id, event.person_id, event.properties) == ("e1", 7, {"number": 1})
    assert await _effects(uows, tenant_id) == 5

    (waiting,) = (await letters.list_letters(tenant_id)).items
    assert (waiting.event_name, waiting.failed_at) == ("Event 4", clock.now())
    (done,) = (await letters.list_letters(tenant_id, state=LetterState.REPLAYED)).items
    assert (done.event_name, done.replayed_at) == ("Event 1", clock.now())

    choosy.poison.clear()
    assert await letters.replay(tenant_id, subscriber="choosy") == Replayed(1, 0, 0)
    assert await letters.replay(tenant_id) == Replayed(0, 0, 0)
    assert [one.message_id for one in choosy.seen] == ["e1", "e4"]
    assert await _effects(uows, tenant_id) == 6


@pytest.mark.usefixtures("taken")
async def test_a_letter_that_fails_again_keeps_the_new_error_and_no_effect(
    letters: DeadLetters, uows: UnitOfWorkFactory, tenant_id: TenantId, choosy: Choosy
) -> None:
    choosy.poison["e1"] = KeyError("something personal")
    assert await letters.replay(tenant_id) == Replayed(0, 2, 2)
    page = await letters.list_letters(tenant_id)
    assert [one.error for one in page.items] == ["KeyError", "ZeroDivisionError"]
    assert await _effects(uows, tenant_id) == 4


@pytest.mark.usefixtures("taken")
async def test_what_is_only_away_changes_no_letter(
    letters: DeadLetters, tenant_id: TenantId, choosy: Choosy
) -> None:
    choosy.poison["e1"] = Unavailable("the warehouse is away")
    with pytest.raises(Unavailable):
        await letters.replay(tenant_id)
    page = await letters.list_letters(tenant_id)
    assert [one.error for one in page.items] == ["ZeroDivisionError", "ZeroDivisionError"]


@pytest.mark.usefixtures("taken")
async def test_letters_of_a_subscriber_that_is_gone_stay(
    uows: UnitOfWorkFactory, letters: DeadLetters, tenant_id: TenantId
) -> None:
    nobody = DeadLetters(uows, [], merged_into_seven)
    assert await nobody.replay(tenant_id) == Replayed(0, 2, 2)
    assert {one.error for one in (await letters.list_letters(tenant_id)).items} == {"SubscriberGone"}
    with pytest.raises(UnknownSubscriber):
        await nobody.replay(tenant_id, subscriber="choosy")


@pytest.mark.usefixtures("taken")
async def test_one_letter_or_one_kind_is_tried_alone_and_goes_on_record(
    letters: DeadLetters, tenant_id: TenantId, choosy: Choosy, clock: FixedClock
) -> None:
    choosy.poison["e4"] = KeyError()
    assert await letters.replay(tenant_id) == Replayed(0, 2, 2)
    choosy.poison.clear()
    groups = await letters.groups(tenant_id)
    assert [(one.subscriber, one.error, one.letters, one.last_at) for one in groups] == [
        ("choosy", "KeyError", 1, clock.now()),
        ("choosy", "ZeroDivisionError", 1, clock.now()),
    ]
    (broken,) = (await letters.list_letters(tenant_id, error="KeyError")).items

    assert await letters.replay(tenant_id, error="KeyError", who="admin") == Replayed(1, 0, 0)
    assert await letters.replay(tenant_id, position=broken.position, who="admin") == Replayed(0, 0, 0)
    (other,) = (await letters.list_letters(tenant_id)).items
    assert await letters.replay(tenant_id, position=other.position, who="admin") == Replayed(1, 0, 0)

    assert [one.message_id for one in choosy.seen] == ["e4", "e1"]
    deeds = await letters.deeds(tenant_id)
    assert [(one.who, one.error, one.position, one.done, one.failed) for one in deeds] == [
        ("admin", None, other.position, 1, 0),
        ("admin", "KeyError", None, 1, 0),
        ("", None, None, 0, 2),
    ]


@pytest.mark.usefixtures("taken")
async def test_a_discarded_letter_is_never_handed_over_and_says_why(
    letters: DeadLetters, tenant_id: TenantId, choosy: Choosy, clock: FixedClock, uows: UnitOfWorkFactory
) -> None:
    choosy.poison.clear()
    first, second = (await letters.list_letters(tenant_id)).items
    one = Which(subscriber="choosy", position=first.position)

    assert await letters.discard(tenant_id, one, reason="测试数据", who="admin") == 1
    assert await letters.discard(tenant_id, one, reason="again", who="admin") == 0
    assert await letters.replay(tenant_id) == Replayed(1, 0, 0)

    assert [event.message_id for event in choosy.seen] == ["e4"]
    assert await _effects(uows, tenant_id) == 5
    (gone,) = (await letters.list_letters(tenant_id, state=LetterState.DISCARDED)).items
    assert (gone.position, gone.discard_reason, gone.discarded_at) == (
        first.position,
        "测试数据",
        clock.now(),
    )
    (deed,) = [one for one in await letters.deeds(tenant_id) if one.deed == "discard"]
    assert (deed.who, deed.reason, deed.done, deed.position) == ("admin", "测试数据", 1, first.position)
    assert second.position != first.position


@pytest.mark.usefixtures("taken")
async def test_the_event_of_a_letter_can_be_looked_at(letters: DeadLetters, tenant_id: TenantId) -> None:
    first, _ = (await letters.list_letters(tenant_id)).items
    event = await letters.event_of(tenant_id, subscriber="choosy", position=first.position)
    assert (event.message_id, event.source, event.properties) == ("e1", "web", {"number": 1})
    with pytest.raises(UnknownLetter):
        await letters.event_of(tenant_id, subscriber="choosy", position=first.position + 10**6)
