"""Every question insight asks the warehouse. All of it is computed there, in sets and exact decimals."""

from typing import Final

CANONICAL: Final = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
COMPLETED: Final = "Order Completed"
REFUNDED: Final = "Order Refunded"

_PERIOD: Final = """
    tenant_id = {tenant:UInt32} AND name IN ('Order Completed', 'Order Refunded')
    AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND has({currencies:Array(String)}, currency)
"""
# Which currencies orders are in, the most used first.
CURRENCIES: Final = """
SELECT currency FROM events
WHERE tenant_id = {tenant:UInt32} AND name IN ('Order Completed', 'Order Refunded')
GROUP BY currency ORDER BY count() DESC, currency
"""
# Net revenue in every currency besides the given ones, the most used first.
OTHER_CURRENCIES: Final = """
SELECT currency, ifNull(sum(revenue), 0),
    ifNull(sumIf(revenue, occurred_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')), 0)
FROM events
WHERE tenant_id = {tenant:UInt32} AND name IN ('Order Completed', 'Order Refunded')
    AND NOT has({currencies:Array(String)}, currency)
GROUP BY currency ORDER BY count() DESC, currency LIMIT 10
"""
# An order that came without a number is told apart by its message.
ORDER: Final = "if(order_id = '', message_id, order_id)"
_AMOUNT: Final = "toDecimal128(items.price, 4) * items.quantity"

ORDER_FIGURES: Final = f"""
SELECT uniqExact({ORDER}), uniqExactIf({CANONICAL}, person != 0), sum(length(items.price)),
    sumIf(length(items.price), name = '{REFUNDED}'), ifNull(sum(revenue), 0)
FROM events WHERE {_PERIOD}
"""  # noqa: S608
POSITIVE_FIGURES: Final = f"""
SELECT uniqExact({ORDER}), uniqExact({CANONICAL}), count(), sum({_AMOUNT})
FROM events ARRAY JOIN items.price, items.quantity
WHERE {_PERIOD} AND person != 0 AND items.price > 0 AND items.quantity > 0
"""  # noqa: S608

# What known people bought up to an instant: positive lines, and the revenue of what states no lines.
BOUGHT: Final = f"""
    (
        SELECT {CANONICAL} AS who, toString(channel) AS channel, {ORDER} AS order_key, at, amount
        FROM events ARRAY JOIN
            if(empty(`items.price`), [occurred_at], `items.occurred_at`) AS at,
            if(empty(`items.price`), [toDecimal128(ifNull(revenue, 0), 8)],
                arrayMap((price, quantity) -> if(price > 0 AND quantity > 0,
                    toDecimal128(price, 4) * quantity, toDecimal128(0, 8)), `items.price`, `items.quantity`)
            ) AS amount
        WHERE tenant_id = {{tenant:UInt32}} AND name IN {{events:Array(String)}} AND person != 0
            AND has({{currencies:Array(String)}}, currency)
            AND occurred_at <= fromUnixTimestamp64Milli({{as_of_ms:Int64}}, 'UTC')
            AND at <= fromUnixTimestamp64Milli({{as_of_ms:Int64}}, 'UTC') AND amount > 0
    )
"""  # noqa: S608

# Local days as whole numbers from 1970: several orders of one day are one purchase.
_DAY: Final = "toInt32(toDate32(at, {zone:String}))"
FIRST_DAY: Final = f"SELECT count(), min({_DAY}) FROM {BOUGHT}"  # noqa: S608
# One row per buyer: person, first and last day, days with a purchase, what was spent on all days but the
# first; then last day and days as far as ``cut``.
PURCHASE_DAYS: Final = f"""
SELECT who, min(day) AS first, max(day) AS last, count() AS days,
    toFloat64(sum(amount) - argMin(amount, day)) AS repeat_spent,
    maxIf(day, day <= {{cut:Int32}}) AS cut_last, countIf(day <= {{cut:Int32}}) AS cut_days
FROM (SELECT who, {_DAY} AS day, sum(amount) AS amount FROM {BOUGHT} GROUP BY who, day)
GROUP BY who ORDER BY who
"""  # noqa: S608
PURCHASE_DAYS_COLUMNS: Final = ("who", "first", "last", "days", "repeat_spent", "cut_last", "cut_days")
