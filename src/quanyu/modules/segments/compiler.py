"""Compiles a definition to one ClickHouse query whose result is a bitmap of canonical persons.

Attribute conditions, and groups made of nothing else, become one predicate over the living profiles.
Every other condition is one scan of ``events`` restricted by name. Sets combine as bitmaps.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.segments.comparisons import Operator
from quanyu.modules.segments.fields import COLUMNS, is_item_field
from quanyu.modules.segments.readings import (
    Parameters,
    comparison_sql,
    distinct_key,
    number_test_against,
    number_test_sql,
    numeric,
    read_field,
    read_json,
)
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    At,
    Attribute,
    Condition,
    Each,
    Event,
    Facts,
    FieldValue,
    Function,
    Not,
    Recency,
)
from quanyu.modules.segments.windows import Bounds, bounds_of, epoch_ms, span_of

CANONICAL: Final = (
    "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(events.person), events.person))"
)
LIVE_WHERE: Final = (
    "tenant_id = {tenant:UInt32} AND deleted = 0 "
    "AND dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person) = person"
)

_ANY_FACT: Final = "1"
_NEVER: Final = "0"  # No fact at all may exist.


@dataclass(frozen=True, slots=True)
class Evaluation:
    """When, and in which time zone, a definition is evaluated."""

    as_of: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Compiled:
    """A bitmap: subqueries to name in WITH, and the expression that combines them.

    ``tenant`` is not among the parameters: the gate to the warehouse binds it.
    """

    subqueries: tuple[tuple[str, str], ...]
    bitmap: str
    parameters: dict[str, Any]

    def select(self, columns: str, *, extra: str = "") -> str:
        """Return the query that selects ``columns``; in them ``members`` is the bitmap."""
        named = [f"(\n{sql}\n) AS {name}" for name, sql in self.subqueries]
        named.append(f"{self.bitmap} AS members")
        if extra:
            named.append(extra)
        return f"WITH {', '.join(named)}\nSELECT {columns}"

    def count_sql(self) -> str:
        """Return the query for the number of members."""
        return self.select("bitmapCardinality(members)")

    def ids_sql(self) -> str:
        """Return the query for all members, ascending, as one array."""
        return self.select("bitmapToArray(members)")

    def page_sql(self) -> str:
        """Return the query for (number, the first ``page_limit`` members after ``page_after``)."""
        return self.select(
            "bitmapCardinality(members), "
            "bitmapToArray(bitmapSubsetLimit(members, {page_after:UInt32} + 1, {page_limit:UInt32}))"
        )


def compile_definition(definition: Condition, at: Evaluation) -> Compiled:
    """Compile a definition for one instant."""
    compiler = _Compiler(at)
    part = compiler.compile(definition)
    if part.predicate is not None:
        bitmap = compiler.name(_profiles_bitmap(part.predicate))
    else:
        bitmap = f"bitmapAnd({compiler.live()}, {part.bitmap})"
    return Compiled(tuple(compiler.subqueries), bitmap, compiler.parameters.values)


@dataclass(frozen=True, slots=True)
class _Part:
    """Either a predicate over living profiles, or a bitmap expression."""

    predicate: str | None = None
    bitmap: str = ""


def _profiles_bitmap(predicate: str) -> str:
    return f"SELECT groupBitmapState(person) FROM profiles FINAL WHERE {LIVE_WHERE} AND {predicate}"  # noqa: S608


class _Compiler:
    def __init__(self, at: Evaluation) -> None:
        self.at = at
        self.parameters = Parameters()
        self.subqueries: list[tuple[str, str]] = []
        self._live: str | None = None

    def name(self, sql: str) -> str:
        """Give a subquery a name and return it."""
        name = f"set{len(self.subqueries)}"
        self.subqueries.append((name, sql))
        return name

    def live(self) -> str:
        """Return the bitmap of all living profiles, named once."""
        if self._live is None:
            self._live = self.name(_profiles_bitmap("1"))
        return self._live

    def compile(self, node: Condition) -> _Part:
        match node:
            case All():
                return self._group(node.of, joint=" AND ", function="bitmapAnd", of_nothing="1")
            case Any_():
                return self._group(node.of, joint=" OR ", function="bitmapOr", of_nothing="0")
            case Not():
                return self._not(self.compile(node.of))
            case Attribute():
                return _Part(comparison_sql(read_json("attributes", node.key), node, self.parameters))
            case Event():
                return self._event(node)
            case Recency():
                return self._recency(node)
            case Aggregate():
                return self._aggregate(node)

    def _group(self, nodes: tuple[Condition, ...], *, joint: str, function: str, of_nothing: str) -> _Part:
        parts = [self.compile(node) for node in nodes]
        predicates = [part.predicate for part in parts if part.predicate is not None]
        bitmaps = [part.bitmap for part in parts if part.predicate is None]
        predicate = f"({joint.join(predicates)})" if predicates else of_nothing
        if not bitmaps:
            return _Part(predicate)
        if predicates:
            bitmaps.append(self.name(_profiles_bitmap(predicate)))
        combined = bitmaps[0]
        for bitmap in bitmaps[1:]:
            combined = f"{function}({combined}, {bitmap})"
        return _Part(bitmap=combined)

    def _not(self, part: _Part) -> _Part:
        if part.predicate is not None:
            return _Part(f"(NOT {part.predicate})")
        return _Part(bitmap=f"bitmapAndnot({self.live()}, {part.bitmap})")

    def _people(self, having: str, *, source: str) -> str:
        """Name the set of people whose facts meet ``having``; having any such fact needs no grouping."""
        if having == _ANY_FACT:
            return self.name(f"SELECT groupBitmapState({CANONICAL}) {source}")
        grouped = f"SELECT {CANONICAL} AS who {source} GROUP BY who HAVING {having}"
        return self.name(f"SELECT groupBitmapState(who) FROM ({grouped})")  # noqa: S608

    def _tested(self, test: str, *, source: str, holds_for_nothing: bool) -> _Part:
        """People whose facts meet ``test``; where nothing at all meets it, the complement of the others."""
        if not holds_for_nothing:
            return _Part(bitmap=self._people(test, source=source))
        others = self._people(_ANY_FACT if test == _NEVER else f"NOT ({test})", source=source)
        return _Part(bitmap=f"bitmapAndnot({self.live()}, {others})")

    def _event(self, node: Event) -> _Part:
        source = self._source(node)
        test = node.count
        first = test.literals[0]
        if (test.op, first) in ((Operator.GTE, 1), (Operator.GT, 0), (Operator.NE, 0)):
            return _Part(bitmap=self._people(_ANY_FACT, source=source))
        did_not = (test.op, first) in ((Operator.EQ, 0), (Operator.LTE, 0), (Operator.LT, 1))
        sql = _NEVER if did_not else number_test_sql("count()", test, self.parameters)
        return self._tested(sql, source=source, holds_for_nothing=test.holds(0))

    def _recency(self, node: Recency) -> _Part:
        instant = "items.occurred_at" if node.each is Each.ITEMS else "events.occurred_at"
        chosen = "max" if node.which == "last" else "min"
        if isinstance(node.when, At):
            border_ms, symbol = epoch_ms(node.when.instant), "<=" if node.when.op == "at_most" else ">="
        else:
            border_ms = epoch_ms(self.at.as_of - span_of(node.when.amount, node.when.unit))
            symbol = ">=" if node.when.op == "at_most" else "<="
        border = self.parameters.bind(border_ms, "Int64")
        having = f"{chosen}(toUnixTimestamp64Milli({instant})) {symbol} {border}"
        return _Part(bitmap=self._people(having, source=self._source(node)))

    def _aggregate(self, node: Aggregate) -> _Part:
        test = self._aggregate_test(node)
        return self._tested(test, source=self._source(node), holds_for_nothing=node.holds_for_nothing())

    def _aggregate_test(self, node: Aggregate) -> str:
        value = _value_sql(node)
        match node.function:
            case Function.COUNT:
                return number_test_sql(f"count({value})", node.test, self.parameters)
            case Function.DISTINCT:
                return number_test_sql(f"uniqExact({value})", node.test, self.parameters)
            case Function.SUM:
                return number_test_sql(f"ifNull(sum({value}), 0)", node.test, self.parameters)
            case Function.AVG:
                # Sum against n times the literal: no division, so nothing is rounded.
                test = number_test_against(
                    f"ifNull(sum({value}), 0)",
                    node.test,
                    lambda literal: f"{self.parameters.bind_decimal(literal)} * count({value})",
                )
                return f"(count({value}) > 0 AND {test})"
            case Function.MIN | Function.MAX:
                return (
                    f"ifNull({number_test_sql(f'{node.function}({value})', node.test, self.parameters)}, 0)"
                )

    def _source(self, node: Facts) -> str:
        """Return FROM and WHERE of one scan: tenant, names, time, filters."""
        per_item = node.each is Each.ITEMS
        source = "FROM events"
        if per_item:
            source += f" ARRAY JOIN {', '.join(_item_columns(node))}"
        names = self.parameters.bind(list(node.names), "Array(String)")
        if len(node.names) == 1:
            names = f"({self.parameters.bind(node.names[0], 'String')})"
        bounds = bounds_of(node.window, as_of=self.at.as_of, zone=self.at.zone)
        conditions = [
            "events.tenant_id = {tenant:UInt32}",
            f"events.name IN {names}",
            "events.person != 0",
            *self._time_sql(bounds, per_item=per_item),
            *(comparison_sql(read_field(test.field), test, self.parameters) for test in node.where),
        ]
        return f"{source} WHERE {' AND '.join(conditions)}"

    def _time_sql(self, bounds: Bounds, *, per_item: bool) -> list[str]:
        def instant(ms: int) -> str:
            return f"fromUnixTimestamp64Milli({self.parameters.bind(ms, 'Int64')}, 'UTC')"

        if not per_item:
            upper = [f"events.occurred_at <= {instant(bounds.last_ms)}"]
            lower = [] if bounds.first_ms is None else [f"events.occurred_at >= {instant(bounds.first_ms)}"]
            return upper + lower
        # The event itself must have happened; which line counts is decided by the line's own time.
        tests = [f"events.occurred_at <= {instant(epoch_ms(self.at.as_of))}"]
        tests.append(f"items.occurred_at <= {instant(bounds.last_ms)}")
        if bounds.first_ms is not None:
            tests.append(f"items.occurred_at >= {instant(bounds.first_ms)}")
        return tests


def _item_columns(node: Facts) -> list[str]:
    fields = sorted({COLUMNS[name].sql for name in node.fields_read() if is_item_field(name)})
    return ["items.occurred_at", *fields]


def _value_sql(node: Aggregate) -> str:
    """Return the value looked at per fact, NULL where it has none."""
    if isinstance(node.of, FieldValue):
        reading = read_field(node.of.field)
        if node.function is Function.COUNT:
            return f"if({reading.present}, 1, NULL)"
        return distinct_key(reading) if node.function is Function.DISTINCT else numeric(reading)
    left, right = (f"CAST({COLUMNS[name].sql}, 'Nullable(Decimal(38, 4))')" for name in node.of.of)
    product = f"({left} * {right})"
    return f"toString({product})" if node.function is Function.DISTINCT else product
