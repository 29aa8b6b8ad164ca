"""Looks up what there is between one person and one journey, from the last word to the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import (
    Entry,
    RequestEntry,
    SegmentEntered,
    read_definition,
)
from quanyu.modules.journeys.entering import Passed, passed_by, starting_event
from quanyu.modules.journeys.errors import JourneyNotFound
from quanyu.modules.journeys.passages import PassageView, passages_of
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.queries import enrolments, journeys
from quanyu.modules.journeys.queries.journeys import EntryPoint, JourneyRow
from quanyu.modules.journeys.rules import Status
from quanyu.modules.journeys.why.contracts import EntryEvent, EventVerdict, JourneyVerdict, JourneyWhy
from quanyu.modules.messaging.contracts import MessageView
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.contracts import TimelineFilter, TimelineItem
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People

LATEST_MAX: Final = 20
LOOKED_AT: Final = 200  # Of comings into segments, most are into others.


@dataclass(frozen=True, slots=True)
class _WayIn:
    """How people come in ``since`` then, and what of it happened to one of them, the latest first."""

    since: datetime
    entry: Entry
    events: tuple[EntryEvent, ...]
    is_member: bool


class Why:
    """Answers why somebody did, or did not, get what a journey sends; nothing is changed."""

    def __init__(self, people: People, audience: Audience, messaging: Messaging) -> None:
        self._people = people
        self._audience = audience
        self._messaging = messaging

    async def ask(self, uow: UnitOfWork, journey_id: int, person_id: PersonId) -> JourneyWhy:
        """Return the answer; somebody merged away is answered for as who they are today.

        Raises:
            JourneyNotFound: this brand has no such journey.
            PersonNotFound: this brand has no such person.
            WarehouseUnavailable: history cannot be read now.
        """
        row = await journeys.find(uow, journey_id)
        if row is None:
            raise JourneyNotFound("this brand has no such journey", message_zh="没有这个旅程")
        person = (await self._people.canonical_ids(uow, [person_id])).get(person_id)
        if person is None:
            raise PersonNotFound("there is no such person", message_zh="没有这个人")
        own = encode_id("jrn", journey_id)
        passages = [one for one in (await passages_of(uow, person)).items if one.journey_id == own]
        planned = await self._messaging.list_messages(
            uow, limit=LATEST_MAX, journey_id=journey_id, person_id=person
        )
        name = (await self._people.display_names(uow, [person]))[person]
        # Last, as history is asked with no transaction open.
        way_in = await self._way_in(uow, journey_id, person, was_in=bool(passages))
        return JourneyWhy(
            person_id=encode_id("per", person),
            display_name=name,
            verdict=_verdict(row, way_in, passages, planned.items),
            status=row.status,
            since=way_in and way_in.since,
            entry=way_in and way_in.entry.model_dump(mode="json"),
            reentry=way_in and way_in.entry.reentry.mode,
            passages=tuple(passages),
            events=way_in.events if way_in else (),
            messages=planned.items,
        )

    async def _way_in(
        self, uow: UnitOfWork, journey_id: int, person: PersonId, *, was_in: bool
    ) -> "_WayIn | None":
        """Return how people come in, and what of it happened to somebody; ``None``: nobody ever could."""
        point = await journeys.find_entry_point(uow, journey_id)
        if point is None:
            return None
        entry = read_definition(await journeys.load_definition(uow, journey_id, point.version)).entry
        if isinstance(entry, RequestEntry):
            return _WayIn(point.since, entry, (), is_member=False)
        let_in = await enrolments.entered_by(uow, journey_id, person)
        found = await self._people.timeline(
            uow, person, limit=LOOKED_AT, wanted=TimelineFilter(name=starting_event(entry))
        )
        judged = [(item, _judge(point, entry, item, let_in, was_in=was_in)) for item in found.items]
        events = tuple(_view(item, verdict) for item, verdict in judged if verdict is not None)[:LATEST_MAX]
        since = [one for one in events if one.verdict is not EventVerdict.BEFORE]
        is_member = not since and await self._is_member(uow, entry, person)
        return _WayIn(point.since, entry, events, is_member=is_member)

    async def _is_member(self, uow: UnitOfWork, entry: Entry, person: PersonId) -> bool:
        if not isinstance(entry, SegmentEntered):
            return False
        test = {"kind": "segment", "segment": entry.segment_id}
        async with uow.apart():
            return int(person) in await self._audience.among(uow.tenant_id, test, [person])


def _view(item: TimelineItem, verdict: EventVerdict) -> EntryEvent:
    return EntryEvent(
        name=item.name,
        occurred_at=item.occurred_at,
        received_at=item.received_at,
        properties=item.properties,
        verdict=verdict,
    )


def _judge(
    point: EntryPoint, entry: Entry, item: TimelineItem, let_in: set[int], *, was_in: bool
) -> EventVerdict | None:
    """Return what an event did; ``None`` for one that is about something else."""
    event = _event(item)
    if event.position in let_in:
        return EventVerdict.LET_IN
    passed = passed_by(entry, event, since=point.since, journey=encode_id("jrn", point.journey_id))
    if passed is None:
        return EventVerdict.REENTRY if was_in else EventVerdict.NOT_LET_IN
    return None if passed is Passed.OTHER else EventVerdict(passed.value)


def _event(item: TimelineItem) -> LogEvent:
    """Return an event of history as subscribers saw it, as far as history keeps it."""
    return LogEvent(
        position=decode_id("evt", item.id),
        person_id=None,
        kind=item.kind,
        name=item.name,
        occurred_at=item.occurred_at,
        received_at=item.received_at,
        source=item.source,
        message_id="",
        properties=item.properties,
        context=item.context,
        order_id=item.order_id,
        revenue=None if item.revenue is None else Decimal(item.revenue),
        currency=item.currency,
    )


def _verdict(
    row: JourneyRow,
    way_in: _WayIn | None,
    passages: Sequence[PassageView],
    messages: Sequence[MessageView],
) -> JourneyVerdict:
    if messages:
        return JourneyVerdict.MESSAGED
    if passages:
        is_active = any(one.status == Status.ACTIVE for one in passages)
        return JourneyVerdict.ON_THE_WAY if is_active else JourneyVerdict.WENT_THROUGH
    if way_in is None:
        return JourneyVerdict.NEVER_PUBLISHED
    if row.status != "active":
        return JourneyVerdict.NOT_RUNNING
    if isinstance(way_in.entry, RequestEntry):
        return JourneyVerdict.BY_REQUEST
    if way_in.is_member:
        return JourneyVerdict.MEMBER_BEFORE
    return JourneyVerdict.PASSED_BY if way_in.events else JourneyVerdict.NEVER_HAPPENED
