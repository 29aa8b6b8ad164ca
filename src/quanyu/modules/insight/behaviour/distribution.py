"""Distributions as one query: a number for each person, and how many people lie in which bucket."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from quanyu.modules.events.asking.fields import FieldType, field_type
from quanyu.modules.events.asking.readings import Parameters, numeric, read_field
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.insight.behaviour.language import DistributionQuestion, Spread
from quanyu.modules.insight.behaviour.periods import Days
from quanyu.modules.insight.behaviour.sources import WHO, Asked, choice_sql, names_sql, only_sql
from quanyu.modules.insight.errors import InvalidAnalysis

_AMOUNT_MAX: Final = Decimal(10) ** 15
_DECIMALS: Final = 4
_USUAL: Final = {
    Spread.TIMES: (1, 2, 3, 4, 5, 6, 11, 21, 51),
    Spread.DAYS: (1, 2, 3, 4, 5, 6, 8, 15, 22),
}
_BUCKETS: Final = 8  # Of sums, up to where nineteen of twenty people lie.


def check_distribution(query: DistributionQuestion) -> None:
    """Refuse a sum of nothing or of text, and borders that are none.

    Raises:
        InvalidAnalysis: says which.
    """
    if (query.of is Spread.SUM) != (query.field is not None):
        raise InvalidAnalysis(
            "a sum needs a field, and only it takes one", message_zh="求和需要选择字段，其他指标不需要"
        )
    if query.field is not None and field_type(query.field) is FieldType.TEXT:
        raise InvalidAnalysis(
            f"{query.field} holds text; a sum needs numbers", message_zh=f"{query.field} 是文本，求和需要数字"
        )
    edges = query.edges or ()
    if any(not edge.is_finite() or abs(edge) > _AMOUNT_MAX or _decimals(edge) > _DECIMALS for edge in edges):
        raise InvalidAnalysis(
            f"borders are numbers up to 10¹⁵ with at most {_DECIMALS} decimals",
            message_zh=f"区间边界须为不超过 10¹⁵ 的数字，最多 {_DECIMALS} 位小数",
        )
    if any(left >= right for left, right in pairwise(edges)):
        raise InvalidAnalysis("borders must ascend", message_zh="区间边界必须递增")


def usual_edges(of: Spread, nearly_all: Decimal) -> tuple[Decimal, ...]:
    """Return borders that suit: fixed ones for counts, round steps up to ``nearly_all`` for sums."""
    if of is not Spread.SUM:
        return tuple(Decimal(edge) for edge in _USUAL[of])
    step = round_step(nearly_all / _BUCKETS)
    return tuple(step * place for place in range(_BUCKETS + 1))


def round_step(least: Decimal) -> Decimal:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below ``least``."""
    if least <= 0:
        return Decimal(1)
    power = Decimal(10) ** least.adjusted()
    return next(one for one in (power, 2 * power, 5 * power, 10 * power) if one >= least)


class DistributionCompiler:
    """Compiles one distribution; ``currencies`` limits sums of revenue to what can be added."""

    def __init__(self, query: DistributionQuestion, days: Days, *, currencies: Sequence[str] = ()) -> None:
        self._query = query
        self._days = days
        self._currencies = list(currencies)
        self._parameters = Parameters()

    def summary(self) -> Asked:
        """(people, their amounts added up, median, 90th and 95th percentile)."""
        sql = (
            "SELECT count(), sum(amount), quantileExact(0.5)(amount), quantileExact(0.9)(amount), "  # noqa: S608
            f"quantileExact(0.95)(amount) FROM ({self._amounts_sql()})"
        )
        return Asked(sql, self._parameters.values)

    def buckets(self, edges: Sequence[Decimal]) -> Asked:
        """(bucket, people); bucket 0 lies below the first border."""
        sql = f"SELECT {self._place(edges)} AS place, count() FROM ({self._amounts_sql()}) GROUP BY place"  # noqa: S608
        return Asked(sql, self._parameters.values)

    def people(self, edges: Sequence[Decimal], bucket: int) -> Asked:
        """The bitmap of people in a bucket."""
        place = self._parameters.bind(bucket, "UInt8")
        sql = (
            f"SELECT groupBitmapState(who) FROM ({self._amounts_sql()}) "  # noqa: S608
            f"WHERE {self._place(edges)} = {place}"
        )
        return Asked(sql, self._parameters.values)

    def _place(self, edges: Sequence[Decimal]) -> str:
        texts = self._parameters.bind([f"{edge:f}" for edge in edges], "Array(String)")
        return f"arrayCount(edge -> toDecimal128(edge, {_DECIMALS}) <= amount, {texts})"

    def _amounts_sql(self) -> str:
        query, bind, span = self._query, self._parameters, self._days.span
        match query.of:
            case Spread.TIMES:
                amount = "count()"
            case Spread.DAYS:
                amount = f"uniqExact(toDate(events.occurred_at, {bind.bind(self._days.zone.key, 'String')}))"
            case Spread.SUM:
                assert query.field is not None
                amount = f"sum({numeric(read_field(query.field))})"
        conditions = [
            names_sql((query.event,), bind),
            choice_sql(query.event, bind),
            "events.person != 0",
            f"events.occurred_at >= {instant_sql(span.start_ms, bind)}",
            f"events.occurred_at < {instant_sql(span.end_ms, bind)}",
        ]
        if self._currencies:
            conditions.append(f"has({bind.bind(self._currencies, 'Array(String)')}, events.currency)")
        return (
            f"SELECT who, assumeNotNull(found) AS amount FROM (SELECT {WHO} AS who, "  # noqa: S608
            f"toDecimal128({amount}, {_DECIMALS}) AS found FROM events WHERE {' AND '.join(conditions)}"
            f"{only_sql(query, bind)} GROUP BY who) WHERE isNotNull(found)"
        )


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
