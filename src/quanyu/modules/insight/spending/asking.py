"""The questions of spending, in sets. An order is one grain: what its events add up to, refunds taken off."""

from datetime import date
from typing import Any, Final

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.events.asking.readings import read_json
from quanyu.modules.insight.currencies import Currency
from quanyu.modules.insight.lifecycle.stages import day_number
from quanyu.modules.insight.studies import acts
from quanyu.modules.insight.warehouse_queries import COMPLETED, REFUNDED

LINES_MIN: Final = 20  # Of a category; below it a price says nothing of where it stands.
CATEGORIES_MAX: Final = 30
_CUTS: Final = ", ".join(f"{place / 20:.2f}" for place in range(1, 20))
_DISCOUNT: Final = read_json("properties", "discount")
_COUPON: Final = read_json("properties", "coupon").text
_WITH_DISCOUNT: Final = (
    f"(coalesce(toFloat64({_DISCOUNT.integer}), {_DISCOUNT.real}, toFloat64OrNull({_DISCOUNT.text}), 0) > 0 "
    f"OR ifNull({_COUPON}, '') != '' OR arrayExists(one -> one != '', `items.coupon`))"
)
_SPAN: Final = f"{acts.UP_TO} AND {acts.DAY} > {{from_day:Int32}}"
_MONEY: Final = "has({currencies:Array(String)}, currency)"
_ORDERS: Final = f"""
SELECT {acts.WHO} AS who, {acts.ORDER_KEY} AS grain, sum(ifNull(revenue, 0)) AS net,
    max(name = '{COMPLETED}') AS is_order, max(name = '{COMPLETED}' AND {_WITH_DISCOUNT}) AS is_cheaper
FROM events
WHERE tenant_id = {{tenant:UInt32}} AND name IN ('{COMPLETED}', '{REFUNDED}') AND person != 0
    AND {_SPAN} AND {_MONEY}
GROUP BY who, grain HAVING is_order AND net > 0
"""  # noqa: S608
_BUYERS: Final = f"""
SELECT who, count() AS orders, countIf(is_cheaper) AS discounted, quantileExactLow(0.5)(net) AS typical
FROM ({_ORDERS}) GROUP BY who ORDER BY who
"""  # noqa: S608
_LINES: Final = f"""
SELECT {acts.WHO} AS who, item.1 AS category, item.2 AS price FROM events
ARRAY JOIN arrayZip(`items.category`, `items.price`, `items.quantity`) AS item
WHERE tenant_id = {{tenant:UInt32}} AND name = '{COMPLETED}' AND person != 0 AND {_SPAN} AND {_MONEY}
    AND item.2 > 0 AND item.3 > 0
"""  # noqa: S608
_PRICES: Final = f"""
SELECT category, count() AS lines, quantilesExactLow({_CUTS})(price) AS cuts
FROM ({_LINES}) GROUP BY category HAVING lines >= {LINES_MIN}
"""  # noqa: S608
# Where a price stands among its category's: halfway through those that cost the same.
_LEVELS: Final = f"""
SELECT who, avg((arrayCount(cut -> cut < price, cuts) + arrayCount(cut -> cut <= price, cuts)) / 38) AS level
FROM ({_LINES}) AS lines INNER JOIN ({_PRICES}) AS prices ON lines.category = prices.category
GROUP BY who ORDER BY who
"""  # noqa: S608


async def buyers(gate: TenantWarehouse, bound: dict[str, Any]) -> Any:
    """Return columns ``who``, ``orders``, ``discounted`` and ``typical``, in the order of people."""
    return await gate.query_columns(_BUYERS, bound)


async def levels(gate: TenantWarehouse, bound: dict[str, Any]) -> dict[int, float]:
    """Return by person where the prices they paid stand in their categories, 0 to 1."""
    found = await gate.query_columns(_LEVELS, bound)
    return {int(who): float(level) for who, level in zip(found["who"], found["level"], strict=True)}


async def prices(gate: TenantWarehouse, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return (category, lines, quarter, median, three quarters) of the categories with most lines."""
    return await gate.query(
        f"SELECT category, lines, cuts[5], cuts[10], cuts[15] FROM ({_PRICES}) "  # noqa: S608
        f"ORDER BY lines DESC, category LIMIT {CATEGORIES_MAX}",
        bound,
    )


def bound_of(*, as_of_ms: int, zone: str, after: date, currency: Currency) -> dict[str, Any]:
    """Return what every question asks for: days later than ``after``, in one currency."""
    return {
        "as_of_ms": as_of_ms,
        "zone": zone,
        "from_day": day_number(after),
        "currencies": list(currency.stands_for),
    }
