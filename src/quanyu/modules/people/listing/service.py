"""Lists of people: who, in which order, with which columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.kernel.paging import encode_cursor
from quanyu.modules.people import profile_queries
from quanyu.modules.people.listing import asking
from quanyu.modules.people.listing.asking import Asked, Wish
from quanyu.modules.people.listing.columns import ChosenColumns
from quanyu.modules.people.listing.contracts import (
    ATTRIBUTE,
    IdentityKind,
    ListOptions,
    ListPage,
    ListPeople,
    PeopleFilter,
)
from quanyu.modules.people.listing.errors import FilterTooBroad, OrderNotPossible
from quanyu.modules.people.listing.ports import Conditions
from quanyu.modules.people.search import search
from quanyu.modules.people.service import People
from quanyu.modules.people.tags.giving import TagGiving
from quanyu.modules.people.traits import asked_instead
from quanyu.modules.tenants.service import Tenants

ONLY_MAX: Final = 200_000  # People told to the warehouse one by one.


@dataclass(frozen=True, slots=True)
class _Known:
    """What PostgreSQL told of a filter. ``only`` is ``None`` where nothing of it asks there."""

    only: set[int] | None
    currency: str
    time_zone: str


class PeopleLists:
    """The use cases of lists. Each opens its own transactions: history is asked with none open."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        warehouse: Warehouse,
        people: People,
        tenants: Tenants,
        conditions: Conditions,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._conditions = conditions
        self._giving = TagGiving()
        self.columns = ChosenColumns(keyring)

    async def options(self, uow: UnitOfWork) -> ListOptions:
        """Return the kinds of identifiers people can be chosen by."""
        found = await profile_queries.list_scopes(uow)
        return ListOptions(
            identities=tuple(
                IdentityKind(namespace=namespace, scope=scope) for namespace, scope in sorted(found)
            )
        )

    async def page(self, tenant_id: TenantId, wanted: ListPeople) -> ListPage:
        """Return a page of a list.

        In the order people were added, without conditions about history, PostgreSQL tells; everything else
        the warehouse puts in order, whose copy of profiles follows within seconds.

        Raises:
            OrderNotPossible: names and identifiers are sealed and in no order.
            FilterTooBroad: see ``ONLY_MAX``.
            InvalidDefinition, InvalidCursor, SegmentNotFound, TagNotFound
            WarehouseUnavailable: history cannot be read now.
        """
        check_order(wanted.order)
        if wanted.order == "added" and wanted.descending and not wanted.filter.asks_history:
            return await self._newest(tenant_id, wanted)
        wish = await self._wish(tenant_id, wanted.filter, wanted.order, descending=wanted.descending)
        asked = asking.page(wish, after=wanted.cursor, limit=wanted.limit + 1)
        found = await self._ask(tenant_id, asked)
        total = None
        if wanted.cursor is None:
            total = int((await self._ask(tenant_id, asking.count(wish)))[0][0])
        more, found = len(found) > wanted.limit, found[: wanted.limit]
        people = [int(person) for person, *_ in found]
        cursor = None
        if more:
            person, missing, is_text, number, text = found[-1]
            cursor = encode_cursor(int(missing), int(is_text), float(number), text, int(person))
        async with self._uows.app(tenant_id) as uow:
            rows = await self._people.rows(uow, [PersonId(one) for one in people])
            shown = await self.columns.beside(uow, rows, people, wanted.columns)
        return ListPage(items=shown, next_cursor=cursor, total=total)

    async def everyone(self, tenant_id: TenantId, wanted: PeopleFilter, *, at_most: int) -> list[int]:
        """Return everybody a filter names now, ascending; one more than ``at_most`` where there are more.

        Raises:
            FilterTooBroad, InvalidDefinition, SegmentNotFound, TagNotFound, WarehouseUnavailable
        """
        if not wanted.asks_history:
            async with self._uows.app(tenant_id) as uow:
                known = await self._known(uow, wanted, with_sets=True)
                chosen = known.only
                if chosen is None:
                    return await profile_queries.list_newest(uow, before=None, limit=at_most + 1)
            return sorted(chosen)[: at_most + 1]
        wish = await self._wish(tenant_id, wanted, "added", descending=False)
        ((people,),) = await self._ask(tenant_id, asking.everyone(wish, at_most=at_most))
        return [int(one) for one in people]

    async def _newest(self, tenant_id: TenantId, wanted: ListPeople) -> ListPage:
        async with self._uows.app(tenant_id) as uow:
            known = await self._known(uow, wanted.filter, with_sets=True)
            within = None if known.only is None else sorted(known.only)
            page = await self._people.list_people(
                uow, cursor=wanted.cursor, limit=wanted.limit, within=within
            )
            people = [decode_id("per", one.id) for one in page.items]
            rows = await self.columns.beside(uow, page.items, people, wanted.columns)
        total = page.total if wanted.cursor is None else None
        return ListPage(items=rows, next_cursor=page.next_cursor, total=total)

    async def _wish(self, tenant_id: TenantId, wanted: PeopleFilter, order: str, *, descending: bool) -> Wish:
        async with self._uows.app(tenant_id) as uow:
            known = await self._known(uow, wanted, with_sets=False)
            now = uow.clock.now()
        if known.only is not None and len(known.only) > ONLY_MAX:
            raise FilterTooBroad(
                f"{len(known.only)} people have this identifier; with conditions or this order at most "
                f"{ONLY_MAX} can be combined: narrow it, or ask by a condition instead",
                message_zh=f"有 {len(known.only)} 人拥有该标识；与条件或此排序组合时最多 {ONLY_MAX} 人，"
                "请缩小范围或改用条件筛选",
            )
        tree = asking.tree_of(wanted)
        compiled = self._conditions.compile
        return Wish(
            narrowed=None if tree is None else compiled(tree, at=now, time_zone=known.time_zone),
            only=None if known.only is None else sorted(known.only),
            first_seen=asking.period_of(wanted, known.time_zone),
            order=order,
            descending=descending,
            currency=known.currency,
        )

    async def _known(self, uow: UnitOfWork, wanted: PeopleFilter, *, with_sets: bool) -> _Known:
        """Ask PostgreSQL its part; ``with_sets``: for members and carriers too, exact to this second."""
        brand = await self._tenants.get_brand(uow)
        parts: list[set[int]] = []
        if wanted.q.strip():
            gate = self._warehouse.for_tenant(uow.tenant_id)
            parts.append(await search(uow, self._keyring, gate, wanted.q.strip()))
        if wanted.identity is not None:
            parts.append(
                await profile_queries.people_with_identity(
                    uow, wanted.identity.namespace, wanted.identity.scope
                )
            )
        if with_sets and wanted.segment:
            parts.append(set(await self._conditions.members(uow, wanted.segment)))
        if with_sets and wanted.tag:
            parts.append(set(await self._giving.carriers(uow, wanted.tag)))
        only = set.intersection(*parts) if parts else None
        return _Known(only, brand.currency, brand.time_zone)

    async def _ask(self, tenant_id: TenantId, asked: Asked) -> Sequence[tuple[Any, ...]]:
        return await self._warehouse.for_tenant(tenant_id).query(asked.sql, asked.parameters)


def check_order(order: str) -> None:
    """Refuse an order nobody can put people in.

    Raises:
        OrderNotPossible: what it reads is sealed.
    """
    key = order.removeprefix(ATTRIBUTE)
    if order != "name" and (key == order or asked_instead(key) is None):
        return
    raise OrderNotPossible(
        f"{key} is a name or an identifier: it is sealed, and people cannot be put in its order",
        message_zh=f"{key} 属于姓名或标识，已加密，不能按它排序",
        key=key,
    )
