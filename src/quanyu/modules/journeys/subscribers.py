"""What happens makes people enter, and ends their waiting."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys import queries
from quanyu.modules.journeys.definition import (
    Definition,
    EventEntry,
    SegmentEntered,
    WaitEvent,
    parse_definition,
)
from quanyu.modules.journeys.queries import LastEntry, NewEnrolment
from quanyu.modules.journeys.rules import begin, may_enter
from quanyu.modules.segments.matching import matches

SEGMENT_ENTERED: Final = "segments.entered"
# Something that happened long before we heard of it starts no journey: an import of last year's
# orders must not greet everybody (IN-2).
LATE_AFTER: Final = timedelta(hours=1)
_REMEMBER: Final = timedelta(hours=1)


class JourneySubscriber:
    """Enrols people and matches awaited events, in the transaction that moves the cursor."""

    name = "journeys"
    # A welcome must find the window that the follow has opened.
    after = ("channels.followers", "messaging.windows")

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    async def choose(self, uow: UnitOfWork, names: Sequence[str]) -> Collection[str]:
        """Return which event names concern this brand's journeys now."""
        starting = await queries.entered_by(uow, names)
        chosen = await queries.awaited_among(uow, names)
        return chosen | {
            SEGMENT_ENTERED if kind == "segment_entered" else name for _, _, kind, name in starting
        }

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed beforehand."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Enrol and match; idempotent by the cause of each entry."""
        known = [event for event in events if event.person_id is not None]
        if not known:
            return
        await queries.serialise(uow)
        names = sorted({event.name for event in known})
        for journey_id, version, _, entry_name in await queries.entered_by(uow, names):
            await self._enrol(uow, journey_id, version, entry_name, known)
        awaited = await queries.awaited_among(uow, names)
        if awaited:
            await self._match(uow, [event for event in known if event.name in awaited])
        uow.after_commit(self._wake)

    async def _enrol(
        self, uow: UnitOfWork, journey_id: int, version: int, entry_name: str, events: Sequence[LogEvent]
    ) -> None:
        definition = parse_definition(await queries.load_definition(uow, journey_id, version))
        causes = [event for event in events if _starts(definition.entry, event)]
        if not causes:
            return
        last = await queries.last_entries(
            uow, journey_id, {event.person_id for event in causes if event.person_id}
        )
        entries = list(_entries(definition, causes, last, uow.clock.now()))
        await queries.insert_enrolments(uow, journey_id, version, entries, now=uow.clock.now())

    async def _match(self, uow: UnitOfWork, events: Sequence[LogEvent]) -> None:
        now = uow.clock.now()
        await queries.keep_seen(uow, events, now=now, forget_before=now - _REMEMBER)
        waiting = await queries.list_awaiting(
            uow, sorted({one.name for one in events}), sorted({one.person_id or 0 for one in events})
        )
        definitions: dict[tuple[int, int], Definition] = {}
        matched: dict[int, datetime] = {}
        for one in waiting:
            key = (one.journey_id, one.version)
            if key not in definitions:
                definitions[key] = parse_definition(await queries.load_definition(uow, *key))
            node = definitions[key].nodes[one.node]
            assert isinstance(node, WaitEvent)
            for event in events:
                mine = event.person_id == one.person_id and event.name == node.event
                in_time = one.entered_node_at <= event.occurred_at <= one.wake_at
                if mine and in_time and matches(node.where, event):
                    matched[one.enrolment_id] = event.occurred_at
                    break
        await queries.mark_matched(uow, matched, now=now)


def _starts(entry: SegmentEntered | EventEntry, event: LogEvent) -> bool:
    if isinstance(entry, SegmentEntered):
        return event.name == SEGMENT_ENTERED and event.properties.get("segment_id") == entry.segment_id
    late = event.received_at - event.occurred_at > LATE_AFTER
    return event.name == entry.event and not late and matches(entry.where, event)


def _entries(
    definition: Definition,
    causes: Iterable[LogEvent],
    last: Mapping[tuple[int, str], LastEntry],
    now: datetime,
) -> Iterable[NewEnrolment]:
    """Decide who enters, in the order of what happened; one entry counts for what follows it."""
    standing = dict(last)
    entry = definition.entry
    for event in causes:
        assert event.person_id is not None
        key = _entry_key(entry, event)
        before = standing.get((event.person_id, key))
        allowed = may_enter(
            entry.reentry,
            last_entry_at=before.entered_at if before else None,
            is_active=bool(before and before.is_active),
            at=now,
        )
        if not allowed:
            continue
        ordinal = before.ordinal + 1 if before else 1
        standing[event.person_id, key] = LastEntry(ordinal, now, is_active=True)
        yield NewEnrolment(
            id=new_id(),
            person_id=event.person_id,
            entry_key=key,
            ordinal=ordinal,
            cause=f"{event.source}:{event.message_id}",
            variables={
                "event": {
                    **event.properties,
                    "name": event.name,
                    "occurred_at": event.occurred_at.isoformat(),
                }
            },
            state=begin(definition, now),
        )


def _entry_key(entry: SegmentEntered | EventEntry, event: LogEvent) -> str:
    if isinstance(entry, SegmentEntered) or not entry.entry_key:
        return ""
    return str(event.properties.get(entry.entry_key, ""))[:200]
