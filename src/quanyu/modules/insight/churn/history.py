"""Who was a customer at a cut-off, what was known of them then, and who left after: as SQL.

Nothing after the cut-off is read for features, whatever the order in which it arrived; the label reads only
what came after it.
"""

from datetime import datetime
from typing import Any, Final

from quanyu.modules.insight.churn.contracts import ChurnBasis, ChurnFeature, ChurnSettings
from quanyu.modules.insight.clusters.contracts import Feature
from quanyu.modules.insight.clusters.features import MEASURES
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies import acts

DAY_MS: Final = 86_400_000
FEATURES: Final = tuple(ChurnFeature)
# Heavy-tailed figures are looked at as logarithms by the linear model.
AS_THEY_ARE: Final = (ChurnFeature.COUPON_SHARE,)

_AT: Final = "toUnixTimestamp64Milli(occurred_at)"
_LATELY: Final = f"{_AT} > {{as_of_ms:Int64}} - {DAY_MS} * {{horizon:Int64}}"
_AGE: Final = f"max(({{as_of_ms:Int64}} - {_AT}) / {DAY_MS})"
_EVER: Final = f"uniqExactIf({acts.ORDER_KEY}, {acts.IS_ORDER})"
_BETWEEN: Final = f"(maxIf({_AT}, {acts.IS_ORDER}) - minIf({_AT}, {acts.IS_ORDER})) / {DAY_MS}"
# Whoever never bought has been without an order for as long as they are known.
_SINCE: Final = f"if({_EVER} = 0, {_AGE}, {MEASURES[Feature.RECENCY_DAYS].sql})"
# The mean time between orders; of one order, the time since.
_GAP: Final = f"if({_EVER} < 2, {_SINCE}, {_BETWEEN} / greatest(1, {_EVER} - 1))"

_SQL: Final[dict[ChurnFeature, str]] = {
    ChurnFeature.RECENCY_DAYS: _SINCE,
    ChurnFeature.ORDERS: MEASURES[Feature.ORDERS].sql,
    ChurnFeature.ORDERS_LATELY: f"uniqExactIf({acts.ORDER_KEY}, {acts.IS_ORDER} AND {_LATELY})",
    ChurnFeature.SPENT: MEASURES[Feature.SPENT].sql,
    ChurnFeature.ORDER_VALUE: MEASURES[Feature.ORDER_VALUE].sql,
    ChurnFeature.GAP_DAYS: _GAP,
    ChurnFeature.OVERDUE: f"{_SINCE} / greatest(1, {_GAP})",
    ChurnFeature.CATEGORIES: MEASURES[Feature.CATEGORIES].sql,
    ChurnFeature.COUPON_SHARE: MEASURES[Feature.COUPON_SHARE].sql,
    ChurnFeature.ACTIVE_DAYS: MEASURES[Feature.ACTIVE_DAYS].sql,
    ChurnFeature.ACTIVE_LATELY: f"uniqExactIf({acts.DAY}, {_LATELY})",
    ChurnFeature.QUIET_DAYS: MEASURES[Feature.QUIET_DAYS].sql,
    ChurnFeature.VIEWS_LATELY: (
        f"countIf((kind IN ('page', 'screen') OR name = 'Product Viewed') AND {_LATELY})"
    ),
    ChurnFeature.AGE_DAYS: _AGE,
}

FIRST_ACT: Final = (
    f"SELECT count(), min({_AT}), max({acts.IS_ORDER}) FROM events WHERE {acts.ACTS} AND {acts.UP_TO}"  # noqa: S608
)
_BY_CONTRACT: Final = (
    f"SELECT {acts.WHO} FROM events WHERE tenant_id = {{tenant:UInt32}} AND person != 0 "  # noqa: S608
    f"AND name IN ({{joined:String}}, {{left:String}}) AND {acts.UP_TO} GROUP BY 1 "
    f"HAVING maxIf({_AT}, name = {{joined:String}}) > maxIf({_AT}, name = {{left:String}})"
)
_AFTER: Final = f"{_AT} > {{as_of_ms:Int64}} AND {_AT} <= {{as_of_ms:Int64}} + {DAY_MS} * {{horizon:Int64}}"


def customers_sql(basis: ChurnBasis) -> str:
    """Return a query for who was a customer at ``as_of_ms``, and every feature as of then."""
    columns = ", ".join(f"toFloat64({sql}) AS {one}" for one, sql in _SQL.items())
    recent = f"{_AT} > {{as_of_ms:Int64}} - {DAY_MS} * {{recent:Int64}}"
    who = {
        ChurnBasis.ORDERS: f"countIf({acts.IS_ORDER} AND {recent}) > 0",
        ChurnBasis.ACTS: f"countIf({recent}) > 0",
        ChurnBasis.CONTRACT: f"who IN ({_BY_CONTRACT})",
    }[basis]
    return (
        f"SELECT {acts.WHO} AS who, {columns} FROM events "  # noqa: S608
        f"WHERE {acts.ACTS} AND {acts.UP_TO} GROUP BY who HAVING {who} ORDER BY who"
    )


def after_sql(basis: ChurnBasis) -> str:
    """Return a query for who came back after ``as_of_ms``, within the horizon; by contract, who left."""
    if basis is ChurnBasis.CONTRACT:
        what = "tenant_id = {tenant:UInt32} AND person != 0 AND name = {left:String}"
    else:
        what = f"{acts.ACTS} AND {acts.IS_ORDER}" if basis is ChurnBasis.ORDERS else acts.ACTS
    return f"SELECT DISTINCT {acts.WHO} AS who FROM events WHERE {what} AND {_AFTER}"  # noqa: S608


def parameters(
    settings: ChurnSettings, *, cut_off: datetime, horizon: int, recent: int, zone: str, currencies: list[str]
) -> dict[str, Any]:
    """Bind everything the queries name."""
    return {
        "as_of_ms": epoch_ms(cut_off),
        "horizon": horizon,
        "recent": recent,
        "zone": zone,
        "currencies": currencies,
        "joined": settings.joined_event,
        "left": settings.left_event,
    }
