"""Trends as one query: events, people, sums and averages by calendar unit."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from quanyu.modules.events.asking.fields import FieldType, field_type
from quanyu.modules.events.asking.readings import Parameters, numeric, read_field
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.insight.behaviour.definitions import REVENUE
from quanyu.modules.insight.behaviour.language import VALUES_MAX, ByEvent, ByPerson, Measure, Trend, Unit
from quanyu.modules.insight.behaviour.periods import Days, Span, add_units
from quanyu.modules.insight.behaviour.sources import (
    WHO,
    Asked,
    breakdown_key,
    choice_sql,
    names_sql,
    only_sql,
    profiles_sql,
    value_key,
)
from quanyu.modules.insight.errors import InvalidAnalysis
from quanyu.modules.insight.warehouse_queries import ORDER

_BUCKET_SQL: Final = {
    Unit.DAY: "{day}",
    Unit.WEEK: "toMonday({day})",
    Unit.MONTH: "toStartOfMonth({day})",
}


def check_trend(query: Trend) -> None:
    """Refuse a sum of nothing, or of text.

    Raises:
        InvalidAnalysis: says which.
    """
    needs_field = query.measure in (Measure.SUM, Measure.AVG, Measure.UNIQUE)
    if needs_field != (query.field is not None):
        raise InvalidAnalysis(
            "sum, avg and unique need a field, and only they take one",
            message_zh="求和、平均与去重计数需要选择字段，其他指标不需要",
        )
    if query.measure is Measure.UNIQUE:
        if query.currency is not None:
            raise _no_currency()
        return
    if query.field is not None and field_type(query.field) is FieldType.TEXT:
        raise InvalidAnalysis(
            f"{query.field} holds text; sum and avg need numbers",
            message_zh=f"{query.field} 是文本，求和与平均需要数字",
        )
    if query.currency is not None and query.field != REVENUE:
        raise _no_currency()


def _no_currency() -> InvalidAnalysis:
    return InvalidAnalysis(
        "a currency is for sums and averages of revenue", message_zh="只有收入的求和与平均可以指定币种"
    )


class TrendCompiler:
    """Compiles one trend; ``currencies`` limits sums of revenue to what can be added."""

    def __init__(
        self, query: Trend, span: Span, days: Days, *, keys: Sequence[str], currencies: Sequence[str] = ()
    ) -> None:
        self._query = query
        self._span = span
        self._zone = days.zone.key
        self._keys = list(keys)
        self._currencies = list(currencies)
        self._parameters = Parameters()

    def buckets(self, *, is_broken_down: bool) -> Asked:
        """(place, first day of the bucket, events, people, sum, events with a number, different values)."""
        return self._figures("place, bucket", is_broken_down=is_broken_down)

    def totals(self, *, is_broken_down: bool) -> Asked:
        """(place, the same figures) over the whole span."""
        return self._figures("place", is_broken_down=is_broken_down)

    def top_values(self) -> Asked:
        """The keys of the breakdown, those of most events first."""
        sql = (
            f"SELECT key FROM ({self._facts_sql(is_broken_down=True)}) "  # noqa: S608
            f"GROUP BY key ORDER BY count() DESC, key LIMIT {VALUES_MAX}"
        )
        return Asked(sql, self._parameters.values)

    def people(self, *, place: int | None) -> Asked:
        """The bitmap of people with such an event, of one group or of all."""
        bind = self._parameters.bind
        facts = self._facts_sql(is_broken_down=place is not None)
        where = "who != 0"
        if self._query.field is not None:
            where += f" AND isNotNull({'value' if self._query.measure is Measure.UNIQUE else 'amount'})"
        if place is not None:
            keys = bind(self._keys, "Array(String)")
            where += f" AND indexOf({keys}, key) = {bind(place, 'UInt8')}"
        return Asked(f"SELECT groupBitmapState(who) FROM ({facts}) WHERE {where}", self._parameters.values)  # noqa: S608

    def _figures(self, by: str, *, is_broken_down: bool) -> Asked:
        keys = self._parameters.bind(self._keys, "Array(String)")
        place = f"toUInt8(indexOf({keys}, key))" if is_broken_down else "toUInt8(0)"
        figures = (
            "count(), uniqExactIf(who, who != 0), ifNull(sum(amount), 0), count(amount), uniqExact(value)"
        )
        sql = (
            f"SELECT {by}, {figures} FROM (SELECT *, {place} AS place "  # noqa: S608
            f"FROM ({self._facts_sql(is_broken_down=is_broken_down)})) GROUP BY {by}"
        )
        return Asked(sql, self._parameters.values)

    def _facts_sql(self, *, is_broken_down: bool) -> str:
        """One row per event: who, bucket, amount, and the key of its group."""
        query, bind, wanted = self._query, self._parameters, self._query.breakdown
        day = f"toDate(events.occurred_at, {bind.bind(self._zone, 'String')})"
        by_event = isinstance(wanted, ByEvent) and is_broken_down
        columns = [
            f"{WHO} AS who",
            f"{_BUCKET_SQL[query.unit].format(day=day)} AS bucket",
            f"{self._amount_sql()} AS amount",
            f"{value_sql(query) if query.measure is Measure.UNIQUE else 'NULL'} AS value",
            *([f"{breakdown_key(wanted)} AS key"] if by_event and wanted is not None else []),
        ]
        conditions = [
            names_sql((query.event,), bind),
            choice_sql(query.event, bind),
            f"events.occurred_at >= {instant_sql(self._span.start_ms, bind)}",
            f"events.occurred_at < {instant_sql(self._span.end_ms, bind)}",
        ]
        if self._currencies:
            conditions.append(f"has({bind.bind(self._currencies, 'Array(String)')}, events.currency)")
        if query.measure is Measure.PEOPLE:
            conditions.append("events.person != 0")
        where = f"{' AND '.join(conditions)}{only_sql(query, bind)}"
        facts = f"SELECT {', '.join(columns)} FROM events WHERE {where}"  # noqa: S608
        if isinstance(wanted, ByPerson) and is_broken_down:
            return (
                f"SELECT who, bucket, amount, value, key FROM ({facts}) AS f "  # noqa: S608
                f"LEFT JOIN ({profiles_sql(wanted)}) AS p USING who"
            )
        return facts

    def _amount_sql(self) -> str:
        field = self._query.field
        return (
            "NULL" if field is None or self._query.measure is Measure.UNIQUE else numeric(read_field(field))
        )


def value_sql(query: Trend) -> str:
    """Return one text per value of the field, NULL where an event has none."""
    assert query.field is not None
    if query.field == "order_id":
        return ORDER  # Told apart by its message where it came without a number.
    return f"nullIf({value_key(read_field(query.field))}, '')"


def bucket_span(query: Trend, days: Days, bucket: date) -> Span:
    """Return the part of a calendar unit that belongs to the days asked about.

    Raises:
        InvalidAnalysis: no bucket begins on that day.
    """
    if bucket not in days.units(query.unit):
        raise InvalidAnalysis(
            f"no bucket begins on {bucket.isoformat()}",
            message_zh=f"没有从 {bucket.isoformat()} 开始的时间段",
        )
    return days.between(bucket, add_units(bucket, query.unit, 1))
