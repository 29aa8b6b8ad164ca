"""Segments of companies: save definitions, and tell which companies meet them now."""

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import Conflict, NotFound
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people.companies.contracts import CompanyId
from quanyu.modules.people.companies.service import Companies
from quanyu.modules.segments.accounts import reading, rules
from quanyu.modules.segments.accounts.contracts import (
    ACCOUNT_SEGMENT_PREFIX,
    ACCOUNT_SEGMENTS_MAX,
    AccountMembers,
    AccountSegment,
    AccountSegments,
    SaveAccountSegment,
)
from quanyu.modules.segments.accounts.queries import AccountSegmentQueries, KeptSegment
from quanyu.modules.segments.accounts.tree import (
    AccountCondition,
    dump_account_definition,
    parse_account_definition,
)
from quanyu.modules.segments.queries import SegmentQueries
from quanyu.modules.segments.references import asked_in, check_references
from quanyu.modules.segments.service import Segments, check_unasked

_FIRST = 0


class AccountSegmentNotFound(NotFound):
    """The brand has no such segment of companies."""

    code = "segments.account_segment_not_found"


class AccountSegmentNameTaken(Conflict):
    """Another segment of companies has the name, or there are as many as there may be."""

    code = "segments.account_segment_name_taken"


class AccountSegmentDesk:
    """The use cases. Members are told from companies and history as they are when somebody looks.

    What conditions on people ask about are the stored members, which ``keeping`` brings up to date.
    """

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, companies: Companies, segments: Segments
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._companies = companies
        self._segments = segments

    async def list(self, uow: UnitOfWork) -> AccountSegments:
        """Return all, by name."""
        return AccountSegments(items=tuple(_view(one) for one in await AccountSegmentQueries(uow).list()))

    async def get(self, uow: UnitOfWork, segment: str) -> AccountSegment:
        """Return one.

        Raises:
            AccountSegmentNotFound: the brand has no such segment.
        """
        return _view(await self._find(uow, segment))

    async def save(
        self, uow: UnitOfWork, command: SaveAccountSegment, *, segment: str | None = None
    ) -> AccountSegment:
        """Create one, or replace it.

        Raises:
            InvalidDefinition, AccountSegmentNotFound, AccountSegmentNameTaken.
        """
        definition = dump_account_definition(parse_account_definition(command.definition))
        queries = AccountSegmentQueries(uow)
        number = new_id() if segment is None else (await self._find(uow, segment)).id
        stored = await SegmentQueries(uow).references()
        check_references(asked_in(definition), stored.with_company(number), segment_id=number)
        if segment is None and len(await queries.list()) >= ACCOUNT_SEGMENTS_MAX:
            raise AccountSegmentNameTaken(
                f"a brand has at most {ACCOUNT_SEGMENTS_MAX} segments of companies",
                message_zh=f"一个品牌最多 {ACCOUNT_SEGMENTS_MAX} 个企业分群",
            )
        if await queries.name_is_taken(command.name, but=number):
            raise AccountSegmentNameTaken(
                f"another segment is called {command.name}", message_zh=f"已有同名的企业分群：{command.name}"
            )
        await queries.save(number, command.name, definition)
        return _view(await self._find(uow, encode_id(ACCOUNT_SEGMENT_PREFIX, number)))

    async def delete(self, uow: UnitOfWork, segment: str) -> None:
        """Delete one; its companies stay.

        Raises:
            AccountSegmentNotFound: the brand has no such segment.
            SegmentAsked: a segment of people asks about it.
        """
        number = (await self._find(uow, segment)).id
        await check_unasked(uow, number)
        await AccountSegmentQueries(uow).delete(number)

    async def members(
        self, tenant_id: TenantId, segment: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AccountMembers:
        """Return companies that meet a saved definition now; its size is kept.

        Raises:
            AccountSegmentNotFound, WarehouseUnavailable.
        """
        async with self._uows.app(tenant_id) as uow:
            kept = await self._find(uow, segment)
        found = await self.select(
            tenant_id, parse_account_definition(kept.definition), cursor=cursor, limit=limit
        )
        async with self._uows.app(tenant_id) as uow:
            await AccountSegmentQueries(uow).note_size(kept.id, found.count, found.as_of)
        return found

    async def select(
        self,
        tenant_id: TenantId,
        definition: AccountCondition,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AccountMembers:
        """Return companies that meet a definition now. The warehouse is asked with no transaction open.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        at = await self._segments.evaluation(self._uows, tenant_id)
        async with self._uows.app(tenant_id) as uow:
            world = await reading.read_accounts(uow)
        world = await reading.ask_people(self._warehouse.for_tenant(tenant_id), definition, world, at)
        found = rules.members(definition, world)
        after = decode_cursor(cursor, int)[0] if cursor else _FIRST
        size = clamp_limit(limit)
        page = [one for one in found if one > after][: size + 1]
        async with self._uows.app(tenant_id) as uow:
            rows = await self._companies.rows(uow, [CompanyId(one) for one in page[:size]])
        return AccountMembers(
            as_of=at.as_of,
            count=len(found),
            items=rows,
            next_cursor=encode_cursor(page[size - 1]) if len(page) > size else None,
        )

    async def _find(self, uow: UnitOfWork, segment: str) -> KeptSegment:
        kept = await AccountSegmentQueries(uow).find(decode_id(ACCOUNT_SEGMENT_PREFIX, segment))
        if kept is None:
            raise AccountSegmentNotFound(
                f"there is no segment of companies {segment[:40]}",
                message_zh=f"没有这个企业分群：{segment[:40]}",
            )
        return kept


def _view(kept: KeptSegment) -> AccountSegment:
    return AccountSegment(
        id=encode_id(ACCOUNT_SEGMENT_PREFIX, kept.id),
        name=kept.name,
        definition=kept.definition,
        size=kept.size,
        sized_at=kept.sized_at,
        as_of=kept.as_of,
        updated_at=kept.updated_at,
    )
