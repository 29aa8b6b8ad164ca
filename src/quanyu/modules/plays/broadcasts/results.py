"""What a broadcast brought: what its people did within the window after their turn, against the control."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import CANONICAL, instant_sql
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.insight.currencies import own_currency
from quanyu.modules.messaging.contracts import CampaignView
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.plays.broadcasts.contracts import (
    PREFIX,
    BroadcastResult,
    GroupResult,
    Lift,
    Timing,
)
from quanyu.modules.plays.broadcasts.facts import CONTROL_GROUP, ENTERED, SENT_GROUP
from quanyu.modules.plays.broadcasts.queries import BroadcastRow
from quanyu.modules.plays.broadcasts.service import Broadcasts
from quanyu.modules.tenants.service import Tenants

_COMPLETED: Final = "Order Completed"
_REFUNDED: Final = "Order Refunded"
_CLICKED: Final = "links.clicked"
_WITHDRAWN: Final = ("people.consent_withdrawn", "wechat.official_account.unfollowed")
_MINOR: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Group:
    """Sums over the people of one group and timing."""

    group: str
    timing: str
    people: int
    buyers: int
    orders: int
    revenue: float
    revenue_squares: float
    clicked: int
    unsubscribed: int


class Results:
    """Asks history what came of a broadcast."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        tenants: Tenants,
        messaging: Messaging,
        broadcasts: Broadcasts,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._messaging = messaging
        self._broadcasts = broadcasts

    async def get(self, tenant_id: TenantId, broadcast_id: int) -> BroadcastResult:
        """Return the funnel and the worth of a broadcast, as history says now.

        Raises:
            BroadcastNotFound: this brand has no such broadcast.
            WarehouseUnavailable: history cannot be read now.
        """
        async with self._uows.app(tenant_id) as uow:
            row = await self._broadcasts.load(uow, broadcast_id)
            brand = await self._tenants.get_brand(uow)
            progress = await self._messaging.campaigns.get(uow, encode_id(PREFIX, broadcast_id))
        now = self._uows.clock.now()
        groups = await self._ask(tenant_id, row, since=row.created_at, now=now, currency=brand.currency)
        lift = await asyncio.to_thread(_lift, groups)
        return _result(row, groups, progress, lift, currency=brand.currency, now=now)

    async def unsubscribed(self, tenant_id: TenantId, row: BroadcastRow, *, since: datetime) -> int:
        """Count who was to get a broadcast and withdrew or unfollowed since."""
        groups = await self._ask(tenant_id, row, since=since, now=self._uows.clock.now(), currency="")
        return sum(one.unsubscribed for one in groups if one.group == SENT_GROUP)

    async def _ask(
        self, tenant_id: TenantId, row: BroadcastRow, *, since: datetime, now: datetime, currency: str
    ) -> list[_Group]:
        bind = Parameters()
        sql = _sql(row, bind, since=since, now=now, currency=currency)
        found = await self._warehouse.for_tenant(tenant_id).query(sql, bind.values)
        return [_Group(*values) for values in found]


