"""Segments: save definitions, count and show who they select, keep their members up to date."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people.contracts import SegmentView as PersonSegment
from quanyu.modules.people.service import People
from quanyu.modules.segments.askable import read_definition
from quanyu.modules.segments.catalogue import observe
from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.contracts import (
    Catalogue,
    MemberRow,
    MembersPage,
    Preview,
    SaveSegment,
    SegmentView,
    Standing,
)
from quanyu.modules.segments.errors import (
    SegmentAsked,
    SegmentIsList,
    SegmentListened,
    SegmentOwned,
    TooManySegments,
)
from quanyu.modules.segments.history import SegmentHistory, Selection
from quanyu.modules.segments.lists.queries import ListQueries
from quanyu.modules.segments.members import MemberQueries
from quanyu.modules.segments.ports import AttributeNames, NoNames
from quanyu.modules.segments.queries import SegmentQueries, SegmentRow
from quanyu.modules.segments.references import asked_in, check_references
from quanyu.modules.segments.tree import Condition, dump_definition
from quanyu.modules.segments.views import is_list, view_of
from quanyu.modules.tenants.service import Tenants

SEGMENTS_MAX: Final = 500
SAMPLE: Final = 10
_ALL: Final = 10_000

Changed = Callable[[TenantId], None]


class Segments:
    """The use cases of segments. Definitions are checked before anything is saved or asked."""

    def __init__(self, warehouse: Warehouse, people: People, tenants: Tenants) -> None:
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._changed: list[Changed] = []
        self._names: AttributeNames = NoNames()

    def name_by(self, names: AttributeNames) -> None:
        """Let a higher module say what attributes are called; wiring calls this once."""
        self._names = names

    def on_change(self, action: Changed) -> None:
        """Call ``action`` after a definition or a listener has changed; wiring wakes the refresher."""
        self._changed.append(action)

    async def create(self, uow: UnitOfWork, command: SaveSegment, *, owner: str = "") -> SegmentView:
        """Save a segment; its members follow with the next evaluation.

        With an ``owner`` (the rule of a tag) it is in no list of segments, only its owner changes it, and
        nobody is stated to enter or leave it.

        Raises:
            InvalidDefinition: the tree is not one this release understands, asks what is sealed, or who is in
                a segment there is not.
            SegmentNameTaken: another segment has the name.
            TooManySegments: the brand has ``SEGMENTS_MAX``.
        """
        definition = read_definition(command.definition)
        queries = SegmentQueries(uow)
        stored = dump_definition(definition)
        check_references(asked_in(stored), await queries.references(), segment_id=None)
        segment_id = await self._insert(uow, command.name, command.description, stored, owner)
        if command.schedule is not None:
            await queries.set_schedule(segment_id, command.schedule.model_dump(mode="json"))
        return await self._one(uow, segment_id)

    async def create_list(self, uow: UnitOfWork, *, name: str, description: str, definition: InList) -> int:
        """Save the segment of a list; whoever keeps the list fills it.

        Raises:
            SegmentNameTaken, TooManySegments
        """
        return await self._insert(uow, name, description, dump_definition(definition), "")

    async def _insert(
        self, uow: UnitOfWork, name: str, description: str, definition: dict[str, Any], owner: str
    ) -> int:
        queries = SegmentQueries(uow)
        if not owner and await queries.count() >= SEGMENTS_MAX:
            raise TooManySegments(
                f"a brand has at most {SEGMENTS_MAX} segments",
                message_zh=f"一个品牌最多 {SEGMENTS_MAX} 个分群",
            )
        segment_id = new_id()
        await queries.insert(
            segment_id, name=name, description=description, definition=definition, owner=owner
        )
        self.announce(uow)
        return segment_id

    async def update(
        self, uow: UnitOfWork, segment_id: int, command: SaveSegment, *, owner: str = ""
    ) -> SegmentView:
        """Replace name, description and definition; members change with the next evaluation.

        Raises:
            SegmentNotFound, SegmentNameTaken
            InvalidDefinition: also if segments would ask about each other in a circle.
            SegmentOwned: somebody else keeps it.
            SegmentIsList: it has no conditions to change, only a name.
        """
        stored, queries = command.definition, SegmentQueries(uow)
        definition = None if is_list(stored) else read_definition(stored)
        row = await queries.get(segment_id)
        _check_owner(row, owner)
        if (definition is None or is_list(row.definition)) and stored != row.definition:
            raise SegmentIsList(
                "a list has no conditions; upload other people to it",
                message_zh="名单没有条件，请上传新版本来更换人员",
            )
        if definition is not None:
            stored = dump_definition(definition)
            check_references(asked_in(stored), await queries.references(), segment_id=segment_id)
        await queries.update(
            segment_id, name=command.name, description=command.description, definition=stored
        )
        if command.schedule is not None:
            await queries.set_schedule(segment_id, command.schedule.model_dump(mode="json"))
        self.announce(uow)
        return await self._one(uow, segment_id)

    async def delete(self, uow: UnitOfWork, segment_id: int, *, owner: str = "") -> None:
        """Delete a segment; nobody "leaves" it, it is just gone.

        Raises:
            SegmentNotFound: there is none.
            SegmentListened: a running journey still needs it.
            SegmentAsked: another segment asks who is in it.
            SegmentOwned: somebody else keeps it.
        """
        queries = SegmentQueries(uow)
        _check_owner(await queries.get(segment_id), owner)
        listeners = await queries.listeners(segment_id)
        if listeners:
            raise SegmentListened(
                f"still listened to by {', '.join(listeners)}; stop them first",
                message_zh=f"仍被使用：{'、'.join(listeners)}，请先停止",
                listeners=listeners,
            )
        await check_unasked(uow, segment_id)
        await queries.mark_deleted(segment_id)
        self.announce(uow)

    async def get(self, uow: UnitOfWork, segment_id: int) -> SegmentView:
        """Return a segment.

        Raises:
            SegmentNotFound: there is none.
        """
        return await self._one(uow, segment_id)

    async def list_all(self, uow: UnitOfWork) -> tuple[SegmentView, ...]:
        """Return every segment people made, newest first."""
        looked = await self._look(uow)
        return tuple(view_of(row, looked) for row in await SegmentQueries(uow).list_made(SEGMENTS_MAX))

    async def standing(self, uow: UnitOfWork) -> dict[int, Standing]:
        """Return where each segment stands, whoever keeps it: for whoever follows its members."""
        looked = await self._look(uow)
        return {
            row.id: Standing(
                owner=row.owner, name=row.name, generation=row.generation, view=view_of(row, looked)
            )
            for row in await SegmentQueries(uow).list_all(_ALL)
        }

    async def evaluate_now(self, uow: UnitOfWork, segment_id: int) -> SegmentView:
        """Have a segment evaluated soon, whatever its schedule says; idempotent.

        Raises:
            SegmentNotFound: there is none.
        """
        queries = SegmentQueries(uow)
        await queries.get(segment_id)
        await queries.want(segment_id)
        self.announce(uow)
        return await self._one(uow, segment_id)

    async def _one(self, uow: UnitOfWork, segment_id: int) -> SegmentView:
        return view_of(await SegmentQueries(uow).get(segment_id), await self._look(uow))

    async def _look(self, uow: UnitOfWork) -> Evaluation:
        """Return what a view is told by: the clock and the brand's zone."""
        brand = await self._tenants.get_brand(uow)
        return evaluation_at(uow.clock.now(), brand.time_zone)

    def read(self, raw: object) -> Condition:
        """Read a definition somebody wrote.

        Raises:
            InvalidDefinition: the tree is not one this release understands, or asks what is sealed.
        """
        return read_definition(raw)

    async def preview(
        self,
        uows: UnitOfWorkFactory,
        tenant_id: TenantId,
        definition: Condition,
        *,
        as_of: datetime | None = None,
        sample: int = SAMPLE,
    ) -> Preview:
        """Count whom a definition selects and show some; nothing is saved.

        The warehouse is asked with no transaction open: the question may take longer than one may.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        at = await self.evaluation(uows, tenant_id, as_of=as_of)
        selection = await self.select(tenant_id, definition, at, limit=sample)
        async with uows.app(tenant_id) as uow:
            rows = await self._people.rows(uow, [PersonId(person) for person in selection.people])
        return Preview(count=selection.count, as_of=at.as_of, took_ms=selection.took_ms, sample=rows)

    async def evaluation(
        self, uows: UnitOfWorkFactory, tenant_id: TenantId, *, as_of: datetime | None = None
    ) -> Evaluation:
        """Return the instant (now by default, whole milliseconds) and the brand's time zone."""
        async with uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            return evaluation_at(as_of or uow.clock.now(), brand.time_zone)

    async def select(
        self, tenant_id: TenantId, definition: Condition, at: Evaluation, *, after: int = 0, limit: int = 0
    ) -> Selection:
        """Evaluate a definition: the number of people, and up to ``limit`` after person ``after``."""
        history = SegmentHistory(self._warehouse, tenant_id)
        return await history.select(definition, at, after=after, limit=limit)

    async def select_among(
        self, tenant_id: TenantId, definition: Condition, at: Evaluation, people: Sequence[int]
    ) -> frozenset[int]:
        """Return which of the given canonical people a definition selects."""
        return await SegmentHistory(self._warehouse, tenant_id).select_among(definition, at, people)

    async def everybody(self, tenant_id: TenantId, definition: Condition, at: Evaluation) -> list[int]:
        """Return all canonical people a definition selects, ascending."""
        return await SegmentHistory(self._warehouse, tenant_id).everybody(definition, at, most=2**32)

    async def members(
        self, uow: UnitOfWork, segment_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> MembersPage:
        """Return a page of members, by person id.

        Raises:
            SegmentNotFound: there is none.
        """
        segment = await SegmentQueries(uow).get(segment_id)
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int)[0] if cursor else 0
        found = await MemberQueries(uow).page(segment_id, after=after, limit=size + 1)
        since = {encode_id("per", member.person_id): member.since for member in found[:size]}
        rows = await self._people.rows(uow, [PersonId(member.person_id) for member in found[:size]])
        return MembersPage(
            items=tuple(
                MemberRow(**row.model_dump(), since=since[row.id], as_of=segment.as_of or segment.updated_at)
                for row in rows
            ),
            next_cursor=encode_cursor(found[size - 1].person_id) if len(found) > size else None,
            total=segment.member_count,
        )

    async def member_ids(self, uow: UnitOfWork, segment_id: int) -> list[int]:
        """Return every member, ascending.

        Raises:
            SegmentNotFound: there is none.
        """
        await SegmentQueries(uow).get(segment_id)
        return await MemberQueries(uow).list_ids(segment_id)

    async def members_among(self, uow: UnitOfWork, segment_id: int, people: Sequence[int]) -> set[int]:
        """Return which of the people are stored members."""
        return await MemberQueries(uow).find(segment_id, people)

    async def of_person(self, uow: UnitOfWork, person_id: PersonId) -> tuple[PersonSegment, ...]:
        """Return the segments and lists a person is in, the latest first."""
        found = await MemberQueries(uow).list_of_person(person_id)
        return tuple(
            PersonSegment(id=encode_id("seg", segment_id), name=name, since=since, is_list=is_list)
            for segment_id, name, since, is_list in found
        )

    async def listen(self, uow: UnitOfWork, segment_id: int, listener: str) -> None:
        """Keep a segment fresh within a second for ``listener``, for example a journey's id; idempotent.

        Raises:
            SegmentNotFound: there is none.
        """
        queries = SegmentQueries(uow)
        await queries.get(segment_id)
        await queries.listen(segment_id, listener)
        self.announce(uow)

    async def unlisten(self, uow: UnitOfWork, segment_id: int, listener: str) -> None:
        """End what ``listen`` began; idempotent."""
        await SegmentQueries(uow).unlisten(segment_id, listener)

    async def distrust_copies(self, uow: UnitOfWork) -> None:
        """After a restore: compare the warehouse's memberships with ours before trusting them again."""
        await SegmentQueries(uow).distrust_copies()
        await ListQueries(uow).distrust()

    async def catalogue(self, uows: UnitOfWorkFactory, tenant_id: TenantId) -> Catalogue:
        """Return the attributes, events and properties observed, to build conditions from."""
        async with uows.app(tenant_id) as uow:
            names = await self._names.names(uow)
        return await observe(SegmentHistory(self._warehouse, tenant_id), names)

    def announce(self, uow: UnitOfWork) -> None:
        """Have members looked at again once this unit of work has committed."""
        for action in self._changed:
            uow.after_commit(partial(action, uow.tenant_id))


async def check_unasked(uow: UnitOfWork, segment_id: int) -> None:
    """Refuse to delete a segment, of people or of companies, that others ask about.

    Raises:
        SegmentAsked: says which.
    """
    queries = SegmentQueries(uow)
    asking = [one for one, asked in (await queries.references()).asks.items() if segment_id in asked]
    if asking:
        names = await queries.names(asking)
        raise SegmentAsked(
            f"still asked about by {', '.join(names)}; change them first",
            message_zh=f"仍被以下人群引用：{'、'.join(names)}，请先修改它们",
            segments=names,
        )


def _check_owner(row: SegmentRow, owner: str) -> None:
    if row.owner != owner:
        raise SegmentOwned(
            f"this segment is kept by {row.owner or 'people'}; change it there",
            message_zh="该人群由标签规则维护，请在标签页修改",
        )


def evaluation_at(as_of: datetime, time_zone: str) -> Evaluation:
    """Return an evaluation at ``as_of``, cut to the millisecond that history knows."""
    instant = as_of.astimezone(UTC)
    return Evaluation(instant.replace(microsecond=instant.microsecond // 1000 * 1000), ZoneInfo(time_zone))
