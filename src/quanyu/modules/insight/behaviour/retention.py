"""Retention as one query: which periods after their first event people came back in.

An entry is a person's first event (ever, or of each calendar period); its cohort is the calendar period it
lies in. Coming back is another event, at the entry's instant or later.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.insight.behaviour.language import CELLS_MAX, Entry, Retention, RetentionMode, Unit
from quanyu.modules.insight.behaviour.periods import (
    EPOCH,
    Days,
    add_units,
    epoch_ms,
    first_of,
    midnight_ms,
)
from quanyu.modules.insight.behaviour.sources import (
    AT_MS,
    WHO,
    Asked,
    choice_sql,
    names_sql,
    only_sql,
)
from quanyu.modules.insight.errors import InvalidAnalysis

EVERYBODY: Final = -1  # The column that holds a cohort's size.
_DAY_MS: Final = 86_400_000
_UNIT_SQL: Final = {
    Unit.DAY: "toInt32({day})",
    Unit.WEEK: "intDiv(toInt32(toMonday({day})) + 3, 7)",  # 1970-01-01 was a Thursday.
    Unit.MONTH: "toInt32(toYear({day})) * 12 + toMonth({day}) - 1",
}


def check_retention(query: Retention, days: Days) -> None:
    """Refuse what has no meaning, or too many cells.

    Raises:
        InvalidAnalysis: says which.
    """
    if query.mode is RetentionMode.ROLLING and query.unit is Unit.MONTH:
        raise InvalidAnalysis(
            "rolling periods are days or weeks: a month has no fixed length",
            message_zh="滚动周期只能按天或周：月没有固定长度",
        )
    cells = len(days.units(query.unit)) * (query.periods + 1)
    if cells > CELLS_MAX:
        raise InvalidAnalysis(
            f"a table has at most {CELLS_MAX} cells, this one {cells}; take a longer unit or fewer periods",
            message_zh=f"表格最多 {CELLS_MAX} 格，当前 {cells} 格；请换更大的周期单位或减少期数",
        )


def unit_number(day: date, unit: Unit) -> int:
    """Return the number of the calendar unit a day is in, counted without gaps."""
    if unit is Unit.MONTH:
        return day.year * 12 + day.month - 1
    since = (first_of(day, unit) - EPOCH.date()).days
    return since if unit is Unit.DAY else (since + 3) // 7


class RetentionCompiler:
    """Compiles one retention table."""

    def __init__(self, query: Retention, days: Days) -> None:
        self._query = query
        self._days = days
        self._parameters = Parameters()

    def figures(self) -> Asked:
        """(unit number of the cohort, period n or EVERYBODY, people)."""
        columns = f"arrayPushFront(came, {EVERYBODY})"
        sql = (
            f"SELECT cohort, n, count() FROM (SELECT cohort, arrayJoin({columns}) AS n "  # noqa: S608
            f"FROM ({self._entries_sql()})) GROUP BY cohort, n"
        )
        return Asked(sql, self._parameters.values)

    def people(self, *, cohort: date, n: int, which: str) -> Asked:
        """The bitmap of a cohort's people: all, retained in period n, or not."""
        bind = self._parameters.bind
        wanted = f"cohort = {bind(unit_number(cohort, self._query.unit), 'Int32')}"
        if which != "all":
            came = f"has(came, {bind(n, 'Int32')})"
            wanted += f" AND {came}" if which == "retained" else f" AND NOT {came}"
        sql = f"SELECT groupBitmapState(who) FROM ({self._entries_sql()}) WHERE {wanted}"  # noqa: S608
        return Asked(sql, self._parameters.values)

    def _entries_sql(self) -> str:
        """Rows of (who, cohort, came): one per entry, with the periods the person came back in."""
        query = self._query
        if query.mode is RetentionMode.ROLLING:
            span = _DAY_MS * (7 if query.unit is Unit.WEEK else 1)
            n_of = f"toInt32(intDiv(x.1 - entry.1, {span}))"
        else:
            n_of = "toInt32(x.2 - entry.2)"
        periods = f"arrayDistinct({self._returns(n_of)})"
        if query.mode is RetentionMode.ON_OR_AFTER:
            came = f"if(empty(all), [], range(toUInt32(least(arrayMax(all), {query.periods})) + 1))"
        else:
            came = f"arrayFilter(n -> n <= {query.periods}, all)"
        return (
            f"SELECT who, entry.2 AS cohort, {periods} AS all, "  # noqa: S608
            f"CAST({came}, 'Array(Int32)') AS came FROM ("
            f"SELECT who, seen, arrayJoin({self._entries()}) AS entry FROM ({self._histories_sql()}))"
        )

    def _returns(self, n_of: str) -> str:
        """The period of each return of an entry, repeated as often as there are."""
        if self._is_return_another:
            return f"arrayMap(x -> {n_of}, arrayFilter(x -> x.1 >= entry.1, seen))"
        # In period 0 the entry itself is no return: two events are needed, one of them a return.
        returns = f"arrayMap(x -> {n_of}, arrayFilter(x -> x.3 AND x.1 >= entry.1, seen))"
        at_first = (
            f"arrayCount(x -> x.1 >= entry.1 AND {n_of} = 0 AND (x.3 OR (x.4 AND x.1 = entry.1)), seen) >= 2"
        )
        return f"arrayFilter(n -> n > 0 OR {at_first}, {returns})"

    @property
    def _is_return_another(self) -> bool:
        """Whether no event can be an entry and a return at once: then only the returns are remembered."""
        return set(self._query.first.names).isdisjoint(self._query.back.names)

    def _entries(self) -> str:
        if self._query.entry is Entry.FIRST_EVER:
            return "firsts"
        return "arrayFilter((x, i) -> i = 1 OR firsts[i - 1].2 != x.2, firsts, arrayEnumerate(firsts))"

    def _histories_sql(self) -> str:
        """One row per person: first events that may be entries, in order, and all that count for them."""
        query, bind, span = self._query, self._parameters, self._days.span
        start, end = bind.bind(span.start_ms, "Int64"), bind.bind(span.end_ms, "Int64")
        zone = bind.bind(self._days.zone.key, "String")
        unit = _UNIT_SQL[query.unit].format(day=f"toDate(events.occurred_at, {zone})")
        first, back = choice_sql(query.first, bind), choice_sql(query.back, bind)
        is_seen_from = span.start_ms if query.entry is Entry.EVERY else 0
        facts = (
            f"SELECT {WHO} AS who, {AT_MS} AS at_ms, toInt32({unit}) AS unit, {first} AS f, {back} AS r "  # noqa: S608
            f"FROM events WHERE {names_sql((query.first, query.back), bind)} AND events.person != 0 "
            f"AND events.occurred_at >= {instant_sql(is_seen_from, bind)} "
            f"AND events.occurred_at <= {instant_sql(epoch_ms(self._days.as_of), bind)}"
            f"{only_sql(query, bind)}"
        )
        if query.entry is Entry.FIRST_EVER:
            is_entry = f"max(f) AND first_ever.1 >= {start} AND first_ever.1 < {end}"
            firsts = f"minIf((at_ms, unit), f) AS first_ever, if({is_entry}, [first_ever], []) AS firsts"
        else:
            is_entry = f"f AND at_ms >= {start} AND at_ms < {end}"
            firsts = f"arraySort(groupArrayIf((at_ms, unit), {is_entry})) AS firsts"
        if self._is_return_another:
            seen = f"groupArrayIf((at_ms, unit), r AND at_ms >= {start})"
        else:
            seen = f"groupArrayIf((at_ms, unit, r, f), at_ms >= {start} AND (r OR f))"
        return f"SELECT who, {firsts}, {seen} AS seen FROM ({facts}) GROUP BY who HAVING notEmpty(firsts)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether a cell has begun, and whether it can still change by time passing."""

    is_begun: bool
    is_complete: bool


def cell_state(query: Retention, days: Days, cohort: date, n: int) -> Cell:
    """Return the state of one cell as of the question's instant."""
    now_ms = epoch_ms(days.as_of)
    if query.mode is RetentionMode.ROLLING:
        length = (7 if query.unit is Unit.WEEK else 1) * _DAY_MS
        entries = days.between(cohort, add_units(cohort, query.unit, 1))
        last_ms = midnight_ms(min(add_units(cohort, query.unit, 1), days.last + timedelta(days=1)), days.zone)
        return Cell(entries.start_ms + n * length <= now_ms, last_ms + (n + 1) * length <= now_ms)
    begins = midnight_ms(add_units(cohort, query.unit, n), days.zone)
    ends = midnight_ms(add_units(cohort, query.unit, n + 1), days.zone)
    return Cell(begins <= now_ms, ends <= now_ms)
