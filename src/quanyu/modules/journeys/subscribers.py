"""What happens makes people enter, and ends their waiting."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, encode_id, new_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys import crossing, endings
from quanyu.modules.journeys.awaiting import Happened, first_match, happened, time_of
from quanyu.modules.journeys.definition import (
    Definition,
    Entry,
    EventEntry,
    WaitEvent,
)
from quanyu.modules.journeys.endings import Room
from quanyu.modules.journeys.entering import starts
from quanyu.modules.journeys.exiting import Entered, ending_names
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.queries import awaited, enrolments, journeys
from quanyu.modules.journeys.queries.enrolments import LastEntry, NewEnrolment
from quanyu.modules.journeys.queries.journeys import EntryPoint
from quanyu.modules.journeys.rules import CATCH_UP, begin, may_enter
from quanyu.modules.segments.oracle import look_up

_KEY_MAX: Final = 200


class JourneySubscriber:
    """Enrols people and matches awaited events, in the transaction that moves the cursor."""

    name = "journeys"
    # A welcome must find the window that the follow has opened.
    after = ("channels.followers", "messaging.windows")

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._graphs = Graphs()

    async def choose(self, uow: UnitOfWork, names: Sequence[str]) -> Collection[str]:
        """Return which event names concern this brand's journeys now."""
        rules = await endings.living_rules(uow, self._graphs)
        ending = {name for graph in rules.values() for name in ending_names(graph)} & set(names)
        return await journeys.find_starting(uow, names) | await self._awaited_among(uow, names) | ending

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed beforehand."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Enrol and match; idempotent by the cause of each entry."""
        known = [event for event in events if event.person_id is not None]
        if not known:
            return
        names = sorted({event.name for event in known})
        awaited_names = await self._awaited_among(uow, names)
        rules = await endings.living_rules(uow, self._graphs)
        ending = endings.ending_events(rules, known)
        if awaited_names or ending or (rules and await journeys.find_starting(uow, names)):
            await awaited.take_turn(uow)
        await self._keep(uow, [event for event in known if event.name in awaited_names], ending)
        entrants: set[int] = set()
        for point in await journeys.hold_entered_by(uow, names):
            came = await self._enrol(uow, point, known, Room(rules, point.journey_id, ending))
            entrants |= came if (point.journey_id, point.version) in rules else set()
        if ending or entrants:
            await endings.end_passages(uow, rules, ending, entrants)
        if awaited_names:
            await self._match(uow, [event for event in known if event.name in awaited_names])
        uow.after_commit(self._wake)

    async def _keep(
        self, uow: UnitOfWork, awaited_events: Sequence[LogEvent], ending: Sequence[LogEvent]
    ) -> None:
        """Keep events for those who are on their way to wait for them, or yet to be told of."""
        kept = {event.position: event for event in (*awaited_events, *ending)}
        if kept:
            now = uow.clock.now()
            await awaited.keep_seen(uow, list(kept.values()), now=now, forget_before=now - CATCH_UP)

    async def _awaited_among(self, uow: UnitOfWork, names: Collection[str]) -> set[str]:
        """Return which of these event names somebody may wait for, in any version that lives."""
        living = await journeys.list_living(uow)
        graphs = [await self._graphs.find(uow, *version) for version in living]
        return {name for graph in graphs if graph for name in graph.awaited_events()} & set(names)

    async def _enrol(
        self, uow: UnitOfWork, point: EntryPoint, events: Sequence[LogEvent], room: Room
    ) -> set[int]:
        definition = await self._graphs.find(uow, point.journey_id, point.version)
        if definition is None:
            return set()
        own = encode_id("jrn", point.journey_id)
        causes = [
            event for event in events if starts(definition.entry, event, since=point.since, journey=own)
        ]
        if not causes:
            return set()
        people = {int(event.person_id) for event in causes if event.person_id is not None}
        last = await enrolments.last_entries(
            uow, point.journey_id, people, times=definition.entry.reentry.entries_asked
        )
        entries = list(_entries(definition, point.version, causes, room, last, uow.clock.now()))
        return await crossing.let_in(uow, point.journey_id, point.version, entries)

    async def _match(self, uow: UnitOfWork, events: Sequence[LogEvent]) -> None:
        """Tell those who wait."""
        now = uow.clock.now()
        by_person: defaultdict[tuple[int, str], list[LogEvent]] = defaultdict(list)
        for event in events:
            by_person[event.person_id or 0, event.name].append(event)
        waiting = await awaited.list_awaiting(
            uow, sorted({name for _, name in by_person}), sorted({person for person, _ in by_person})
        )
        matched: dict[int, Happened] = {}
        for one in waiting:
            node = (await self._graphs.of(uow, one.journey_id, one.version)).nodes[one.node]
            assert isinstance(node, WaitEvent)
            came = first_match(node, one.awaits, by_person[one.person_id, node.event])
            if came is not None:
                matched[one.enrolment_id] = came
        await awaited.mark_matched(uow, matched, now=now)


def _entries(
    definition: Definition,
    version: int,
    causes: Iterable[LogEvent],
    room: Room,
    last: Mapping[tuple[int, str], LastEntry],
    now: datetime,
) -> Iterable[NewEnrolment]:
    """Decide who enters, in the order of what happened; one entry counts for what follows it.

    What ends a passage makes ``room`` for another.
    """
    standing = dict(last)
    entry = definition.entry
    for event in sorted(causes, key=lambda one: (time_of(one), one.position)):
        assert event.person_id is not None
        key = entry_key(entry, event)
        before = standing.get((event.person_id, key))
        at = max(time_of(event), now - CATCH_UP)
        allowed = may_enter(
            entry.reentry,
            entered=before.entered if before else (),
            is_active=bool(before and before.is_active and not _is_over(room, before, event)),
            at=at,
        )
        if not allowed:
            continue
        ordinal = before.ordinal + 1 if before else 1
        standing[event.person_id, key] = LastEntry(
            ordinal=ordinal,
            entered=(at, *(before.entered if before else ()))[: entry.reentry.entries_asked],
            is_active=True,
            version=version,
            entered_by=event.position,
        )
        yield NewEnrolment(
            id=new_id(),
            person_id=event.person_id,
            entry_key=key,
            ordinal=ordinal,
            cause=f"{event.source}:{event.message_id}",
            variables={"event": happened(event).variables},
            state=begin(definition, at, event.position),
            origin_id=event.stamped_id,
        )


def _is_over(room: Room, entry: LastEntry, cause: LogEvent) -> bool:
    return room.is_over(entry.version, Entered(entry.entered[0], entry.entered_by), cause)


def entry_key(entry: Entry, event: LogEvent) -> str:
    """Return what keeps entries of one person apart; events without the property share one (JN-2)."""
    if not isinstance(entry, EventEntry) or not entry.entry_key:
        return ""
    value = look_up(event.properties, entry.entry_key)
    text = "" if value is None else str(value).replace("\0", "")
    if len(text) <= _KEY_MAX:
        return text
    # Long values stay apart, too.
    return f"{text[:150]}…{blake2b(text.encode(), digest_size=16).hexdigest()}"
