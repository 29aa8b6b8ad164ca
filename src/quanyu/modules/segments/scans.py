"""How conditions on facts read history: one scan of ``events``, one test per person."""

from dataclasses import dataclass, field
from typing import Final

from quanyu.modules.events.asking.comparisons import Operator
from quanyu.modules.events.asking.facts import Each, Facts, FieldValue
from quanyu.modules.events.asking.fields import COLUMNS, is_item_field
from quanyu.modules.events.asking.readings import (
    Parameters,
    comparison_sql,
    distinct_key,
    number_test_against,
    number_test_sql,
    numeric,
    read_field,
)
from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation, facts_sql, product_sql
from quanyu.modules.events.asking.windows import epoch_ms, period_starts, span_of
from quanyu.modules.segments.conditions.facts import Aggregate, Ago, At, Event, Function, Recency
from quanyu.modules.segments.conditions.habits import Regular, Restarted, Span, Stopped

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

    def totals_sql(self, total: str) -> str:
        """Return the query for (person, ``total`` of their facts) of those in ``whose``."""
        source = "FROM events"
        if self.item_columns is not None:
            source += f" ARRAY JOIN {', '.join(sorted(self.item_columns))}"
        whose = "who IN {whose:Array(UInt32)}"
        return (
            f"SELECT {CANONICAL} AS who, toString({total}) {source} WHERE {self.where} GROUP BY who "
            f"HAVING {whose}"
        )


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
        """Compare the first or last instant with a border, and ask what that very event says."""
        tests = [] if node.when is None else [self._when(node, node.when)]
        chosen = "argMax" if node.which == "last" else "argMin"
        for test in node.having:
            met = comparison_sql(read_field(test.field), test, self._parameters)
            tests.append(f"{chosen}({met}, (events.occurred_at, events.position)) = 1")
        return Scan(self._source(node), " AND ".join(tests))

    def _when(self, node: Recency, when: Ago | At) -> str:
        instant = f"toUnixTimestamp64Milli({_instant(node)})"
        chosen = "max" if node.which == "last" else "min"
        if isinstance(when, At):
            border_ms, symbol = epoch_ms(when.instant), "<=" if when.op == "at_most" else ">="
        else:
            border_ms = epoch_ms(self._at.as_of - span_of(when.amount, when.unit))
            symbol = ">=" if when.op == "at_most" else "<="
        return f"{chosen}({instant}) {symbol} {self._parameters.bind(border_ms, 'Int64')}"

    def stopped(self, node: Stopped) -> Scan:
        """The last fact lies before the later border and not before the earlier one."""
        last = f"max(toUnixTimestamp64Milli({_instant(node)}))"
        return Scan(
            self._source(node), f"{last} >= {self._ago(node.earlier)} AND {last} < {self._ago(node.recent)}"
        )

    def restarted(self, node: Restarted) -> Scan:
        """Facts before both borders and after both, none in between."""
        instant = f"toUnixTimestamp64Milli({_instant(node)})"
        earlier, recent = self._ago(node.earlier), self._ago(node.recent)
        tests = (
            f"min({instant}) < {earlier}",
            f"max({instant}) >= {recent}",
            f"countIf({instant} >= {earlier} AND {instant} < {recent}) = 0",
        )
        return Scan(self._source(node), " AND ".join(tests))

    def regular(self, node: Regular) -> Scan:
        """Count the periods with a fact; each is known by the local midnight that begins it."""
        starts = period_starts(node.period, node.of, as_of=self._at.as_of, zone=self._at.zone)
        instant = f"toUnixTimestamp64Milli({_instant(node)})"
        borders = self._parameters.bind(list(starts), "Array(Int64)")
        first = self._parameters.bind(starts[0], "Int64")
        periods = f"uniqExactIf(roundDown({instant}, {borders}), {instant} >= {first})"
        return Scan(self._source(node), f"{periods} >= {self._parameters.bind(node.at_least, 'UInt32')}")

    def _ago(self, span: Span) -> str:
        return self._parameters.bind(epoch_ms(self._at.as_of - span.length), "Int64")

    def aggregate(self, node: Aggregate) -> Scan:
        """Test a computed number."""
        return _tested(
            self._source(node), self._aggregate_test(node), holds_for_nothing=node.holds_for_nothing()
        )

    def totals_sql(self, node: Event | Aggregate) -> str:
        """Return the query for (person, number as text): how many facts, or a sum or count over them.

        Raises:
            ValueError: the function does not add up over people.
        """
        if isinstance(node, Event):
            total = "count()"
        elif node.function is Function.COUNT:
            total = f"count({_value_sql(node)})"
        elif node.function is Function.SUM:
            total = f"ifNull(sum({_value_sql(node)}), 0)"
        else:
            raise ValueError(f"{node.function} does not add up over people")
        return self._source(node).totals_sql(total)

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


def _instant(node: Facts) -> str:
    return "items.occurred_at" if node.each is Each.ITEMS else "events.occurred_at"


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
