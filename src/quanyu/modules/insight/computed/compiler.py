"""Figures of events as one query per kind of fact: a row per person, columns per figure.

Definitions that look at the same facts share a scan. Numbers leave as text, with every decimal they have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.facts import Each, FieldValue
from quanyu.modules.events.asking.fields import COLUMNS, FieldType, field_type, is_item_field
from quanyu.modules.events.asking.readings import (
    Parameters,
    Reading,
    distinct_key,
    numeric,
    read_field,
)
from quanyu.modules.events.asking.scanning import (
    CANONICAL,
    Evaluation,
    facts_sql,
    instant_sql,
    names_sql,
    product_sql,
)
from quanyu.modules.events.asking.windows import Bounds, bounds_of, epoch_ms
from quanyu.modules.insight.computed.definition import OF_NUMBERS, OF_TIMES, EventFigure, Figure
from quanyu.modules.insight.computed.values import Value, ValueType

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and its parameters; the gate binds the tenant."""

    sql: str
    parameters: dict[str, Any]


def facts_key(node: EventFigure) -> str:
    """Return the same text for definitions that look at the same facts."""
    return repr((node.names, node.each, node.where, node.window))


def figures_query(figures: Sequence[EventFigure], at: Evaluation, people: Sequence[int]) -> Asked:
    """Return the query for (who, figure …) of the given person ids, merged ones included.

    All figures look at the same facts.
    """
    parameters = Parameters()
    first = figures[0]
    where = facts_sql(first, at, parameters)
    asked = parameters.bind(list(people), "Array(UInt32)")
    columns = ", ".join(_column(figure, parameters) for figure in figures)
    sql = (
        f"SELECT {CANONICAL} AS who, {columns} FROM events{_lines(figures)} "  # noqa: S608
        f"WHERE {where} AND events.person IN {asked} GROUP BY who"
    )
    return Asked(sql, parameters.values)


def changed_query(
    node: EventFigure, *, after: int, upto: int, before: Evaluation | None, now: Evaluation
) -> Asked:
    """Return the query for whom a figure may have changed since the evaluation ``before``.

    Those are people with such an event in the batches (after, upto], and people with one whose time lies in
    only one of the two windows, then or now: it has entered or left by the passing of time alone.
    """
    parameters = Parameters()
    time = "events.occurred_at" if node.each is Each.EVENT else "items.occurred_at"
    tests = [
        f"(events.batch_id > {parameters.bind(after, 'UInt64')} "
        f"AND events.batch_id <= {parameters.bind(upto, 'UInt64')})"
    ]
    if before is not None:
        spans = _crossed(node, before, now)
        tests += [_between(time, span, parameters) for span in spans]
        since, until = epoch_ms(before.as_of) + 1, epoch_ms(now.as_of)
        if node.each is Each.ITEMS and since <= until:
            tests.append(_between("events.occurred_at", Bounds(since, until), parameters))
    join = " ARRAY JOIN items.occurred_at" if node.each is Each.ITEMS else ""
    sql = (
        f"SELECT DISTINCT {CANONICAL} AS who FROM events{join} "  # noqa: S608
        f"WHERE {names_sql(node.names, parameters)} AND events.person != 0 AND ({' OR '.join(tests)})"
    )
    return Asked(sql, parameters.values)


def _crossed(node: EventFigure, before: Evaluation, now: Evaluation) -> list[Bounds]:
    """Return the spans that belong to exactly one of the two windows."""
    old = bounds_of(node.window, as_of=before.as_of, zone=before.zone)
    new = bounds_of(node.window, as_of=now.as_of, zone=now.zone)
    return list(symmetric_difference(old, new))


def symmetric_difference(old: Bounds, new: Bounds) -> Iterable[Bounds]:
    """Yield the milliseconds that lie in exactly one of two spans; both ends of each are included."""
    low = -(2**62)
    old_first = low if old.first_ms is None else old.first_ms
    new_first = low if new.first_ms is None else new.first_ms
    if old.last_ms < new_first or new.last_ms < old_first:
        spans = [(old_first, old.last_ms), (new_first, new.last_ms)]
    else:
        spans = [
            (min(old_first, new_first), max(old_first, new_first) - 1),
            (min(old.last_ms, new.last_ms) + 1, max(old.last_ms, new.last_ms)),
        ]
    for first, last in spans:
        if first <= last:
            yield Bounds(None if first == low else first, last)


def _between(column: str, span: Bounds, parameters: Parameters) -> str:
    tests = [f"{column} <= {instant_sql(span.last_ms, parameters)}"]
    if span.first_ms is not None:
        tests.append(f"{column} >= {instant_sql(span.first_ms, parameters)}")
    return f"({' AND '.join(tests)})"


def _lines(figures: Sequence[EventFigure]) -> str:
    if figures[0].each is Each.EVENT:
        return ""
    fields = {field for figure in figures for field in figure.fields_read() if is_item_field(field)}
    columns = {"items.occurred_at", *(COLUMNS[field].sql for field in fields)}
    return f" ARRAY JOIN {', '.join(sorted(columns))}"


