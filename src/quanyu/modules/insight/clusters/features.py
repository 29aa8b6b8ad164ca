"""How each feature is measured: SQL over a person's own acts, and the words for high and low."""

from dataclasses import dataclass
from typing import Final

from quanyu.modules.insight.clusters.contracts import Feature
from quanyu.modules.insight.studies import acts

WINDOW_DAYS: Final = 365  # What happened longer ago counts for recency and age alone.


@dataclass(frozen=True, slots=True)
class Measure:
    """One feature. ``needs_order``: whoever never bought has no value."""

    sql: str
    is_log: bool
    needs_order: bool
    high: tuple[str, str]  # Chinese, English.
    low: tuple[str, str]


_AT: Final = "toUnixTimestamp64Milli(occurred_at)"
_AGO_DAYS: Final = f"({{as_of_ms:Int64}} - {_AT}) / 86400000"
_RECENT: Final = f"{_AT} > {{as_of_ms:Int64}} - 86400000 * {WINDOW_DAYS}"
_BOUGHT: Final = f"{acts.IS_ORDER} AND has({{currencies:Array(String)}}, currency)"
_PAID: Final = (
    "if(isNull(revenue), toFloat64(arraySum(arrayMap((p, q) -> p * q, `items.price`, `items.quantity`))), "
    "toFloat64(revenue))"
)
_LOCAL: Final = "toTimeZone(occurred_at, {zone:String})"

MEASURES: Final[dict[Feature, Measure]] = {
    Feature.RECENCY_DAYS: Measure(
        f"minIf({_AGO_DAYS}, {acts.IS_ORDER})", True, True, ("久未购买", "long since bought"),
        ("刚买过", "bought lately"),
    ),
    Feature.ORDERS: Measure(
        f"uniqExactIf({acts.ORDER_KEY}, {acts.IS_ORDER} AND {_RECENT})", True, True,
        ("买得勤", "buys often"), ("买得少", "buys seldom"),
    ),
    Feature.SPENT: Measure(
        f"sumIf({_PAID}, {_BOUGHT} AND {_RECENT})", True, True, ("花得多", "spends much"),
        ("花得少", "spends little"),
    ),
    Feature.ORDER_VALUE: Measure(
        f"sumIf({_PAID}, {_BOUGHT}) / greatest(1, uniqExactIf({acts.ORDER_KEY}, {_BOUGHT}))", True, True,
        ("单笔高", "large orders"), ("单笔低", "small orders"),
    ),
    Feature.CATEGORIES: Measure(
        f"length(arrayDistinct(arrayFlatten(groupArrayIf(1000)(`items.category`, {acts.IS_ORDER} "
        f"AND {_RECENT}))))", True, True, ("品类广", "buys many categories"),
        ("品类窄", "buys few categories"),
    ),
    Feature.COUPON_SHARE: Measure(
        f"countIf({acts.IS_ORDER} AND arrayExists(c -> c != '', `items.coupon`)) "
        f"/ greatest(1, countIf({acts.IS_ORDER}))", False, True,
        ("爱用券", "buys with coupons"), ("少用券", "needs no coupons"),
    ),
    Feature.ACTIVE_DAYS: Measure(
        f"uniqExactIf({acts.DAY}, {_RECENT})", True, False, ("常来", "comes often"),
        ("少来", "comes seldom"),
    ),
    Feature.QUIET_DAYS: Measure(
        f"min({_AGO_DAYS})", True, False, ("沉寂已久", "silent for long"), ("近期活跃", "active lately"),
    ),
    Feature.VIEWS: Measure(
        f"countIf((kind IN ('page', 'screen') OR name = 'Product Viewed') AND {_RECENT})", True, False,
        ("看得多", "looks a lot"), ("看得少", "looks little"),
    ),
    Feature.AGE_DAYS: Measure(
        f"max({_AGO_DAYS})", True, False, ("老客", "known for long"), ("新客", "newly known"),
    ),
    Feature.WEEKEND_SHARE: Measure(
        f"countIf(toDayOfWeek({_LOCAL}) >= 6) / count()", False, False, ("周末型", "weekend people"),
        ("工作日型", "weekday people"),
    ),
    Feature.NIGHT_SHARE: Measure(
        f"countIf(toHour({_LOCAL}) >= 21 OR toHour({_LOCAL}) < 5) / count()", False, False,
        ("夜间型", "night people"), ("白天型", "daytime people"),
    ),
}  # fmt: skip


def features_sql(features: tuple[Feature, ...]) -> str:
    """Return a query for one row per person: who, acts, whether they ever bought, and every feature."""
    columns = ", ".join(f"toFloat64({MEASURES[one].sql}) AS {one}" for one in features)
    return (
        f"SELECT {acts.WHO} AS who, count() AS acts, max({acts.IS_ORDER}) AS bought, {columns} "  # noqa: S608
        f"FROM events WHERE {acts.ACTS} AND {acts.UP_TO} GROUP BY who ORDER BY who"
    )
