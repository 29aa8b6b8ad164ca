"""Funnels as one query: how far each person comes, and who they are.

A person's depth is the greatest k for which the first k steps are met by k different events within the
window. The first of them lies in the period, the others up to the window's end.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.insight.behaviour.language import (
    DAYS_MAX,
    VALUES_MAX,
    ByEvent,
    ByPerson,
    Funnel,
    FunnelOrder,
)
from quanyu.modules.insight.behaviour.periods import Days
from quanyu.modules.insight.behaviour.sources import (
    AT_MS,
    WHO,
    Asked,
    breakdown_key,
    choice_sql,
    names_sql,
    only_sql,
    profiles_sql,
)
from quanyu.modules.insight.errors import InvalidAnalysis

_NEVER: Final = 2**63  # Later than every instant.


def check_funnel(query: Funnel) -> None:
    """Refuse a funnel that no answer would be true for.

    Raises:
        InvalidAnalysis: the window is too long, or steps of any order share an event name.
    """
    if window_of(query) > timedelta(days=DAYS_MAX):
        raise InvalidAnalysis(
            f"a conversion window has at most {DAYS_MAX} days", message_zh=f"转化窗口最多 {DAYS_MAX} 天"
        )
    if query.order is not FunnelOrder.ANY:
        return
    names = [name for step in query.steps for name in set(step.names)]
    if len(names) != len(set(names)):
        raise InvalidAnalysis(
            "in any order, two steps cannot name the same event: one event would count for both",
            message_zh="任意顺序的漏斗中，两个步骤不能使用同一事件名",
        )


def window_of(query: Funnel) -> timedelta:
    """Return the conversion window."""
    return timedelta(**{query.window.unit.value: query.window.amount})


class FunnelCompiler:
    """Compiles one funnel; ``keys`` are the values of its breakdown, the most frequent first."""

    def __init__(self, query: Funnel, days: Days, *, keys: Sequence[str] = ()) -> None:
        self._query = query
        self._span = days.span
        self._window_ms = window_of(query) // timedelta(milliseconds=1)
        self._keys = list(keys)
        self._parameters = Parameters()
        latest = days.as_of + timedelta(milliseconds=1)
        self._until = min(self._span.ends() + window_of(query), latest)

    def figures(self) -> Asked:
        """(group, depth, people), of everybody who did the first step."""
        sql = f"SELECT grp, depth, count() FROM ({self._people_sql()}) GROUP BY grp, depth"  # noqa: S608
        return Asked(sql, self._parameters.values)

    def people(self, *, place: int, least: int, most: int) -> Asked:
        """The bitmap of people of one group whose depth lies between the two."""
        bind = self._parameters.bind
        sql = (
            f"SELECT groupBitmapState(who) FROM ({self._people_sql()}) WHERE grp = {bind(place, 'UInt8')} "  # noqa: S608
            f"AND depth BETWEEN {bind(least, 'UInt8')} AND {bind(most, 'UInt8')}"
        )
        return Asked(sql, self._parameters.values)

    def top_values(self) -> Asked:
        """The keys of the breakdown, those with most people at the first step first."""
        wanted = self._query.breakdown
        if isinstance(wanted, ByPerson):
            entered = (
                f"SELECT who, key FROM ({self._depths_sql()}) AS d "  # noqa: S608
                f"LEFT JOIN ({profiles_sql(wanted)}) AS p USING who"
            )
        else:
            entered = f"SELECT who, val AS key FROM ({self._facts_sql(raw_value=True)}) WHERE opens"  # noqa: S608
        sql = f"SELECT key FROM ({entered}) GROUP BY key ORDER BY uniqExact(who) DESC, key LIMIT {VALUES_MAX}"  # noqa: S608
        return Asked(sql, self._parameters.values)

    def _people_sql(self) -> str:
        """Rows of (who, grp, depth)."""
        wanted = self._query.breakdown
        if not isinstance(wanted, ByPerson):
            return self._depths_sql()
        place = f"toUInt8(indexOf({self._keys_sql()}, key))"
        return (
            f"SELECT who, {place} AS grp, depth FROM ({self._depths_sql()}) AS d "  # noqa: S608
            f"LEFT JOIN ({profiles_sql(wanted)}) AS p USING who"
        )

    def _depths_sql(self) -> str:
        """Rows of (who, grp, depth) by the events alone; the group is 0 unless they are broken down."""
        match self._query.order:
            case FunnelOrder.ORDERED:
                depths = self._ordered_sql()
            case FunnelOrder.STRICT:
                depths = self._strict_sql()
            case FunnelOrder.ANY:
                depths = self._any_sql()
        groups = f"range(toUInt8({self._groups}))"
        return (
            f"SELECT who, toUInt8(place) AS grp, toUInt8(found) AS depth FROM ({depths}) "  # noqa: S608
            f"ARRAY JOIN {groups} AS place, depths AS found WHERE found > 0"
        )

    @property
    def _groups(self) -> int:
        return len(self._keys) + 1 if isinstance(self._query.breakdown, ByEvent) else 1

    def _keys_sql(self) -> str:
        return self._parameters.bind(self._keys, "Array(String)")

    def _facts_sql(self, *, raw_value: bool = False) -> str:
        """One row per event that may count: who, when, which steps it meets, its group, whether it opens."""
        query, bind = self._query, self._parameters
        matches = [choice_sql(step, bind) for step in query.steps]
        may_open = matches[:1] if query.order is not FunnelOrder.ANY else matches
        value = "toUInt8(0)"
        if isinstance(query.breakdown, ByEvent):
            key = breakdown_key(query.breakdown)
            value = key if raw_value else f"toUInt8(indexOf({self._keys_sql()}, {key}))"
        columns = [
            f"{WHO} AS who",
            f"{AT_MS} AS at_ms",
            "events.position AS place_in_log",
            *(f"{match} AS m{index}" for index, match in enumerate(matches)),
            f"{value} AS val",
            f"(({' OR '.join(may_open)}) AND at_ms < {bind.bind(self._span.end_ms, 'Int64')}) AS opens",
        ]
        until_ms = int(self._until.timestamp() * 1000)
        return (
            f"SELECT {', '.join(columns)} FROM events WHERE {names_sql(query.steps, bind)} "  # noqa: S608
            f"AND events.person != 0 AND events.occurred_at >= {instant_sql(self._span.start_ms, bind)} "
            f"AND events.occurred_at < {instant_sql(until_ms, bind)}{only_sql(query, bind)}"
        )

    def _ordered_sql(self) -> str:
        # strict_once: an event fills one step. Other modes let one event fill two, or want times to differ.
        steps = ", ".join(f"m{index}" for index in range(1, len(self._query.steps)))
        depths = ", ".join(
            f"windowFunnel({self._window_ms}, 'strict_once')"
            f"(toUInt64(at_ms), opens AND val = {place}, {steps})"
            for place in range(self._groups)
        )
        return f"SELECT who, [{depths}] AS depths FROM ({self._facts_sql()}) GROUP BY who"  # noqa: S608

    def _strict_sql(self) -> str:
        count = len(self._query.steps)
        mask = " + ".join(
            ["toUInt16(opens)", *(f"toUInt16(m{index}) * {2**index}" for index in range(1, count))]
        )
        rows = f"arraySort(groupArray((at_ms, place_in_log, {mask}, val)))"
        depth = str(count)
        for index in range(count - 1, 0, -1):
            in_time = f"ats[i + {index}] - ats[i] <= {self._window_ms}"
            depth = f"if(bitTest(masks[i + {index}], {index}) AND {in_time}, {depth}, {index})"
        depth = f"if(bitTest(masks[i], 0), {depth}, 0)"
        return self._grouped_depths(
            f"SELECT who, {rows} AS rows, arrayMap(x -> x.1, rows) AS ats, "  # noqa: S608
            f"arrayMap(x -> x.3, rows) AS masks, "
            f"arrayMap(x -> x.4, rows) AS vals, arrayMap(i -> {depth}, arrayEnumerate(ats)) AS found "
            f"FROM ({self._facts_sql()}) GROUP BY who",
            is_in_group="value = place",
        )

    def _any_sql(self) -> str:
        """Every event may begin; from it, a step is done if its next event comes within the window."""
        count = len(self._query.steps)
        mask = " + ".join(f"toUInt16(m{index}) * {2**index}" for index in range(count))
        instants = (
            f"SELECT who, at_ms, groupBitOr({mask}) AS mask, "  # noqa: S608
            f"groupBitOr(if(opens, bitShiftLeft(toUInt32(1), val), 0)) AS openings "
            f"FROM ({self._facts_sql()}) GROUP BY who, at_ms"
        )
        nexts = [
            f"arrayReverseFill(t -> t < {_NEVER}, "
            f"arrayMap((t, m) -> if(bitTest(m, {index}), toUInt64(t), {_NEVER}), ats, masks)) AS next{index}"
            for index in range(count)
        ]
        done = " + ".join(f"(n{index} <= t + {self._window_ms})" for index in range(count))
        arguments = ", ".join(["t", *(f"n{index}" for index in range(count))])
        arrays = ", ".join(["ats", *(f"next{index}" for index in range(count))])
        return self._grouped_depths(
            "SELECT who, arraySort(groupArray((at_ms, mask, openings))) AS rows, "  # noqa: S608
            "arrayMap(x -> x.1, rows) AS ats, arrayMap(x -> x.2, rows) AS masks, "
            f"arrayMap(x -> x.3, rows) AS vals, {', '.join(nexts)}, "
            f"arrayMap(({arguments}) -> {done}, {arrays}) AS found FROM ({instants}) GROUP BY who",
            is_in_group="bitTest(value, place)",
        )

    def _grouped_depths(self, found: str, *, is_in_group: str) -> str:
        """The deepest a person comes from the events of each group."""
        best = f"arrayMax(arrayMap((depth, value) -> if({is_in_group}, depth, 0), found, vals))"
        return (
            f"SELECT who, arrayMap(place -> {best}, range(toUInt8({self._groups}))) AS depths FROM ({found})"  # noqa: S608
        )


def reached(depths: dict[int, int], steps: int) -> list[int]:
    """Return how many people reached each step, from how many have which depth."""
    counts = [0] * (steps + 1)
    for depth in range(steps, 0, -1):
        counts[depth - 1] = counts[depth] + depths.get(depth, 0)
    assert all(before >= after for before, after in pairwise(counts))
    return counts[:steps]
