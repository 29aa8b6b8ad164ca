"""How a sequence becomes SQL: one scan, one group per person, and a search for one event per step.

Without limits between neighbours the engine's own funnel searches (`strict_once`: an event fills one step).
"None between" cuts a person's history at those events: no chain may reach across, so each piece is searched
for itself. "Same value" makes one group per value. Limits between neighbours are searched over arrays.
"""

from typing import Final

from quanyu.modules.events.asking.readings import Parameters, comparison_sql, distinct_key, read_field
from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation, names_sql, within_sql
from quanyu.modules.events.asking.windows import bounds_of
from quanyu.modules.segments.conditions.sequence import EVENTS_MAX, Happening, Sequence

# The funnel wants an unsigned instant; history begins in 1900.
_AT: Final = "toUInt64(toUnixTimestamp64Milli(events.occurred_at) + 2208988800000)"
_FOREVER_MS: Final = 2**62


def sequence_people_sql(node: Sequence, at: Evaluation, parameters: Parameters) -> str:
    """Return the query for the bitmap of people whose events meet the sequence."""
    rows = _Rows(node, at, parameters)
    has_limits = any(step.within is not None for step in node.steps)
    found = rows.chained() if has_limits else rows.funnelled()
    return f"SELECT groupBitmapState(who) FROM ({found})"  # noqa: S608


class _Rows:
    """Builds the query from the inside out."""

    def __init__(self, node: Sequence, at: Evaluation, parameters: Parameters) -> None:
        self._node = node
        self._at = at
        self._parameters = parameters
        self._steps = [f"s{number}" for number in range(1, len(node.steps) + 1)]
        self._group = ["who", *(["same"] if node.same is not None else [])]
        total = node.within
        self._within_ms = _FOREVER_MS if total is None else _milliseconds(total.length.total_seconds())

    def funnelled(self) -> str:
        """Let the engine's funnel search."""
        source, group = self._pieces()
        conditions = ", ".join(self._steps)
        return (
            f"SELECT who FROM ({source}) GROUP BY {', '.join(group)} "  # noqa: S608
            f"HAVING windowFunnel({self._within_ms}, 'strict_once')(at, {conditions}) = {len(self._steps)}"
        )

    def chained(self) -> str:
        """Build every chain step by step; of chains that end alike, the one that began last is kept."""
        source, group = self._pieces()
        mask = " + ".join(f"{step} * {2**number}" for number, step in enumerate(self._steps))
        sql = (
            f"SELECT who, arraySlice(arraySort(groupArray((at, toUInt16({mask})))), -{EVENTS_MAX}) AS seen, "  # noqa: S608
            f"seen.1 AS times, seen.2 AS masks FROM ({source}) GROUP BY {', '.join(group)}"
        )
        sql = (
            "SELECT who, times, masks, arrayMap(i -> (i, times[i], [i]), "  # noqa: S608
            f"arrayFilter(i -> bitTest(masks[i], 0), arrayEnumerate(times))) AS chains FROM ({sql})"
        )
        for number, step in enumerate(self._node.steps[1:], start=1):
            limit = _FOREVER_MS if step.within is None else _milliseconds(step.within.length.total_seconds())
            sql = self._one_step_more(sql, number, limit)
        return f"SELECT who FROM ({sql}) WHERE notEmpty(chains)"  # noqa: S608

    def _one_step_more(self, sql: str, number: int, limit_ms: int) -> str:
        # A chain is (its last event, when it began, its events at the instant of the last one).
        may_follow = (
            f"bitTest(masks[j], {number}) AND times[j] >= times[c.1] AND times[j] - times[c.1] <= {limit_ms} "
            f"AND times[j] - c.2 <= {self._within_ms} AND NOT has(c.3, j)"
        )
        longer = "(j, c.2, if(times[j] = times[c.1], arraySort(arrayPushBack(c.3, j)), [j]))"
        grown = (
            f"arrayFlatten(arrayMap(c -> arrayMap(j -> {longer}, "
            f"arrayFilter(j -> {may_follow}, arrayEnumerate(times))), chains))"
        )
        ordered = (
            "SELECT who, times, masks, arraySort(c -> (c.1, c.3, -toInt64(c.2)), "  # noqa: S608
            f"{grown}) AS grown FROM ({sql})"
        )
        return (
            "SELECT who, times, masks, arrayFilter((c, i) -> i = 1 OR (c.1, c.3) != "  # noqa: S608
            f"(grown[i - 1].1, grown[i - 1].3), grown, arrayEnumerate(grown)) AS chains FROM ({ordered})"
        )

    def _pieces(self) -> tuple[str, list[str]]:
        """Return the steps' events, cut at those there must be none of, and what to group them by."""
        if not self._node.without:
            return self._events(), self._group
        named = ", ".join(["at", *self._steps])
        whole = (
            f"SELECT {', '.join(self._group)}, groupArrayIf(({named}), {' OR '.join(self._steps)}) AS steps, "  # noqa: S608
            f"arraySort(arrayDistinct(groupArrayIf(at, barred))) AS bars "
            f"FROM ({self._events()}) GROUP BY {', '.join(self._group)}"
        )
        columns = ", ".join(f"step.{place} AS {name}" for place, name in enumerate(["at", *self._steps], 1))
        # Whoever stands on a cut belongs to the piece before it and to the one after it.
        sql = (
            f"SELECT {', '.join(self._group)}, {columns}, arrayJoin(if(has(bars, at), [before, before + 1], "  # noqa: S608
            "[before])) AS piece FROM (SELECT *, arrayCount(bar -> bar < step.1, bars) AS before "
            f"FROM (SELECT {', '.join(self._group)}, bars, arrayJoin(steps) AS step FROM ({whole})))"
        )
        return sql, [*self._group, "piece"]

    def _events(self) -> str:
        node = self._node
        names = sorted({name for part in (*node.steps, *node.without) for name in part.names})
        bounds = bounds_of(node.window, as_of=self._at.as_of, zone=self._at.zone)
        where = [
            names_sql(tuple(names), self._parameters),
            "events.person != 0",
            *within_sql("events.occurred_at", bounds, self._parameters),
        ]
        columns = [f"{CANONICAL} AS who", f"{_AT} AS at"]
        columns += [f"{self._is(step)} AS {name}" for step, name in zip(node.steps, self._steps, strict=True)]
        if node.without:
            columns.append(f"({' OR '.join(self._is(part) for part in node.without)}) AS barred")
        if node.same is not None:
            columns.append(f"{distinct_key(read_field(node.same))} AS same")
        kept = [*self._steps, *(["barred"] if node.without else [])]
        sql = f"SELECT {', '.join(columns)} FROM events WHERE {' AND '.join(where)} AND ({' OR '.join(kept)})"  # noqa: S608
        return f"{sql} AND same IS NOT NULL" if node.same is not None else sql

    def _is(self, part: Happening) -> str:
        tests = [f"events.name IN {self._parameters.bind(list(part.names), 'Array(String)')}"]
        tests += [comparison_sql(read_field(test.field), test, self._parameters) for test in part.where]
        return f"toUInt8({' AND '.join(tests)})"


def _milliseconds(seconds: float) -> int:
    return round(seconds) * 1000
