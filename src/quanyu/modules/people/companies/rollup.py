"""What a company's people did and bought, read from history as theirs together."""

from collections.abc import Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people import profile_queries
from quanyu.modules.people.companies.contact_queries import ContactQueries
from quanyu.modules.people.companies.contracts import (
    CONTACTS_MAX,
    CompanyEvent,
    CompanyId,
    CompanyOrders,
    CompanyTimeline,
    CompanyTotal,
)
from quanyu.modules.people.companies.service import Companies
from quanyu.modules.people.contracts import TimelineFilter
from quanyu.modules.people.service import People
from quanyu.modules.people.views import decimal_text, milliseconds, timeline_item
from quanyu.modules.tenants.service import Tenants

_END_OF_TIME: Final = (2**62, 2**63 - 1)
_TOTALS: Final = """
SELECT if(currency = '', {own:String}, currency) AS money, uniqExact(order_id), sum(ifNull(revenue, 0)),
    max(occurred_at)
FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND order_id != ''
    AND name LIKE 'Order %'
GROUP BY money ORDER BY 2 DESC, 1
"""
_BUYERS: Final = """
SELECT DISTINCT person FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND order_id != ''
    AND name = 'Order Completed'
"""
_WHO: Final = """
SELECT position, person FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND position IN {events:Array(UInt64)}
    AND occurred_at BETWEEN fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
"""


class CompanyHistory:
    """Rolls up what those who are contacts now did; at most ``CONTACTS_MAX`` of them."""

    def __init__(self, companies: Companies, people: People, warehouse: Warehouse) -> None:
        self._companies = companies
        self._people = people
        self._warehouse = warehouse
        self._tenants = Tenants()

    async def timeline(
        self,
        uow: UnitOfWork,
        company_id: CompanyId,
        *,
        with_below: bool,
        name: str = "",
        cursor: str | None = None,
        limit: int | None = None,
    ) -> CompanyTimeline:
        """Return what the people did, newest first.

        Raises:
            CompanyNotFound: this brand has no such company.
            WarehouseUnavailable: history cannot be read now.
        """
        owners = await self._owners_of(uow, company_id, with_below=with_below)
        if not owners:
            return CompanyTimeline(items=(), next_cursor=None)
        size, gate = clamp_limit(limit), self._warehouse.for_tenant(uow.tenant_id)
        before = decode_cursor(cursor, int, int) if cursor else _END_OF_TIME
        rows = await profile_queries.timeline(
            uow,
            gate,
            sorted(owners),
            wanted=TimelineFilter(name=name),
            before=(before[0], before[1]),
            limit=size + 1,
        )
        shown = rows[:size]
        whose = await self._whose(uow, owners, shown)
        names = await self._people.display_names(uow, sorted(set(whose.values())))
        last = rows[size - 1] if len(rows) > size else None
        return CompanyTimeline(
            items=tuple(
                CompanyEvent(
                    person=encode_id("per", whose[row[0]]),
                    person_name=names.get(whose[row[0]], ""),
                    event=timeline_item(row),
                )
                for row in shown
                if row[0] in whose
            ),
            next_cursor=None if last is None else encode_cursor(milliseconds(last[3]), last[0]),
        )

    async def orders(self, uow: UnitOfWork, company_id: CompanyId, *, with_below: bool) -> CompanyOrders:
        """Return what the people bought; refunds and cancellations count against it.

        Raises:
            CompanyNotFound: this brand has no such company.
            WarehouseUnavailable: history cannot be read now.
        """
        owners = await self._owners_of(uow, company_id, with_below=with_below)
        people = len(set(owners.values()))
        if not owners:
            return CompanyOrders(people=0, buyers=0, totals=())
        gate, brand = self._warehouse.for_tenant(uow.tenant_id), await self._tenants.get_brand(uow)
        asked = {"people": sorted(owners), "own": brand.currency}
        totals = await profile_queries.ask_history(uow, gate, _TOTALS, asked, patient=True)
        buyers = await profile_queries.ask_history(uow, gate, _BUYERS, asked, patient=True)
        return CompanyOrders(
            people=people,
            buyers=len({owners[PersonId(one)] for (one,) in buyers}),
            totals=tuple(
                CompanyTotal(
                    currency=money, orders=orders, amount=decimal_text(amount), last_order_at=last_at
                )
                for money, orders, amount, last_at in totals
            ),
        )

    async def _owners_of(
        self, uow: UnitOfWork, company_id: CompanyId, *, with_below: bool
    ) -> dict[PersonId, PersonId]:
        """Return every id the people's events are stamped with, and who that is."""
        kept = await self._companies.find(uow, company_id)
        wanted = await self._companies.with_all_below(uow, kept.id) if with_below else (kept.id,)
        people = await ContactQueries(uow).people_now(wanted, CONTACTS_MAX)
        members = await profile_queries.list_members(uow, people)
        return {PersonId(one.id): PersonId(one.profile) for one in members}

    async def _whose(
        self, uow: UnitOfWork, owners: dict[PersonId, PersonId], rows: Sequence[Any]
    ) -> dict[int, PersonId]:
        if not rows:
            return {}
        times = [milliseconds(row[3]) for row in rows]
        found = await profile_queries.ask_history(
            uow,
            self._warehouse.for_tenant(uow.tenant_id),
            _WHO,
            {
                "people": sorted(owners),
                "events": [row[0] for row in rows],
                "from_ms": min(times) - 1,
                "to_ms": max(times) + 1,
            },
            patient=True,
        )
        return {int(position): owners[PersonId(person)] for position, person in found}
