"""Journeys: draw, publish, pause, resume, stop, and see where people are."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor, foreign_cursor
from quanyu.modules.journeys import views
from quanyu.modules.journeys.checking import Checker
from quanyu.modules.journeys.contracts import (
    EnrolmentResult,
    EnrolPerson,
    FindingView,
    JourneyList,
    JourneyView,
    PeopleAtNode,
    PersonAtNode,
    SaveJourney,
    WrongCount,
    WrongPassage,
)
from quanyu.modules.journeys.definition import (
    Definition,
    EventEntry,
    RequestEntry,
    SegmentEntered,
    SegmentLeft,
    dump_definition,
    read_definition,
)
from quanyu.modules.journeys.enrolling import Enrolling
from quanyu.modules.journeys.errors import (
    DraftChanged,
    InvalidJourney,
    JourneyNotFound,
    TooManyJourneys,
    WrongStatus,
)
from quanyu.modules.journeys.guard import AbandonedPassages
from quanyu.modules.journeys.notes import sign
from quanyu.modules.journeys.ports import Audience, Changes
from quanyu.modules.journeys.queries import changes, counts, enrolments, exits, journeys, merges, splits
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People

JOURNEYS_MAX: Final = 200
_WRONG_MAX: Final = 100


class Journeys:
    """The use cases of journeys."""

    def __init__(self, people: People, audience: Audience, messaging: Messaging, changed: Changes) -> None:
        self._people = people
        self._audience = audience
        self._messaging = messaging
        self._enrolling = Enrolling(people)
        self._checker = Checker(audience, messaging, changed)
        messaging.add_guard(AbandonedPassages())

    async def create(self, uow: UnitOfWork, command: SaveJourney, *, by: str = "") -> JourneyView:
        """Draw a new journey; it does nothing until it is published. ``by`` signs its notes.

        Raises:
            TooManyJourneys: the brand has ``JOURNEYS_MAX``.
        """
        if await journeys.count(uow) >= JOURNEYS_MAX:
            raise TooManyJourneys(
                f"a brand has at most {JOURNEYS_MAX} journeys; delete drafts nobody needs",
                message_zh=f"一个品牌最多 {JOURNEYS_MAX} 个旅程，请删除不需要的草稿",
            )
        now = uow.clock.now()
        draft = sign(command.definition, {}, author=by, now=now)
        row = JourneyRow(new_id(), command.name, "draft", draft, 0, now, now)
        await journeys.insert(uow, row)
        return await self.get(uow, row.id)

    async def save_draft(
        self, uow: UnitOfWork, journey_id: int, command: SaveJourney, *, by: str = ""
    ) -> JourneyView:
        """Replace the draft; people on the way keep the graph they entered. ``by`` signs new notes.

        Raises:
            JourneyNotFound: this brand has no such journey.
            WrongStatus: the journey was ended.
            DraftChanged: somebody else saved since this change began.
        """
        row = await self._lock(uow, journey_id, allowed=("draft", "active", "paused"))
        if command.seen is not None and command.seen != row.updated_at:
            raise DraftChanged(
                "somebody else changed this journey meanwhile; reload it, or save once more to replace that",
                message_zh="其他人刚刚修改了这个旅程。请重新载入，或再次保存以覆盖对方的修改",
            )
        now = uow.clock.now()
        draft = sign(command.definition, row.draft, author=by, now=now)
        await journeys.save_draft(uow, journey_id, name=command.name, draft=draft, now=now)
        return await self.get(uow, journey_id)

    async def delete(self, uow: UnitOfWork, journey_id: int) -> None:
        """Delete a journey that was never published; what people went through is kept.

        Raises:
            JourneyNotFound: this brand has no such journey.
            WrongStatus: it was published.
        """
        await self._lock(uow, journey_id, allowed=("draft",))
        await journeys.delete(uow, journey_id)

    async def publish(self, uow: UnitOfWork, journey_id: int, *, by: str = "") -> JourneyView:
        """Freeze the draft as the next version and let people in; who is on the way keeps theirs.

        Present members of the segment, if they are to enter, follow in the background. A paused journey
        stays paused.

        Raises:
            JourneyNotFound: this brand has no such journey.
            WrongStatus: the journey was ended.
            InvalidJourney: the graph cannot be followed; its findings say where.
        """
        row = await self._lock(uow, journey_id, allowed=("draft", "active", "paused"))
        definition = await self._checker.require(uow, row.draft)
        entry = definition.entry
        await journeys.publish_version(
            uow,
            row,
            dump_definition(definition),
            entry=_entry_of(definition),
            lets_in=isinstance(entry, SegmentEntered) and entry.existing,
            by=by,
            now=uow.clock.now(),
        )
        await self._follow_segments(uow, row, definition)
        return await self.get(uow, journey_id)

    async def enrol(self, uow: UnitOfWork, journey_id: int, command: EnrolPerson) -> EnrolmentResult:
        """Let one person in by request; see ``Enrolling.enrol``."""
        return await self._enrolling.enrol(uow, journey_id, command)

    async def pause(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Hold everybody where they are; timers that ring meanwhile wait for ``resume``. Nobody enters."""
        return await self._turn(uow, journey_id, allowed=("active",), to="paused")

    async def resume(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Go on after a pause."""
        return await self._turn(uow, journey_id, allowed=("paused",), to="active")

    async def stop(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """End the journey for good. Nobody moves from now on, and nothing more is sent for it.

        Who is on the way is let out in the background, with the reason ``stopped``.
        """
        await self._lock(uow, journey_id, allowed=("active", "paused"))
        for segment in await self._segments_of_versions(uow, journey_id):
            await self._audience.unlisten(uow, segment, encode_id("jrn", journey_id))
        await journeys.set_status(uow, journey_id, "stopped", now=uow.clock.now())
        return await self.get(uow, journey_id)

    async def get(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Return one journey with its graph and figures.

        Raises:
            JourneyNotFound: this brand has no such journey.
        """
        row = await journeys.find(uow, journey_id)
        if row is None:
            raise _not_found(journey_id)
        published = (await journeys.load_published(uow, [row.id])).get(row.id)
        passed = (await counts.count_nodes(uow, [row.id])).get(row.id, {})
        sent = await self._messaging.node_counts(uow, row.id) if row.version else {}
        summary = await self._messaging.summary(uow, journey_id=row.id) if row.version else None
        findings = await self._checker.findings(uow, row.draft)
        goals = (await exits.count_goals(uow, [row.id])).get(row.id, 0)
        failed = await changes.count_failed(uow, row.id)
        shown = views.row_view(row, published or row.draft, passed, sent, goals, failed)
        return JourneyView(
            **{name: getattr(shown, name) for name in type(shown).model_fields},
            definition=row.draft,
            published=published,
            findings=tuple(views.finding_view(one) for one in findings),
            reasons=summary.reasons if summary else (),
        )

    async def draft(self, uow: UnitOfWork, journey_id: int) -> Definition:
        """Return a journey's draft, checked as for publishing.

        Raises:
            JourneyNotFound: this brand has no such journey.
            InvalidJourney: the graph cannot be followed; its findings say where.
        """
        row = await journeys.find(uow, journey_id)
        if row is None:
            raise _not_found(journey_id)
        return await self._checker.require(uow, row.draft)

    async def check(self, uow: UnitOfWork, definition: Mapping[str, Any]) -> tuple[FindingView, ...]:
        """Return what would keep a draft from being published; nothing is saved."""
        return tuple(views.finding_view(one) for one in await self._checker.findings(uow, definition))

    async def list_journeys(self, uow: UnitOfWork) -> JourneyList:
        """Return the brand's journeys with their figures, newest first."""
        rows = await journeys.list_all(uow, JOURNEYS_MAX)
        ids = [row.id for row in rows]
        graphs = await journeys.load_published(uow, ids)
        passed = await counts.count_nodes(uow, ids)
        goals = await exits.count_goals(uow, ids)
        return JourneyList(
            items=tuple(
                views.row_view(
                    row, graphs.get(row.id, row.draft), passed.get(row.id, {}), {}, goals.get(row.id, 0)
                )
                for row in rows
            )
        )

    async def definitions(self, uow: UnitOfWork) -> tuple[tuple[int, str, Definition], ...]:
        """Return (id, name, definition) of journeys, as published or else drafted; not of faulty drafts."""
        rows = await journeys.list_all(uow, JOURNEYS_MAX)
        published = await journeys.load_published(uow, [row.id for row in rows])
        found: list[tuple[int, str, Definition]] = []
        for row in rows:
            graph = published.get(row.id)
            with suppress(InvalidJourney):
                read = (
                    await self._checker.require(uow, row.draft) if graph is None else read_definition(graph)
                )
                found.append((row.id, row.name, read))
        return tuple(found)

    async def people_at(
        self, uow: UnitOfWork, journey_id: int, node: str, *, cursor: str | None, limit: int | None
    ) -> PeopleAtNode:
        """Return who stands at a node, those first whose time is up first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        size = clamp_limit(limit)
        after = _read_cursor(cursor) if cursor else None
        rows = await enrolments.list_at_node(uow, journey_id, node, after=after, limit=size + 1)
        shown = rows[:size]
        names = await self._people.display_names(uow, [PersonId(one.person_id) for one in shown])
        items = tuple(
            PersonAtNode(
                person_id=encode_id("per", one.person_id),
                passage_id=encode_id("enr", one.id),
                display_name=names.get(PersonId(one.person_id), ""),
                since=one.since,
                until=one.until if one.until > one.since else None,
            )
            for one in shown
        )
        more = len(rows) > size
        cursor = encode_cursor(shown[-1].due_at.isoformat(), shown[-1].id) if more else None
        return PeopleAtNode(items=items, next_cursor=cursor)

    async def follow_merges(self, uow: UnitOfWork, pairs: Sequence[tuple[int, int]]) -> None:
        """Move passages of people who turned out to be others; of two, the less advanced ends ``merged``."""
        known_as = dict(pairs)
        final = [(one, _last_of(known_as, one)) for one in known_as]
        moved = [(one, other) for one, other in final if one != other]
        if moved:
            await merges.follow(uow, moved)

    async def follow_splits(self, uow: UnitOfWork, left: Sequence[tuple[int, int, int]]) -> int:
        """Give (person id, from, to) who came apart the passages that are theirs; idempotent.

        A passage stays with the side under whose id it was entered, and goes on where it had stood. Return
        how many moved.
        """
        return await splits.follow(uow, left) if left else 0

    async def check_counts(self, uow: UnitOfWork) -> tuple[WrongCount | WrongPassage, ...]:
        """Return what contradicts the log of steps: sums per node, or where people stand. Nothing should.

        Reads every step of the brand: for tests and scheduled checks.
        """
        sums = await counts.list_wrong_sums(uow, _WRONG_MAX)
        passages = await counts.list_wrong_passages(uow, _WRONG_MAX)
        return (
            *(
                WrongCount(
                    journey_id=encode_id("jrn", row[0]),
                    node=row[1],
                    outcome=row[2],
                    kept=row[3],
                    logged=row[4],
                )
                for row in sums
            ),
            *(
                WrongPassage(
                    journey_id=encode_id("jrn", row[0]),
                    enrolment_id=encode_id("enr", row[1]),
                    status=row[2],
                    seq=row[3],
                    steps=row[4],
                )
                for row in passages
            ),
        )

    async def _lock(self, uow: UnitOfWork, journey_id: int, *, allowed: tuple[str, ...]) -> JourneyRow:
        row = await journeys.lock(uow, journey_id)
        if row is None:
            raise _not_found(journey_id)
        if row.status not in allowed:
            raise WrongStatus(
                f"the journey is {row.status}; this needs {' or '.join(allowed)}",
                message_zh=f"旅程当前状态为 {row.status}，此操作需要 {'/'.join(allowed)}",
            )
        return row

    async def _turn(
        self, uow: UnitOfWork, journey_id: int, *, allowed: tuple[str, ...], to: str
    ) -> JourneyView:
        await self._lock(uow, journey_id, allowed=allowed)
        await journeys.set_status(uow, journey_id, to, now=uow.clock.now())
        return await self.get(uow, journey_id)

    async def _follow_segments(self, uow: UnitOfWork, row: JourneyRow, definition: Definition) -> None:
        """Listen to the segments it follows by now; people on the way may leave by those of their version."""
        journey = encode_id("jrn", row.id)
        wanted = set(await self._segments_of_versions(uow, row.id, entries=False)) | definition.segments()
        for segment in await self._segments_of_versions(uow, row.id):
            if segment not in wanted:
                await self._audience.unlisten(uow, segment, journey)
        for segment in sorted(definition.segments()):
            await self._audience.listen(uow, segment, journey)

    async def _segments_of_versions(
        self, uow: UnitOfWork, journey_id: int, *, entries: bool = True
    ) -> list[str]:
        """Return the segments its versions follow; a version this release cannot read follows none.

        Without ``entries``: those alone by which people on the way may leave.
        """
        found: set[str] = set()
        for raw in await journeys.load_versions(uow, journey_id):
            with suppress(InvalidJourney):
                graph = read_definition(raw)
                found |= graph.segments() if entries else graph.exit_segments()
        return sorted(found)


def _entry_of(definition: Definition) -> tuple[str, str]:
    match definition.entry:
        case SegmentEntered():
            return "segment_entered", definition.entry.segment_id
        case SegmentLeft():
            return "segment_left", definition.entry.segment_id
        case EventEntry():
            return "event", definition.entry.event
        case RequestEntry():
            return "request", ""


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    due_at, enrolment_id = decode_cursor(cursor, str, int)
    try:
        return datetime.fromisoformat(due_at), enrolment_id
    except ValueError as error:
        raise foreign_cursor() from error


def _last_of(known_as: Mapping[int, int], person: int) -> int:
    """Follow one change of name after the other."""
    seen = {person}
    while (following := known_as.get(person)) is not None and following not in seen:
        seen.add(following)
        person = following
    return person


def _not_found(journey_id: int) -> JourneyNotFound:
    journey = encode_id("jrn", journey_id)
    return JourneyNotFound(f"there is no journey {journey}", message_zh=f"没有这个旅程：{journey}")
