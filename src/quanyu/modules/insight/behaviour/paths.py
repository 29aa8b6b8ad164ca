"""Paths as one query: from each person's anchor step by step, and how many people go from where to where.

Events follow each other by time, those of one millisecond by arrival. One person has one path.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.insight.behaviour.language import (
    DAYS_MAX,
    Direction,
    PathPoint,
    Paths,
)
from quanyu.modules.insight.behaviour.periods import Days, Span, epoch_ms
from quanyu.modules.insight.behaviour.sources import AT_MS, WHO, Asked, choice_sql, only_sql
from quanyu.modules.insight.errors import InvalidAnalysis

_OTHER: Final = "o"
_END: Final = "e"


def check_paths(query: Paths) -> None:
    """Refuse paths that reach further than a year.

    Raises:
        InvalidAnalysis: the window is too long.
    """
    if _window(query) > timedelta(days=DAYS_MAX):
        raise InvalidAnalysis(
            f"a path lies within {DAYS_MAX} days", message_zh=f"路径的时间窗口最多 {DAYS_MAX} 天"
        )


class PathsCompiler:
    """Compiles one question about paths; ``tops`` are the names told apart at each step, the anchor first."""

    def __init__(self, query: Paths, days: Days, *, tops: Sequence[Sequence[str]] = ()) -> None:
        self._query = query
        self._days = days
        self._tops = [list(names) for names in tops]
        self._parameters = Parameters()

    def top_names(self) -> Asked:
        """(step, name) of the most frequent names of each step, most people first."""
        top = self._parameters.bind(self._query.top, "UInt8")
        sql = (
            f"SELECT step - 1, name FROM ({self._names_sql()}) "  # noqa: S608
            "ARRAY JOIN path AS name, arrayEnumerate(path) AS step "
            f"GROUP BY step, name ORDER BY step, count() DESC, name LIMIT {top} BY step"
        )
        return Asked(sql, self._parameters.values)

    def figures(self) -> Asked:
        """(step, point, next point or '', people), points as ``point_of`` reads them."""
        # The last point leads nowhere, and is told of all the same.
        sql = (
            f"SELECT step - 1, point, next, count() FROM ({self._points_sql()}) "  # noqa: S608
            "ARRAY JOIN points AS point, arrayPushBack(arrayPopFront(points), '') AS next, "
            "arrayEnumerate(points) AS step GROUP BY step, point, next"
        )
        return Asked(sql, self._parameters.values)

    def people(self, *, step: int, at: PathPoint, following: PathPoint | None) -> Asked:
        """The bitmap of people at a point, or going from it to another."""
        bind = self._parameters.bind
        place = bind(step + 1, "UInt8")
        conditions = [f"points[{place}] = {bind(_text(at), 'String')}"]
        if following is not None:
            conditions.append(f"points[{place} + 1] = {bind(_text(following), 'String')}")
        sql = (
            f"SELECT groupBitmapState(who) FROM ({self._points_sql()}) "  # noqa: S608
            f"WHERE {' AND '.join(conditions)}"
        )
        return Asked(sql, self._parameters.values)

    def _points_sql(self) -> str:
        """Rows of (who, points): names told apart, "other", and an end where the path ends early."""
        tops = self._parameters.bind(self._tops, "Array(Array(String))")
        most = self._parameters.bind(self._query.steps + 1, "UInt8")
        named = (
            f"arrayMap((name, step) -> if(has({tops}[step], name), concat('n', name), '{_OTHER}'), "
            "path, arrayEnumerate(path))"
        )
        return (
            f"SELECT who, if(length(path) < {most}, arrayPushBack({named}, '{_END}'), {named}) AS points "  # noqa: S608
            f"FROM ({self._names_sql()})"
        )

    def _names_sql(self) -> str:
        """Rows of (who, path): the names from the anchor on, the anchor's own first."""
        query, bind = self._query, self._parameters
        window = bind.bind(_window(query) // timedelta(milliseconds=1), "Int64")
        most = bind.bind(query.steps + 1, "UInt8")
        if query.direction is Direction.AFTER:
            way = "arraySlice(happened, arrayFirstIndex(one -> one.4, happened))"
        else:
            way = "arrayReverse(arraySlice(happened, 1, arrayLastIndex(one -> one.4, happened)))"
        near = f"arrayFilter(one -> abs(one.1 - way[1].1) <= {window}, way)"
        names = f"arrayMap(one -> one.3, {near})"
        compact = f"arrayCompact({names})" if query.merges_repeats else names
        return (
            f"SELECT who, {way} AS way, arraySlice({compact}, 1, {most}) AS path "  # noqa: S608
            f"FROM ({self._happened_sql()}) WHERE arrayExists(one -> one.4, happened)"
        )

    def _happened_sql(self) -> str:
        """Rows of (who, happened): (milliseconds, arrival, name, opens) in order."""
        query, bind = self._query, self._parameters
        span, reach = self._days.span, self._reach()
        anchor = choice_sql(query.anchor, bind)
        inside = (
            f"events.occurred_at >= {instant_sql(span.start_ms, bind)} "
            f"AND events.occurred_at < {instant_sql(span.end_ms, bind)}"
        )
        wanted = ["events.name != ''"]
        if query.names:
            wanted.append(f"events.name IN {bind.bind(list(query.names), 'Array(String)')}")
        if query.without:
            wanted.append(f"events.name NOT IN {bind.bind(list(query.without), 'Array(String)')}")
        return (
            f"SELECT {WHO} AS who, arraySort(groupArray(({AT_MS}, events.position, toString(events.name), "  # noqa: S608
            f"{anchor} AND {inside}))) AS happened FROM events WHERE events.tenant_id = {{tenant:UInt32}} "
            f"AND events.person != 0 AND events.occurred_at >= {instant_sql(reach.start_ms, bind)} "
            f"AND events.occurred_at < {instant_sql(reach.end_ms, bind)} "
            f"AND ({anchor} OR ({' AND '.join(wanted)})){only_sql(query, bind)} GROUP BY who"
        )

    def _reach(self) -> Span:
        """Return the instants paths may touch."""
        span, window_ms = self._days.span, _window(self._query) // timedelta(milliseconds=1)
        if self._query.direction is Direction.BEFORE:
            return Span(span.start_ms - window_ms, span.end_ms)
        return Span(span.start_ms, min(span.end_ms + window_ms, epoch_ms(self._days.as_of) + 1))


def point_of(text: str) -> PathPoint | None:
    """Read a point of ``figures``; ``None`` after the last one."""
    if text == "":
        return None
    if text == _OTHER:
        return PathPoint(kind="other")
    return PathPoint(kind="end") if text == _END else PathPoint(kind="name", name=text[1:])


def tops_of(rows: Sequence[tuple[int, str]], steps: int) -> list[list[str]]:
    """Return the names of each step, from the rows of ``top_names``."""
    found: Mapping[int, list[str]] = {step: [] for step in range(steps + 1)}
    for step, name in rows:
        found[int(step)].append(str(name))
    return [found[step] for step in range(steps + 1)]


def _text(point: PathPoint) -> str:
    return {"other": _OTHER, "end": _END}.get(point.kind, f"n{point.name}")


def _window(query: Paths) -> timedelta:
    return timedelta(**{query.window.unit.value: query.window.amount})
