"""How event, recency and aggregate conditions read history: one scan of ``events``, one test per person."""

from dataclasses import dataclass, field
from typing import Final

from quanyu.modules.events.asking.comparisons import Operator
from quanyu.modules.events.asking.facts import Each, Facts, FieldValue
from quanyu.modules.events.asking.fields import COLUMNS, is_item_field
from quanyu.modules.events.asking.readings import (
    Parameters,
    distinct_key,
    number_test_against,
    number_test_sql,
    numeric,
    read_field,
)
from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation, facts_sql, product_sql
from quanyu.modules.events.asking.windows import epoch_ms, span_of
from quanyu.modules.segments.tree import Aggregate, At, Event, Function, Recency

__all__ = ["ANY_FACT", "Evaluation", "Scan", "Scanner", "Source"]

ANY_FACT: Final = "1"  # Having any such fact at all; no need to look at a person's facts together.


@dataclass(slots=True)
class Source:
    """The facts a scan reads. ``item_columns`` grows with the conditions that share it."""

    where: str
    item_columns: set[str] | None = field(default=None)  # None: events are not taken apart into lines.

    def people_sql(self, having: str) -> str:
        """Return the query for the bitmap of people whose facts meet ``having``."""
        source = "FROM events"
        if self.item_columns is not None:
            source += f" ARRAY JOIN {', '.join(sorted(self.item_columns))}"
        if having == ANY_FACT:
            return f"SELECT groupBitmapState({CANONICAL}) {source} WHERE {self.where}"
        grouped = f"SELECT {CANONICAL} AS who {source} WHERE {self.where} GROUP BY who HAVING {having}"
        return f"SELECT groupBitmapState(who) FROM ({grouped})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Scan:
    """People whose facts meet ``having``; or, as a complement, all living profiles but them."""

    source: Source
    having: str
    is_complement: bool = False


class Scanner:
    """Makes scans; conditions that look at the same facts share a source."""

    def __init__(self, at: Evaluation, parameters: Parameters) -> None:
        self._at = at
        self._parameters = parameters
        self._sources: dict[str, Source] = {}

    def event(self, node: Event) -> Scan:
        """Count facts. Where zero meets the test, the others are found and left out."""
        source, test = self._source(node), node.count
        first = test.literals[0]
        if (test.op, first) in ((Operator.GTE, 1), (Operator.GT, 0), (Operator.NE, 0)):
            return Scan(source, ANY_FACT)
        if (test.op, first) in ((Operator.EQ, 0), (Operator.LTE, 0), (Operator.LT, 1)):
            return Scan(source, ANY_FACT, is_complement=True)
        sql = number_test_sql("count()", test, self._parameters)
        return _tested(source, sql, holds_for_nothing=test.holds(0))

    def recency(self, node: Recency) -> Scan:
        """Compare the first or last instant with a border."""
        instant = "items.occurred_at" if node.each is Each.ITEMS else "events.occurred_at"
        chosen = "max" if node.which == "last" else "min"
        if isinstance(node.when, At):
            border_ms, symbol = epoch_ms(node.when.instant), "<=" if node.when.op == "at_most" else ">="
        else:
            border_ms = epoch_ms(self._at.as_of - span_of(node.when.amount, node.when.unit))
            symbol = ">=" if node.when.op == "at_most" else "<="
        border = self._parameters.bind(border_ms, "Int64")
        having = f"{chosen}(toUnixTimestamp64Milli({instant})) {symbol} {border}"
        return Scan(self._source(node), having)

    def aggregate(self, node: Aggregate) -> Scan:
        """Test a computed number."""
        return _tested(
            self._source(node), self._aggregate_test(node), holds_for_nothing=node.holds_for_nothing()
        )

    def _aggregate_test(self, node: Aggregate) -> str:
        value, parameters = _value_sql(node), self._parameters
        match node.function:
            case Function.COUNT:
                return number_test_sql(f"count({value})", node.test, parameters)
            case Function.DISTINCT:
                return number_test_sql(f"uniqExact({value})", node.test, parameters)
            case Function.SUM:
                return number_test_sql(f"ifNull(sum({value}), 0)", node.test, parameters)
            case Function.AVG:
                # Sum against n times the literal: no division, so nothing is rounded.
                test = number_test_against(
                    f"ifNull(sum({value}), 0)",
                    node.test,
                    lambda literal: f"{parameters.bind_decimal(literal)} * count({value})",
                )
                return f"(count({value}) > 0 AND {test})"
            case Function.MIN | Function.MAX:
                return f"ifNull({number_test_sql(f'{node.function}({value})', node.test, parameters)}, 0)"

    def _source(self, node: Facts) -> Source:
        # By text, because True equals 1 in Python but not in a filter.
        key = repr((node.names, node.each, node.where, node.window))
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = Source(
                facts_sql(node, self._at, self._parameters),
                {"items.occurred_at"} if node.each is Each.ITEMS else None,
            )
        if source.item_columns is not None:
            source.item_columns.update(
                COLUMNS[name].sql for name in node.fields_read() if is_item_field(name)
            )
        return source


def _tested(source: Source, test: str, *, holds_for_nothing: bool) -> Scan:
    """People who meet ``test``; where having nothing meets it, everybody but those who do not."""
    return Scan(source, f"NOT ({test})" if holds_for_nothing else test, is_complement=holds_for_nothing)


def _value_sql(node: Aggregate) -> str:
    """Return the value looked at per fact, NULL where it has none."""
    if isinstance(node.of, FieldValue):
        reading = read_field(node.of.field)
        if node.function is Function.COUNT:
            return f"if({reading.present}, 1, NULL)"
        return distinct_key(reading) if node.function is Function.DISTINCT else numeric(reading)
    product = product_sql(node.of)
    return f"toString({product})" if node.function is Function.DISTINCT else product
