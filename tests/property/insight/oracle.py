"""Funnels, retention and trends in plain Python, one person at a time, by searching all possibilities.

Shares nothing with the compiler but the questions: no SQL, no numbering of units, no clever order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.modules.insight.behaviour.language import (
    Dates,
    DistributionQuestion,
    EventChoice,
    Funnel,
    FunnelOrder,
    LastDays,
    Paths,
    Retention,
    RetentionMode,
    Trend,
)

MS = timedelta(milliseconds=1)
NOTHING = (None, None)


@dataclass(frozen=True)
class Happening:
    """One event of a person."""

    at: datetime
    position: int  # Of arrival.
    name: str
    color: Any = None


@dataclass(frozen=True)
class View:
    """The days asked about."""

    first: date
    last: date
    zone: ZoneInfo
    as_of: datetime

    @classmethod
    def of(cls, period: LastDays | Dates, zone: ZoneInfo, as_of: datetime) -> "View":
        if isinstance(period, Dates):
            return cls(period.from_, period.to, zone, as_of)
        today = as_of.astimezone(zone).date()
        return cls(today - timedelta(days=period.days - 1), today, zone, as_of)

    def has(self, event: Happening) -> bool:
        return self.first <= self.day(event) <= self.last and event.at <= self.as_of

    def day(self, event: Happening) -> date:
        return event.at.astimezone(self.zone).date()


def matches(choice: EventChoice, event: Happening) -> bool:
    """The tests filter by equality alone; every other operator is the business of segments' tests."""
    return event.name in choice.names and all(same(event.color, test.value) for test in choice.where)


def same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right


def depth(query: Funnel, view: View, events: Sequence[Happening], *, opened_by: Any = ...) -> int:
    """How many steps a person comes; with ``opened_by`` only from first events of that value."""
    seen = sorted((e for e in events if e.at <= view.as_of), key=lambda e: (e.at, e.position))
    window = timedelta(**{query.window.unit.value: query.window.amount})

    def opens(event: Happening) -> bool:
        return view.has(event) and (opened_by is ... or same(event.color, opened_by))

    match query.order:
        case FunnelOrder.ORDERED:
            starts = [e for e in seen if matches(query.steps[0], e) and opens(e)]
            return max((1 + _follow(query, 1, seen, e, (e,), window) for e in starts), default=0)
        case FunnelOrder.STRICT:
            names = {name for step in query.steps for name in step.names}
            return _longest_run(query, [e for e in seen if e.name in names], opens, window)
        case FunnelOrder.ANY:
            starts = [e for e in seen if any(matches(step, e) for step in query.steps) and opens(e)]
            return max((_steps_done(query, seen, e, window) for e in starts), default=0)


def _follow(query: Funnel, step: int, seen: list[Happening], start: Happening, used: Any, window: Any) -> int:
    if step == len(query.steps):
        return 0
    best = 0
    for event in seen:
        fits = used[-1].at <= event.at <= start.at + window and event not in used
        if fits and matches(query.steps[step], event):
            best = max(best, 1 + _follow(query, step + 1, seen, start, (*used, event), window))
    return best


def _longest_run(query: Funnel, seen: list[Happening], opens: Any, window: Any) -> int:
    best = 0
    for index, start in enumerate(seen):
        if not opens(start):
            continue
        run = 0
        for step, event in zip(query.steps, seen[index:], strict=False):
            if not matches(step, event) or event.at > start.at + window:
                break
            run += 1
        best = max(best, run)
    return best


def _steps_done(query: Funnel, seen: list[Happening], start: Happening, window: Any) -> int:
    inside = [e for e in seen if start.at <= e.at <= start.at + window]
    return sum(any(matches(step, e) for e in inside) for step in query.steps)


def unit_start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def step_on(start: date, unit: str) -> date:
    """The first day of the next unit."""
    if unit == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if unit == "week" else 1)


def entries(query: Retention, view: View, events: Sequence[Happening]) -> Iterator[Happening]:
    """The events that open a cohort."""
    firsts = sorted(
        (e for e in events if matches(query.first, e) and e.at <= view.as_of),
        key=lambda e: (e.at, e.position),
    )
    if query.entry == "first_ever":
        if firsts and view.has(firsts[0]):
            yield firsts[0]
        return
    found: set[date] = set()
    for event in firsts:
        unit = unit_start(view.day(event), query.unit)
        if view.has(event) and unit not in found:
            found.add(unit)
            yield event


def retained(query: Retention, view: View, entry: Happening, n: int, events: Sequence[Happening]) -> bool:
    """Whether there is another event that counts as coming back in period n."""
    # Which of several first events of one instant opened is nobody's business: another one may be it.
    twins = [e for e in events if e.at == entry.at and matches(query.first, e)]
    backs = [e for e in events if matches(query.back, e) and entry.at <= e.at <= view.as_of]
    return any(back is not twin and _counts(query, view, entry, n, back) for twin in twins for back in backs)


def _counts(query: Retention, view: View, entry: Happening, n: int, back: Happening) -> bool:
    if query.mode is RetentionMode.ROLLING:
        length = timedelta(days=7 if query.unit == "week" else 1)
        return entry.at + n * length <= back.at < entry.at + (n + 1) * length
    wanted = unit_start(view.day(entry), query.unit)
    for _ in range(n):
        wanted = step_on(wanted, query.unit)
    came = unit_start(view.day(back), query.unit)
    return came >= wanted if query.mode is RetentionMode.ON_OR_AFTER else came == wanted


def trend_people(query: Trend, view: View, histories: dict[int, list[Happening]], bucket: date) -> set[int]:
    """Who did it in one bucket."""
    return {
        who
        for who, events in histories.items()
        if who
        and any(
            matches(query.event, e) and view.has(e) and unit_start(view.day(e), query.unit) == bucket
            for e in events
        )
    }


def by_person(
    events: Iterable[tuple[int, Happening]], canonical: dict[int, int]
) -> dict[int, list[Happening]]:
    """Histories by whom people turned out to be."""
    histories: dict[int, list[Happening]] = {}
    for person, event in events:
        histories.setdefault(canonical.get(person, person), []).append(event)
    return histories


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def amount(query: DistributionQuestion, view: View, events: Sequence[Happening]) -> int:
    """How often, or on how many days, a person did it."""
    did = [event for event in events if matches(query.event, event) and view.has(event)]
    return len({view.day(event) for event in did}) if query.of == "days" else len(did)


def path(query: Paths, view: View, events: Sequence[Happening]) -> list[str] | None:
    """The names on a person's path, the anchor's first; nothing without an anchor."""
    seen = sorted((e for e in events if e.at <= view.as_of), key=lambda e: (e.at, e.position))
    if query.direction == "before":
        seen.reverse()
    anchor = next((e for e in seen if matches(query.anchor, e) and view.has(e)), None)
    if anchor is None:
        return None
    window = timedelta(**{query.window.unit.value: query.window.amount})
    names: list[str] = []
    for event in seen[seen.index(anchor) :]:
        is_step = (not query.names or event.name in query.names) and event.name not in query.without
        if abs(event.at - anchor.at) > window or not (is_step or matches(query.anchor, event)):
            continue
        if not (query.merges_repeats and names and names[-1] == event.name):
            names.append(event.name)
    return names[: query.steps + 1]
