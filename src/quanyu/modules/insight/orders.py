"""Figures of orders, straight from history."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight import warehouse_queries as sql
from quanyu.modules.insight.behaviour.periods import Days
from quanyu.modules.insight.behaviour.trend import TrendCompiler
from quanyu.modules.insight.contracts import (
    AllOrders,
    CurrencyRevenue,
    DailyFigures,
    DayFigures,
    OrderFigures,
    PositiveOrders,
)
from quanyu.modules.insight.currencies import choose_currency, own_currency
from quanyu.modules.insight.errors import InvalidPeriod
from quanyu.modules.insight.metrics.builtin import BUILTIN
from quanyu.modules.insight.metrics.contracts import EventFormula, MetricQuestion
from quanyu.modules.insight.metrics.formula import as_trend
from quanyu.modules.tenants.contracts import Brand

_EARLIEST_MS: Final = -2_208_988_800_000  # 1900, where the warehouse's instants begin.
_LATEST_MS: Final = 10_413_791_999_999  # The end of 2299.
DAYS_MAX: Final = 400


class Orders:
    """Reads order figures of one brand."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    async def figures(
        self, brand: Brand, *, from_: str = "", to: str = "", currency: str = ""
    ) -> OrderFigures:
        """Return figures of the period [from, to): dates in the brand's time zone, or instants.

        In one currency: the one asked for, else the brand's, else the one most orders are in.

        Raises:
            InvalidPeriod: they are neither, or not in order.
            WarehouseUnavailable: history cannot be read now.
        """
        zone = ZoneInfo(brand.time_zone)
        first = _EARLIEST_MS if not from_ else _milliseconds(from_, zone)
        end = _LATEST_MS if not to else _milliseconds(to, zone)
        if first >= end:
            raise InvalidPeriod("from must be earlier than to", message_zh="开始时间必须早于结束时间")
        gate = self._warehouse.for_tenant(brand.tenant_id)
        chosen = await choose_currency(gate, brand_currency=brand.currency, wanted=currency)
        period = {"from_ms": first, "to_ms": end, "currencies": list(chosen.stands_for)}
        every = (await gate.query(sql.ORDER_FIGURES, period))[0]
        positive = (await gate.query(sql.POSITIVE_FIGURES, period))[0]
        return OrderFigures(
            currency=chosen.code,
            other_currencies=chosen.others,
            all=AllOrders(
                invoices=every[0],
                customers=every[1],
                lines=every[2],
                cancelled_lines=every[3],
                net_revenue=amount_text(every[4]),
            ),
            positive_known=PositiveOrders(
                invoices=positive[0],
                customers=positive[1],
                lines=positive[2],
                revenue=amount_text(positive[3]),
            ),
        )

    async def by_day(self, brand: Brand, *, as_of: datetime, days: int = 30) -> DailyFigures:
        """Return net revenue and completed orders of the last local days, today last; quiet days are zero.

        In the brand's own currency, whatever most orders are in; ``other_currencies`` names the rest.
        """
        zone = ZoneInfo(brand.time_zone)
        count = max(1, min(days, DAYS_MAX))
        today = as_of.astimezone(zone).date()
        first = today - timedelta(days=count - 1)
        asked = Days(first, today, zone, as_of)
        revenue = {row[1]: row[4] for row in await self._by_day(brand, "revenue", asked)}
        orders = {row[1]: row[6] for row in await self._by_day(brand, "orders", asked)}
        calendar = (first + timedelta(days=n) for n in range(count))
        return DailyFigures(
            currency=brand.currency,
            days=tuple(_day(day, revenue.get(day, Decimal(0)), orders.get(day, 0)) for day in calendar),
        )

    async def _by_day(self, brand: Brand, metric: str, days: Days) -> list[tuple[Any, ...]]:
        """Ask a metric of the platform in the brand's own currency; rows as ``TrendCompiler.buckets``."""
        formula = BUILTIN[metric].formula
        assert isinstance(formula, EventFormula)
        compiler = TrendCompiler(
            as_trend(formula, MetricQuestion()),
            days.span,
            days,
            keys=(),
            currencies=own_currency(brand.currency),
        )
        asked = compiler.buckets(is_broken_down=False)
        return await self._warehouse.for_tenant(brand.tenant_id).query(asked.sql, asked.parameters)

    async def revenue(self, brand: Brand, *, since: datetime, until: datetime) -> Decimal:
        """Return the net revenue of [since, until) in the currency of ``by_day``."""
        gate = self._warehouse.for_tenant(brand.tenant_id)
        period = {"from_ms": epoch_ms(since), "to_ms": epoch_ms(until)}
        rows = await gate.query(
            sql.ORDER_FIGURES, {**period, "currencies": list(own_currency(brand.currency))}
        )
        return Decimal(rows[0][4])

    async def other_currencies(self, brand: Brand, *, since: datetime) -> tuple[CurrencyRevenue, ...]:
        """Return net revenue in every currency that is not the brand's, the most used first.

        In all, and from ``since`` on.
        """
        gate = self._warehouse.for_tenant(brand.tenant_id)
        rows = await gate.query(
            sql.OTHER_CURRENCIES,
            {"since_ms": epoch_ms(since), "currencies": list(own_currency(brand.currency))},
        )
        return tuple(
            CurrencyRevenue(currency=code, total=amount_text(total), recent=amount_text(recent))
            for code, total, recent in rows
        )


def _day(day: date, revenue: Decimal, orders: int) -> DayFigures:
    return DayFigures(date=day, revenue=amount_text(revenue), orders=orders)


def amount_text(amount: Decimal | int) -> str:
    """Write an amount exactly: every decimal it has, and at least two."""
    text = f"{Decimal(amount):f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def epoch_ms(instant: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000


def _milliseconds(text: str, zone: ZoneInfo) -> int:
    try:
        if len(text) == 10:
            found = epoch_ms(datetime.combine(date.fromisoformat(text), time(), tzinfo=zone))
        else:
            instant = datetime.fromisoformat(text)
            found = epoch_ms(instant if instant.tzinfo else instant.replace(tzinfo=zone))
    except ValueError as error:
        raise InvalidPeriod(
            f"{text[:40]!r} is neither a date (2026-03-04) nor an instant (2026-03-04T09:00:00Z)",
            message_zh=f"{text[:40]!r} 不是日期（2026-03-04）也不是时间（2026-03-04T09:00:00Z）",
        ) from error
    return max(_EARLIEST_MS, min(found, _LATEST_MS))
