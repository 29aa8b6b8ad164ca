"""What happened lately: events by minute, orders and revenue by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.warehouse import TenantWarehouse

MINUTES: Final = 60
DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """Events that happened in the minute that begins at ``at``."""

    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class DayRevenue:
    """Net revenue and completed orders of one day of the brand's calendar."""

    date: date
    revenue: Decimal
    orders: int


async def events_per_minute(gate: TenantWarehouse, now: datetime) -> tuple[MinuteCount, ...]:
    """Return the last ``MINUTES`` minutes, the present one last; quiet minutes count zero."""
    this_minute = now.replace(second=0, microsecond=0)
    first = this_minute - timedelta(minutes=MINUTES - 1)
    rows = await gate.query(
        "SELECT toStartOfMinute(occurred_at) AS minute, count() FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND occurred_at >= {since:DateTime64(3)} GROUP BY minute",
        {"since": first},
    )
    found = {int(minute.timestamp()): int(count) for minute, count in rows}
    minutes = [first + timedelta(minutes=offset) for offset in range(MINUTES)]
    return tuple(MinuteCount(minute, found.get(int(minute.timestamp()), 0)) for minute in minutes)


async def count_events(gate: TenantWarehouse) -> int:
    """Return how many events the history holds."""
    rows = await gate.query("SELECT count() FROM events WHERE tenant_id = {tenant:UInt32}")
    return int(rows[0][0])


async def revenue_since(gate: TenantWarehouse, since: datetime, until: datetime, currency: str) -> Decimal:
    """Return the net revenue in one currency of [since, until]."""
    rows = await gate.query(
        "SELECT sum(revenue) FROM events WHERE tenant_id = {tenant:UInt32} "
        "AND name IN ('Order Completed', 'Order Refunded') AND currency IN ({currency:String}, '') "
        "AND occurred_at BETWEEN {since:DateTime64(3)} AND {until:DateTime64(3)}",
        {"since": since, "until": until, "currency": currency},
    )
    return Decimal(rows[0][0] or 0)


async def revenue_by_day(
    gate: TenantWarehouse, now: datetime, *, time_zone: str, currency: str
) -> tuple[DayRevenue, ...]:
    """Return the last ``DAYS`` days of the brand's calendar, today last; days without orders are zero."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    rows = await gate.query(
        "SELECT toDate(occurred_at, {zone:String}) AS day, sum(revenue), "
        "uniqExactIf(order_id, name = 'Order Completed') FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND name IN ('Order Completed', 'Order Refunded') "
        "AND currency IN ({currency:String}, '') AND occurred_at >= {since:DateTime64(3)} "
        "AND occurred_at <= {now:DateTime64(3)} GROUP BY day",
        {
            "zone": time_zone,
            "currency": currency,
            "since": datetime.combine(first, datetime.min.time(), zone),
            "now": now,
        },
    )
    found = {day: (Decimal(revenue or 0), int(orders)) for day, revenue, orders in rows}
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    return tuple(DayRevenue(day, *found.get(day, (Decimal(0), 0))) for day in days)
