"""Journeys: draw, publish, pause, resume, stop, and see where people are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.journeys import queries
from quanyu.modules.journeys.contracts import (
    JourneyList,
    JourneyRowView,
    JourneyView,
    NodeView,
    PeopleAtNode,
    PersonAtNode,
    SaveJourney,
)
from quanyu.modules.journeys.definition import (
    Condition,
    Definition,
    EventEntry,
    SegmentEntered,
    Send,
    dump_definition,
    parse_definition,
)
from quanyu.modules.journeys.errors import InvalidJourney, JourneyNotFound, WrongStatus
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.queries import JourneyRow, NewEnrolment
from quanyu.modules.journeys.rules import begin
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People

_CHUNK: Final = 5_000


class Journeys:
    """The use cases of journeys."""

    def __init__(self, people: People, audience: Audience, messaging: Messaging) -> None:
        self._people = people
        self._audience = audience
        self._messaging = messaging

    async def create(self, uow: UnitOfWork, command: SaveJourney) -> JourneyView:
        """Draw a new journey; it does nothing until it is published."""
        now = uow.clock.now()
        row = JourneyRow(new_id(), command.name, "draft", command.definition, 0, now, now)
        await queries.insert_journey(uow, row)
        return await self.get(uow, row.id)

    async def save_draft(self, uow: UnitOfWork, journey_id: int, command: SaveJourney) -> JourneyView:
        """Replace the draft; people on the way keep the graph they entered.

        Raises:
            JourneyNotFound: this brand has no such journey.
        """
        await self._require(uow, journey_id)
        await queries.save_draft(
            uow, journey_id, name=command.name, draft=command.definition, now=uow.clock.now()
        )
        return await self.get(uow, journey_id)

    async def publish(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Freeze the draft as the next version and let people in; who is on the way keeps theirs.

        Raises:
            JourneyNotFound: this brand has no such journey.
            InvalidJourney: the graph cannot be followed; the message says where.
        """
        row = await self._require(uow, journey_id)
        definition = parse_definition(row.draft)
        await self._check_nodes(uow, definition)
        version = await queries.publish_version(
            uow, row, dump_definition(definition), entry=_entry_of(definition), now=uow.clock.now()
        )
        await self._follow_segment(uow, row, definition)
        if isinstance(definition.entry, SegmentEntered) and definition.entry.existing and row.version == 0:
            await self._enrol_members(uow, journey_id, version, definition)
        return await self.get(uow, journey_id)

    async def pause(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Hold everybody where they are; timers that ring meanwhile wait for ``resume``. Nobody enters."""
        return await self._turn(uow, journey_id, allowed=("active",), to="paused")

    async def resume(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Go on after a pause."""
        return await self._turn(uow, journey_id, allowed=("paused",), to="active")

    async def stop(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """End the journey and let everybody out with the reason ``stopped``."""
        row = await self._require(uow, journey_id)
        await self._turn(uow, journey_id, allowed=("active", "paused"), to="stopped")
        await self._unfollow_segment(uow, row)
        await queries.exit_all(uow, journey_id, "stopped")
        return await self.get(uow, journey_id)

    async def get(self, uow: UnitOfWork, journey_id: int) -> JourneyView:
        """Return one journey with its graph and figures.

        Raises:
            JourneyNotFound: this brand has no such journey.
        """
        row = await self._require(uow, journey_id)
        published = await queries.load_definition(uow, journey_id, row.version) if row.version else None
        view = (await self._views(uow, [row]))[0]
        return JourneyView(
            **view.model_dump(exclude={"nodes"}),
            nodes=view.nodes,
            definition=row.draft,
            published=published,
            problems=_problems_of(row.draft),
        )

    async def list_journeys(self, uow: UnitOfWork) -> JourneyList:
        """Return the brand's journeys with their figures, newest first."""
        return JourneyList(items=await self._views(uow, await queries.list_journeys(uow)))

    async def people_at(
        self, uow: UnitOfWork, journey_id: int, node: str, *, cursor: str | None, limit: int | None
    ) -> PeopleAtNode:
        """Return who stands at a node, in the order they entered the journey."""
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int)[0] if cursor else 0
        rows = await queries.list_at_node(uow, journey_id, node, after=after, limit=size + 1)
        names = await self._people.display_names(uow, [PersonId(row[1]) for row in rows[:size]])
        items = tuple(
            PersonAtNode(
                person_id=encode_id("per", person_id),
                display_name=names.get(PersonId(person_id), ""),
                since=since,
                until=until,
            )
            for _, person_id, since, until in rows[:size]
        )
        more = len(rows) > size
        return PeopleAtNode(items=items, next_cursor=encode_cursor(rows[size - 1][0]) if more else None)

    async def follow_merges(self, uow: UnitOfWork, merges: Sequence[tuple[int, int]]) -> None:
        """Move passages of people who turned out to be others; of two, the less advanced ends ``merged``."""
        await queries.follow_merges(uow, merges)

    async def _require(self, uow: UnitOfWork, journey_id: int) -> JourneyRow:
        row = await queries.find_journey(uow, journey_id, lock=True)
        if row is None:
            raise JourneyNotFound(
                f"there is no journey {encode_id('jrn', journey_id)}",
                message_zh=f"没有这个旅程:{encode_id('jrn', journey_id)}",
            )
        return row

    async def _turn(
        self, uow: UnitOfWork, journey_id: int, *, allowed: tuple[str, ...], to: str
    ) -> JourneyView:
        row = await self._require(uow, journey_id)
        if row.status not in allowed:
            raise WrongStatus(
                f"the journey is {row.status}; this needs {' or '.join(allowed)}",
                message_zh=f"旅程当前状态为 {row.status},此操作需要 {'/'.join(allowed)}",
            )
        await queries.set_status(uow, journey_id, to, now=uow.clock.now())
        return await self.get(uow, journey_id)

    async def _follow_segment(self, uow: UnitOfWork, row: JourneyRow, definition: Definition) -> None:
        """Listen to the segment people enter by now, and no longer to that of the version before."""
        await self._unfollow_segment(uow, row)
        if isinstance(definition.entry, SegmentEntered):
            await self._audience.listen(uow, definition.entry.segment_id, encode_id("jrn", row.id))

    async def _unfollow_segment(self, uow: UnitOfWork, row: JourneyRow) -> None:
        if not row.version:
            return
        before = parse_definition(await queries.load_definition(uow, row.id, row.version))
        if isinstance(before.entry, SegmentEntered):
            await self._audience.unlisten(uow, before.entry.segment_id, encode_id("jrn", row.id))

    async def _check_nodes(self, uow: UnitOfWork, definition: Definition) -> None:
        if isinstance(definition.entry, SegmentEntered):
            await self._audience.check(uow, definition.entry.segment_id)
        for node in definition.nodes.values():
            if isinstance(node, Condition):
                await self._audience.check(uow, node.test)
            elif isinstance(node, Send):
                decode_id("oac", node.account_id)
                self._messaging.check_content(MessageKind(node.message_kind), node.content)

    async def _enrol_members(
        self, uow: UnitOfWork, journey_id: int, version: int, definition: Definition
    ) -> None:
        assert isinstance(definition.entry, SegmentEntered)
        now = uow.clock.now()
        members = list(await self._audience.members(uow, definition.entry.segment_id))
        for start in range(0, len(members), _CHUNK):
            entries = [
                NewEnrolment(
                    id=new_id(),
                    person_id=person_id,
                    entry_key="",
                    ordinal=1,
                    cause=f"publish:{version}",
                    variables={},
                    state=begin(definition, now),
                )
                for person_id in members[start : start + _CHUNK]
            ]
            await queries.insert_enrolments(uow, journey_id, version, entries, now=now)

    async def _views(self, uow: UnitOfWork, rows: Sequence[JourneyRow]) -> tuple[JourneyRowView, ...]:
        ids = [row.id for row in rows]
        steps = await queries.count_steps(uow, ids)
        waiting = await queries.count_waiting(uow, ids)
        passages = await queries.count_enrolments(uow, ids)
        graphs = {
            row.id: await queries.load_definition(uow, row.id, row.version) if row.version else row.draft
            for row in rows
        }
        return tuple(
            _view(
                row, graphs[row.id], steps.get(row.id, {}), waiting.get(row.id, {}), passages.get(row.id, {})
            )
            for row in rows
        )


def _view(
    row: JourneyRow,
    graph: Mapping[str, Any],
    steps: Mapping[str, Mapping[str, int]],
    waiting: Mapping[str, int],
    passages: Mapping[str, int],
) -> JourneyRowView:
    return JourneyRowView(
        id=encode_id("jrn", row.id),
        name=row.name,
        status=row.status,
        version=row.version,
        entered=sum(passages.values()),
        active=passages.get("active", 0),
        completed=passages.get("completed", 0),
        exited=passages.get("exited", 0),
        nodes=tuple(
            _node_view(node_id, node, steps.get(node_id, {}), waiting.get(node_id, 0))
            for node_id, node in _nodes_of(graph).items()
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _nodes_of(graph: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """A draft may hold anything; show what looks like nodes."""
    nodes = graph.get("nodes")
    if not isinstance(nodes, Mapping):
        return {}
    return {str(node_id): node for node_id, node in nodes.items() if isinstance(node, Mapping)}


def _node_view(node_id: str, node: Mapping[str, Any], outcomes: Mapping[str, int], waiting: int) -> NodeView:
    left = sum(outcomes.values())
    return NodeView(
        id=node_id,
        kind=str(node.get("kind", "")),
        label=str(node.get("label", "")),
        entered=left + waiting,
        waiting=waiting,
        left=left,
        outcomes=dict(outcomes),
    )


def _entry_of(definition: Definition) -> tuple[str, str]:
    match definition.entry:
        case SegmentEntered():
            return "segment_entered", definition.entry.segment_id
        case EventEntry():
            return "event", definition.entry.event


def _problems_of(draft: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        parse_definition(draft)
    except InvalidJourney as error:
        problems = error.details.get("problems")
        return tuple(problems) if isinstance(problems, list) else (error.message,)
    return ()