def _column(node: EventFigure, parameters: Parameters) -> str:
    instant = "items.occurred_at" if node.each is Each.ITEMS else "events.occurred_at"
    at_ms = f"toUnixTimestamp64Milli({instant})"
    if node.figure in OF_TIMES:
        function = "min" if node.figure in (Figure.FIRST_AT, Figure.DAYS_SINCE_FIRST) else "max"
        return f"toString({function}({at_ms}))"
    if node.figure in OF_NUMBERS:
        return _of_numbers(node, parameters)
    if node.of is None:
        return "toString(count())"
    assert isinstance(node.of, FieldValue)
    reading = read_field(node.of.field)
    match node.figure:
        case Figure.COUNT:
            return f"toString(count(if({reading.present}, 1, NULL)))"
        case Figure.DISTINCT:
            return f"toString(uniqExact({distinct_key(reading)}))"
        case Figure.MOST_FREQUENT:
            return _most_frequent(node, _face(node, reading), parameters)
        case _:
            face = _face(node, reading)
            function = "argMinIf" if node.figure is Figure.FIRST else "argMaxIf"
            place = f"({at_ms}, events.position, assumeNotNull({face}))"
            chosen = f"{function}(assumeNotNull({face}), {place}, isNotNull({face}))"
            return f"if(count({face}) = 0, NULL, {chosen})"


def _of_numbers(node: EventFigure, parameters: Parameters) -> str:
    assert node.of is not None
    value = numeric(read_field(node.of.field)) if isinstance(node.of, FieldValue) else product_sql(node.of)
    match node.figure:
        case Figure.SUM:
            return f"toString(sum({value}))"
        case Figure.AVG:
            return f"concat(toString(sum({value})), '/', toString(count({value})))"
        case Figure.PERCENTILE:
            level = parameters.bind(node.percent / 100, "Float64")
            sorted_values = f"arraySort(groupArrayIf(assumeNotNull({value}), isNotNull({value})))"
            # The smallest value that at least so many per cent of all values do not exceed.
            place = f"greatest(1, toUInt64(ceil({level} * count({value}))))"
            return f"if(count({value}) = 0, NULL, toString(arrayElement({sorted_values}, {place})))"
        case _:
            return f"toString({node.figure}({value}))"


def _face(node: EventFigure, reading: Reading) -> str:
    """Return the value as Nullable(String), one text per value."""
    assert isinstance(node.of, FieldValue)
    match node.value_type if node.top == 1 else _listed(node):
        case ValueType.NUMBER:
            return f"toString({numeric(reading)})"
        case ValueType.BOOL:
            return f"toString({reading.flag})"
        case _:
            return str(reading.text)


def _listed(node: EventFigure) -> ValueType:
    assert isinstance(node.of, FieldValue)
    kind = field_type(node.of.field)
    if kind is FieldType.ANY:
        return ValueType(node.as_type)
    return ValueType.TEXT if kind is FieldType.TEXT else ValueType.NUMBER


def _most_frequent(node: EventFigure, face: str, parameters: Parameters) -> str:
    """Return the most frequent values as an array; of equally frequent ones the smaller text comes first."""
    counted = f"sumMapIf([assumeNotNull({face})], [toUInt64(1)], isNotNull({face}))"
    pairs = f"arrayZip(tupleElement({counted}, 1), tupleElement({counted}, 2))"
    ordered = f"arraySort(pair -> (-toInt64(tupleElement(pair, 2)), tupleElement(pair, 1)), {pairs})"
    top = parameters.bind(node.top, "UInt8")
    return f"arrayMap(pair -> tupleElement(pair, 1), arraySlice({ordered}, 1, {top}))"


def read_value(node: EventFigure, raw: Any, at: Evaluation) -> Value:
    """Return what a column of ``figures_query`` says."""
    if raw is None:
        return None
    if node.figure is Figure.MOST_FREQUENT:
        values = tuple(_plain(_listed(node), one) for one in raw)
        if node.top > 1:
            return tuple(str(one) for one in values) or None
        return _typed(node.value_type, raw[0]) if raw else None
    if node.figure is Figure.AVG:
        return _average(raw)
    if node.figure in (Figure.FIRST_AT, Figure.LAST_AT):
        return _instant(raw)
    if node.figure in (Figure.DAYS_SINCE_FIRST, Figure.DAYS_SINCE_LAST):
        return Decimal(_days(_instant(raw), at.as_of, at.zone))
    return _typed(node.value_type, raw)


def _typed(kind: ValueType, raw: str) -> Value:
    match kind:
        case ValueType.NUMBER:
            return Decimal(raw)
        case ValueType.BOOL:
            return raw == "true"
        case _:
            return raw


def _plain(kind: ValueType, raw: str) -> str:
    return f"{Decimal(raw).normalize():f}" if kind is ValueType.NUMBER else raw


def _average(raw: str) -> Decimal | None:
    total, _, count = raw.partition("/")
    if count == "0":
        return None
    with localcontext(prec=76):
        return Decimal(total) / int(count)


def _instant(raw: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(raw))


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    return (until.astimezone(zone).date() - since.astimezone(zone).date()).days