def _sql(row: BroadcastRow, bind: Parameters, *, since: datetime, now: datetime, currency: str) -> str:
    """(group, timing, people, buyers, orders, Σ revenue, Σ revenue², clicked, unsubscribed).

    People are who they are known as today; who was in several runs counts once, from the first to the end of
    the window of the last.
    """
    broadcast = encode_id(PREFIX, row.id)
    days = bind.bind(row.plan.window_days, "UInt16")
    names = (_COMPLETED, _REFUNDED, _CLICKED, *_WITHDRAWN)
    from_, to = instant_sql(epoch_ms(since), bind), instant_sql(epoch_ms(now), bind)
    money = bind.bind(list(own_currency(currency)), "Array(String)")
    completed, refunded = bind.bind(_COMPLETED, "String"), bind.bind(_REFUNDED, "String")
    clicked = bind.bind(_CLICKED, "String")
    entered = (
        f"SELECT {CANONICAL} AS who, events.occurred_at AS at, "  # noqa: S608
        "properties.`group`.:`String` AS met, properties.`timing`.:`String` AS hour FROM events "
        f"WHERE events.tenant_id = {{tenant:UInt32}} AND events.name = {bind.bind(ENTERED, 'String')} "
        "AND events.person != 0 AND properties.`broadcast`.:`String` = "
        f"{bind.bind(broadcast, 'String')} AND events.occurred_at >= {from_} AND events.occurred_at <= {to}"
    )
    ours = (
        "SELECT properties.`message_id`.:`String` FROM events "  # noqa: S608
        "WHERE events.tenant_id = {tenant:UInt32} AND events.name = 'messaging.message_accepted' AND "
        f"startsWith(properties.`origin_key`.:`String`, {bind.bind(f'broadcast:{broadcast}:', 'String')})"
    )
    facts = (
        f"SELECT {CANONICAL} AS who, events.occurred_at AS at, events.name AS fact, "  # noqa: S608
        "events.order_id AS order_key, if(events.order_id = '', events.message_id, events.order_id) AS sale, "
        f"if(has({money}, events.currency), toFloat64(ifNull(events.revenue, 0)), 0) AS amount "
        "FROM events WHERE events.tenant_id = {tenant:UInt32} AND events.person != 0 "
        f"AND has({bind.bind(list(names), 'Array(String)')}, events.name) "
        f"AND events.occurred_at >= {from_} AND events.occurred_at <= {to} "
        f"AND (events.name != {clicked} OR properties.`message_id`.:`String` IN ({ours}))"
    )
    people = (
        "SELECT who, argMin(met, at) AS met, argMin(hour, at) AS hour, min(at) AS first_at, "  # noqa: S608
        f"max(at) + toIntervalDay({days}) AS upto FROM ({entered}) GROUP BY who"
    )
    within = "f.at >= e.first_at AND f.at < e.upto"
    return (
        "SELECT met, hour, count(), countIf(sales > 0), sum(sales), sum(revenue), "  # noqa: S608
        "sum(revenue * revenue), countIf(clicks > 0), countIf(left > 0) FROM ("
        "SELECT e.who AS who, any(e.met) AS met, any(e.hour) AS hour, "
        f"uniqExactIf(f.sale, f.fact = {completed} AND {within}) AS sales, "
        f"sumIf(f.amount, f.fact IN ({completed}, {refunded}) AND {within}) AS revenue, "
        f"countIf(f.fact = {clicked} AND {within}) AS clicks, "
        f"countIf(has({bind.bind(list(_WITHDRAWN), 'Array(String)')}, f.fact) AND {within}) AS left "
        f"FROM ({people}) AS e LEFT JOIN ({facts}) AS f ON f.who = e.who GROUP BY e.who"
        ") GROUP BY met, hour"
    )


def _result(
    row: BroadcastRow,
    groups: Sequence[_Group],
    progress: CampaignView,
    lift: Lift | None,
    *,
    currency: str,
    now: datetime,
) -> BroadcastResult:
    sent = [one for one in groups if one.group == SENT_GROUP]
    control = [one for one in groups if one.group == CONTROL_GROUP]
    clicked = sum(one.clicked for one in sent)
    return BroadcastResult(
        as_of=now,
        window_days=row.plan.window_days,
        currency=currency,
        planned=progress.planned,
        accepted=progress.accepted,
        delivered=progress.delivered if progress.delivered or progress.failed else None,
        clicked=clicked or None,
        sent=_sum(sent),
        control=_sum(control) if control else None,
        best_hour=_of_timing(sent, Timing.BEST),
        random_hour=_of_timing(sent, Timing.RANDOM),
        unsubscribed=sum(one.unsubscribed for one in sent),
        cost=row.plan.cost_minor * progress.accepted / _MINOR,
        lift=lift,
    )


def _of_timing(groups: Sequence[_Group], timing: Timing) -> GroupResult | None:
    found = [one for one in groups if one.timing == timing]
    return _sum(found) if found else None


def _sum(groups: Sequence[_Group]) -> GroupResult:
    return GroupResult(
        people=sum(one.people for one in groups),
        buyers=sum(one.buyers for one in groups),
        orders=sum(one.orders for one in groups),
        revenue=Decimal(str(round(sum(one.revenue for one in groups), 2))),
    )


def _lift(groups: Sequence[_Group]) -> Lift | None:
    """Compare who was to get it with who was held out; loads scipy."""
    from quanyu.modules.experiments.stats.difference import proportions, welch
    from quanyu.modules.experiments.stats.moments import Moments

    def told(name: str) -> tuple[int, int, Moments]:
        found = [one for one in groups if one.group == name]
        people = sum(one.people for one in found)
        total, squares = sum(one.revenue for one in found), sum(one.revenue_squares for one in found)
        return people, sum(one.buyers for one in found), Moments.of_sums(people, total, squares)

    people, buyers, money = told(SENT_GROUP)
    control_people, control_buyers, control_money = told(CONTROL_GROUP)
    if not people or not control_people:
        return None
    rate = proportions(control_people, control_buyers, people, buyers)
    revenue = welch(control_money, money)
    return Lift(
        buyer_rate=rate.absolute,
        buyer_rate_low=rate.low if rate.is_told else None,
        buyer_rate_high=rate.high if rate.is_told else None,
        revenue_per_person=revenue.absolute,
        revenue_low=revenue.low if revenue.is_told else None,
        revenue_high=revenue.high if revenue.is_told else None,
        extra_revenue=revenue.absolute * people,
    )
