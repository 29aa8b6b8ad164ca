"""One person's orders, straight from history, for their page."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.kernel.paging import LIMIT_MAX, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight.orders import amount_text
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

_END: Final = (2**62, "\U0010ffff")

# Grain: one order. Its amount is what its events add up to: refunds and cancellations count against it.
_ORDERS: Final = """
SELECT order_id, any(money) AS currency, sum(amount) AS net, max(items_count) AS lines,
    toUnixTimestamp64Milli(min(occurred_at)) AS first_ms, max(occurred_at) AS last_at,
    argMax(name, (occurred_at, position)) AS last_name
FROM (
    SELECT order_id, if(currency = '', {own:String}, currency) AS money, ifNull(revenue, 0) AS amount,
        length(items.product_id) AS items_count, occurred_at, position, name
    FROM events
    WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND order_id != ''
        AND name LIKE 'Order %'
)
GROUP BY order_id
HAVING (first_ms, order_id) < ({before_ms:Int64}, {before:String})
ORDER BY first_ms DESC, order_id DESC
LIMIT {limit:UInt32}
"""
_TOTALS: Final = """
SELECT if(currency = '', {own:String}, currency) AS money, uniqExact(order_id), sum(ifNull(revenue, 0))
FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND order_id != ''
    AND name LIKE 'Order %'
GROUP BY money ORDER BY 2 DESC, 1
"""


class PersonOrder(BaseModel):
    """One order; ``amount`` is net of refunds and cancellations, as decimal text."""

    model_config = ConfigDict(frozen=True)

    order_id: str
    amount: str
    currency: str
    lines: int
    placed_at: datetime
    last_event: str
    last_at: datetime


class OrderTotal(BaseModel):
    """What somebody's orders come to in one currency."""

    model_config = ConfigDict(frozen=True)

    currency: str
    orders: int
    amount: str


class PersonOrders(BaseModel):
    """A page of orders, the latest first, and the totals of all, for each currency apart."""

    model_config = ConfigDict(frozen=True)

    items: tuple[PersonOrder, ...]
    totals: tuple[OrderTotal, ...]
    next_cursor: str | None


class OrdersOfPeople:
    """Reads the orders of one person."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants

    async def page(
        self, tenant_id: TenantId, person_id: PersonId, *, cursor: str | None, limit: int
    ) -> PersonOrders:
        """Return one page.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        async with self._uows.app(tenant_id) as uow:
            members = await self._people.members_of(uow, person_id)
            brand = await self._tenants.get_brand(uow)
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int, str) if cursor else _END
        asked = {"people": list(members), "own": brand.currency}
        gate = self._warehouse.for_tenant(tenant_id)
        totals = await gate.query(_TOTALS, asked) if not cursor else []
        rows = await gate.query(
            _ORDERS, {**asked, "before_ms": before[0], "before": before[1], "limit": size + 1}
        )
        last = rows[size - 1] if len(rows) > size else None
        return PersonOrders(
            items=tuple(_order(row) for row in rows[:size]),
            totals=tuple(
                OrderTotal(currency=currency, orders=orders, amount=amount_text(amount))
                for currency, orders, amount in totals
            ),
            next_cursor=None if last is None else encode_cursor(last[4], last[0]),
        )


def _order(row: tuple[Any, ...]) -> PersonOrder:
    return PersonOrder(
        order_id=row[0],
        currency=row[1],
        amount=amount_text(Decimal(row[2])),
        lines=row[3],
        placed_at=datetime.fromtimestamp(row[4] / 1000, UTC),
        last_at=row[5],
        last_event=row[6],
    )


def router(orders: OrdersOfPeople) -> APIRouter:
    """Build the route of the person page."""
    routes = APIRouter(prefix="/api/v1/people", tags=["insight"], dependencies=[permits.PEOPLE])

    @routes.get("/{person}/orders")
    async def orders_of_person(
        caller: CurrentCaller,
        person: str,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 20,
    ) -> PersonOrders:
        """List one person's orders, the latest first; the first page also has the totals."""
        number = decode_id("per", person)
        who = PersonId(number if number < 2**31 else 0)
        return await orders.page(caller.tenant_id, who, cursor=cursor, limit=limit)

    return routes
