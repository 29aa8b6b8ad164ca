"""Computed attributes: draft, try, publish, pause, delete; and what is known of their values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.insight.computed.contracts import (
    PREFIX,
    AttributeUse,
    ComputedDetail,
    ComputedList,
    ComputedPage,
    ComputedRow,
    ComputedTrial,
    ComputedView,
    NewComputed,
    PersonValue,
    PersonValues,
    SaveComputed,
    TryComputed,
    ValueSpread,
)
from quanyu.modules.insight.computed.definition import (
    ATTRIBUTES_MAX,
    Definition,
    check_key,
    dump_definition,
    parse_definition,
    read_definition,
)
from quanyu.modules.insight.computed.distribution import spread
from quanyu.modules.insight.computed.errors import (
    ComputedExists,
    ComputedInUse,
    ComputedNotFound,
    InvalidComputed,
    InvalidFormula,
    NothingToPublish,
    TooManyComputed,
)
from quanyu.modules.insight.computed.plan import Plan, dependents, plan_all
from quanyu.modules.insight.computed.ports import AttributeReaders, NoReaders
from quanyu.modules.insight.computed.queries import ComputedQueries, Row
from quanyu.modules.insight.computed.trial import Trials
from quanyu.modules.insight.computed.values import ValueType
from quanyu.modules.insight.computed.views import detail, view
from quanyu.modules.people.computed.keys import attribute_key
from quanyu.modules.people.computed.store import ComputedStore
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

VALUES_COUNTED: Final = 100_000  # Distinct values a distribution looks at, the most frequent first.
_LISTED: Final = 5
_TRIED: Final = "tried_definition"  # The key of a definition that has none yet.


class ComputedAttributes:
    """The definitions of a brand, and reading their values."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
    ) -> None:
        self._uows = uows
        self._people = people
        self._tenants = tenants
        self._trials = Trials(uows, warehouse, people)
        self._readers: AttributeReaders = NoReaders()

    def read_by(self, readers: AttributeReaders) -> None:
        """Let higher modules say what reads attributes; wiring calls this once."""
        self._readers = readers

    async def names(self, uow: UnitOfWork) -> dict[str, str]:
        """Return what every attribute is called, by its key in conditions and templates."""
        return {attribute_key(row.key): row.name for row in await ComputedQueries(uow).list_all()}

    async def list_all(self, uow: UnitOfWork) -> ComputedList:
        """Return every attribute."""
        rows = await ComputedQueries(uow).list_all()
        return ComputedList(
            items=tuple(view(row) for row in rows), people=await self._people.count(uow), most=ATTRIBUTES_MAX
        )

    async def get(self, uow: UnitOfWork, attribute: str) -> ComputedDetail:
        """Return one attribute with what it reads and who reads it.

        Raises:
            ComputedNotFound
        """
        row = await self._find(uow, attribute)
        plan = await self._plan(uow, {row.key: parse_definition(row.definition or row.draft)})
        used_by = await self._used_by(uow, row.key, plan)
        return detail(row, plan[row.key], used_by, await ComputedQueries(uow).versions(row.id))

    async def create(self, uow: UnitOfWork, command: NewComputed, *, actor: str) -> ComputedView:
        """Begin an attribute as a draft; nothing is computed before it is published.

        Raises:
            InvalidComputed, InvalidFormula
            ComputedExists: the key is taken. TooManyComputed: the brand has 100.
        """
        check_key(command.key)
        definition = read_definition(command.definition)
        queries = ComputedQueries(uow)
        await queries.lock_all()
        rows = await queries.list_all()
        if len(rows) >= ATTRIBUTES_MAX:
            raise TooManyComputed(
                f"a brand has at most {ATTRIBUTES_MAX} computed attributes",
                message_zh=f"一个品牌最多 {ATTRIBUTES_MAX} 个计算属性",
            )
        taken = {row.key for row in rows} | {key for _, key in await queries.list_deleted()}
        if command.key in taken:
            raise ComputedExists(
                f"there is a computed attribute {command.key} already, or its values are still being removed",
                message_zh=f"标识 {command.key} 已被使用，或其旧值仍在清除中",
            )
        await self._plan(uow, {command.key: definition})
        attribute_id = new_id()
        await queries.add(
            attribute_id,
            key=command.key,
            name=command.name,
            description=command.description,
            draft=dump_definition(definition),
            actor=actor,
        )
        return view(await self._row(uow, attribute_id))

    async def update(self, uow: UnitOfWork, attribute: str, command: SaveComputed) -> ComputedView:
        """Replace words and draft; what is published goes on as it is.

        Raises:
            ComputedNotFound, InvalidComputed, InvalidFormula
        """
        queries = ComputedQueries(uow)
        await queries.lock_all()
        row = await self._find(uow, attribute)
        definition = read_definition(command.definition)
        await self._plan(uow, {row.key: definition})
        draft = dump_definition(definition)
        await queries.save(
            row.id,
            name=command.name,
            description=command.description,
            draft=None if draft == row.definition else draft,
        )
        return view(await self._row(uow, row.id))

    async def publish(self, uow: UnitOfWork, attribute: str, *, actor: str) -> ComputedView:
        """Make the draft the next version; values follow within seconds, for everybody.

        Raises:
            ComputedNotFound, NothingToPublish, InvalidComputed, InvalidFormula
            ComputedInUse: a formula that reads it could not be computed any more.
        """
        queries = ComputedQueries(uow)
        await queries.lock_all()
        row = await self._find(uow, attribute)
        if row.draft is None:
            raise NothingToPublish(
                "there is no draft that differs from what is published", message_zh="没有未发布的修改"
            )
        plan = await self._plan(uow, {row.key: parse_definition(row.draft)})
        await queries.publish(row, value_type=plan[row.key].type.value, actor=actor)
        return view(await self._row(uow, row.id))

    async def pause(self, uow: UnitOfWork, attribute: str) -> ComputedView:
        """Keep the values as they are from now on. Idempotent.

        Raises:
            ComputedNotFound
        """
        return await self._set_state(uow, attribute, "paused", of={"live"})

    async def resume(self, uow: UnitOfWork, attribute: str) -> ComputedView:
        """Go on computing; everybody is looked at first. Idempotent.

        Raises:
            ComputedNotFound
        """
        return await self._set_state(uow, attribute, "live", of={"paused"})

    async def delete(self, uow: UnitOfWork, attribute: str) -> None:
        """Delete an attribute nobody reads; its values go in the background.

        Raises:
            ComputedNotFound
            ComputedInUse: a segment, journey, analysis, board or another attribute reads it; names them.
        """
        queries = ComputedQueries(uow)
        await queries.lock_all()
        row = await self._find(uow, attribute)
        plan = await self._plan(uow, {})
        used_by = await self._used_by(uow, row.key, plan)
        if used_by:
            named = "、".join(one.name for one in used_by[:_LISTED])
            raise ComputedInUse(
                f"{row.key} is read in {len(used_by)} places: {named}",
                message_zh=f"有 {len(used_by)} 处使用“{row.name}”：{named}",
                used_by=[one.model_dump() for one in used_by],
            )
        await queries.set_state(row.id, "deleted")

    async def try_out(self, tenant_id: TenantId, command: TryComputed) -> ComputedTrial:
        """Compute a definition for a sample of people; nothing is saved (a dry run).

        Raises:
            InvalidComputed, InvalidFormula
            WarehouseUnavailable: history cannot be read now.
        """
        definition = read_definition(command.definition)
        key = command.key or _TRIED
        async with self._uows.app(tenant_id) as uow:
            plan = await self._plan(uow, {key: definition})
            at = await self._now(uow)
        return await self._trials.of(tenant_id, plan, key, at)

    async def distribution(self, uow: UnitOfWork, attribute: str) -> ValueSpread:
        """Return how the kept values are spread.

        Raises:
            ComputedNotFound
        """
        row = await self._find(uow, attribute)
        kind = ValueType(row.value_type or ValueType.NUMBER)
        values = await ComputedStore(uow).counted(row.key, limit=VALUES_COUNTED)
        return spread(values, kind, (await self._now(uow)).zone)

    async def values(
        self, uow: UnitOfWork, attribute: str, *, cursor: str | None = None, limit: int | None = None
    ) -> ComputedPage:
        """Return the people who have a value.

        Raises:
            ComputedNotFound
        """
        row = await self._find(uow, attribute)
        size, after = clamp_limit(limit), int(decode_cursor(cursor, int)[0]) if cursor else 0
        found = await ComputedStore(uow).page(row.key, after=after, limit=size + 1)
        page = found[:size]
        rows = await self._people.rows(uow, [PersonId(one[0]) for one in page])
        by_id = {one.id: one for one in rows}
        return ComputedPage(
            items=tuple(
                ComputedRow(person=by_id[encode_id("per", person)], value=value, since=since)
                for person, value, since in page
                if encode_id("per", person) in by_id
            ),
            next_cursor=encode_cursor(page[-1][0]) if len(found) > size else None,
            total=row.people,
        )

    async def of_person(self, uow: UnitOfWork, person: PersonId) -> PersonValues:
        """Return one person's values with their lineage.

        Raises:
            PersonNotFound
        """
        canonical = (await self._people.canonical_ids(uow, [person])).get(person)
        if canonical is None:
            raise PersonNotFound("there is no such person", message_zh="没有这个客户")
        held = await ComputedStore(uow).of_person(canonical)
        return PersonValues(
            items=tuple(
                _person_value(row, *held[attribute_key(row.key)])
                for row in await ComputedQueries(uow).list_all()
                if row.definition is not None and attribute_key(row.key) in held
            )
        )

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        """Note who merged or parted: their values are computed again."""
        people = {one for merge in merges for one in (merge.from_id, merge.to_id)}
        for left in departures:
            people |= {left.from_id, left.to_id, left.person_id or left.to_id}
        queries = ComputedQueries(uow)
        if people and await queries.has_any():
            await queries.touch(sorted(people))

    async def _set_state(self, uow: UnitOfWork, attribute: str, state: str, *, of: set[str]) -> ComputedView:
        row = await self._find(uow, attribute)
        if row.state in of:
            await ComputedQueries(uow).set_state(row.id, state)
        return view(await self._row(uow, row.id))

    async def _find(self, uow: UnitOfWork, attribute: str) -> Row:
        return await self._row(uow, decode_id(PREFIX, attribute))

    async def _row(self, uow: UnitOfWork, attribute_id: int) -> Row:
        for row in await ComputedQueries(uow).list_all():
            if row.id == attribute_id:
                return row
        raise ComputedNotFound("there is no such computed attribute", message_zh="没有这个计算属性")

    async def _plan(self, uow: UnitOfWork, new: Mapping[str, Definition]) -> Plan:
        """Plan what is published with definitions that are new or replace others.

        Raises:
            InvalidComputed, InvalidFormula: the new one does not fit.
            ComputedInUse: it does, but something that reads it would not any more.
        """
        rows = await ComputedQueries(uow).list_all()
        published = {row.key: parse_definition(row.definition) for row in rows if row.definition is not None}
        try:
            return plan_all({**published, **new})
        except (InvalidComputed, InvalidFormula) as error:
            broken = _broken_readers(published, new)
            if not broken:
                raise
            names = "、".join(row.name for row in rows if row.key in broken)
            raise ComputedInUse(
                f"these attributes read it and could not be computed any more: {names} ({error.message})",
                message_zh=f"这些属性引用了它，修改后将无法计算：{names}（{error.message_zh}）",
            ) from error

    async def _used_by(self, uow: UnitOfWork, key: str, plan: Plan) -> tuple[AttributeUse, ...]:
        reading = dependents(plan, key)
        rows = {row.key: row for row in await ComputedQueries(uow).list_all()}
        attributes = [
            AttributeUse(kind="attribute", id=encode_id(PREFIX, rows[one].id), name=rows[one].name)
            for one in reading
            if one in rows
        ]
        others = await self._readers.readers(uow, [attribute_key(key)])
        return (*attributes, *others.get(attribute_key(key), ()))

    async def _now(self, uow: UnitOfWork) -> Evaluation:
        now = uow.clock.now()
        brand = await self._tenants.get_brand(uow)
        whole_ms = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return Evaluation(whole_ms, ZoneInfo(brand.time_zone))


def _broken_readers(published: Mapping[str, Definition], new: Mapping[str, Definition]) -> tuple[str, ...]:
    """Return who reads a new definition and does not fit it, where the definition by itself does."""
    try:
        before = plan_all(published)
    except AppError:
        return ()
    reading: set[str] = set()
    waiting = [key for key in new if key in before]
    while waiting:
        for one in dependents(before, waiting.pop()):
            if one not in reading:
                reading.add(one)
                waiting.append(one)
    if not reading:
        return ()
    try:
        plan_all({**{key: one for key, one in published.items() if key not in reading}, **new})
    except AppError:
        return ()
    return tuple(sorted(reading))


def _person_value(row: Row, value: Any, since: Any) -> PersonValue:
    seen = view(row)
    return PersonValue(
        id=seen.id,
        key=seen.key,
        name=seen.name,
        description=seen.description,
        type=seen.type or ValueType.TEXT,
        value=value,
        since=since,
        as_of=seen.as_of,
        state=seen.state,
        definition=seen.definition or {},
    )
