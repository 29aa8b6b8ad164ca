"""Who asks for events, and how far back: segments, attributes, metrics, boards, analyses and journeys."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.windows import (
    AbsoluteWindow,
    CalendarWindow,
    Ever,
    Period,
    RollingWindow,
    Window,
)
from quanyu.modules.events.retention.contracts import EventUse
from quanyu.modules.insight.behaviour.language import (
    DAYS_MAX,
    Analysis,
    Dates,
    Entry,
    EventChoice,
    LastDays,
    Paths,
    Retention,
)
from quanyu.modules.insight.computed.definition import EventFigure, parse_definition
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.insight.dashboards.analyses import SavedQuestions
from quanyu.modules.insight.dashboards.contracts import Asked, AskedMetric, BoardFilters, ShowNote, ShowRfm
from quanyu.modules.insight.dashboards.service import Dashboards
from quanyu.modules.insight.metrics.contracts import EventFormula, Formula
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.journeys.graph import questions_of
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.segments import tree
from quanyu.modules.segments.belonging_sql import bond_names
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.habits import Calendar, Regular, Restarted, Stopped
from quanyu.modules.segments.conditions.membership import Bond, Relation
from quanyu.modules.segments.consent_sql import CONSENT_FACTS
from quanyu.modules.segments.service import Segments

# Read without a window: what somebody agreed to last, whom they follow, which groups they are in.
KEPT_FOR_GOOD: Final = frozenset({*CONSENT_FACTS, *(name for bond in Bond for name in bond_names(bond))})
_CALENDAR_DAYS: Final = {
    Period.TODAY: 1, Period.YESTERDAY: 2, Period.THIS_WEEK: 7, Period.THIS_MONTH: 31, Period.THIS_YEAR: 366,
}  # fmt: skip
_PERIOD_DAYS: Final = {Calendar.DAY: 1, Calendar.WEEK: 7, Calendar.MONTH: 31}

_Asked = tuple[str, int | None]  # An event name, and how many days back; ``None``: all history.


@dataclass(frozen=True, slots=True)
class EventUses:
    """``events.retention.ports.EventReaders``: everything the brand keeps that asks for events."""

    segments: Segments
    computed: ComputedAttributes
    metrics: Metrics
    boards: Dashboards
    analyses: SavedQuestions
    journeys: Journeys

    async def uses(self, uow: UnitOfWork) -> tuple[EventUse, ...]:
        """Return every use of every event name, one for each name and thing that asks."""
        now = uow.clock.now()
        return (
            *await self._of_segments(uow, now),
            *await self._of_computed(uow, now),
            *await self._of_analyses(uow, now),
            *await self._of_journeys(uow, now),
        )

    async def _of_segments(self, uow: UnitOfWork, now: datetime) -> list[EventUse]:
        found: list[EventUse] = []
        for segment, standing in (await self.segments.standing(uow)).items():
            asked = conditions_asked(tree.parse_definition(standing.view.definition), now)
            found += _uses("segment", encode_id("seg", segment), standing.name, asked)
        return found

    async def _of_computed(self, uow: UnitOfWork, now: datetime) -> list[EventUse]:
        found: list[EventUse] = []
        for one in (await self.computed.list_all(uow)).items:
            raw = one.definition or one.draft
            figure = parse_definition(raw) if raw else None
            if isinstance(figure, EventFigure):
                days = days_back(figure.window, now)
                found += _uses("computed", one.id, one.name, [(name, days) for name in figure.names])
        return found

    async def _of_analyses(self, uow: UnitOfWork, now: datetime) -> list[EventUse]:
        metrics = {one.id: one for one in await self.metrics.list_all(uow)}
        formulas = {key: one.formula for key, one in metrics.items()}
        found: list[EventUse] = []
        for metric in metrics.values():
            # Whoever looks at a metric may ask about as many days as any question may have.
            asked = [(name, DAYS_MAX) for name in _formula_names(metric.formula, formulas)]
            found += _uses("metric", metric.id, metric.name, asked)
        for kept in await self.analyses.list_all(uow):
            found += _uses("analysis", kept.id, kept.name, question_asked(kept.asked, formulas, now))
        for row in await self.boards.list_all(uow):
            draft = (await self.boards.get(uow, row.id)).draft
            for card in draft.cards:
                if isinstance(card.shows, (ShowRfm, ShowNote)):
                    continue
                filters = None if card.keeps_period else draft.filters
                found += _uses("board", row.id, row.name, question_asked(card.shows, formulas, now, filters))
        return found

    async def _of_journeys(self, uow: UnitOfWork, now: datetime) -> list[EventUse]:
        found: list[EventUse] = []
        for journey, name, definition in await self.journeys.definitions(uow):
            # What a journey waits for is yet to come; only its conditions look back.
            for node in definition.nodes.values():
                for question in questions_of(node):
                    asked = conditions_asked(tree.parse_definition(question.test), now)
                    found += _uses("journey", encode_id("jrn", journey), name, asked)
        return found


def _uses(kind: str, key: str, name: str, asked: Iterable[_Asked]) -> list[EventUse]:
    """Return one use for each event name, the longest."""
    longest: dict[str, int | None] = {}
    for event, days in asked:
        known = longest.get(event, 0)
        longest[event] = None if days is None or known is None else max(days, known)
    return [EventUse(event=event, kind=kind, id=key, name=name, days=days) for event, days in longest.items()]


def conditions_asked(definition: tree.Condition, now: datetime) -> Iterator[_Asked]:
    """Yield what the conditions of a segment ask for."""
    for condition in tree.conditions_of(definition):
        if isinstance(condition, Facts):
            days = _facts_days(condition, now)
            yield from ((name, days) for name in condition.names)
        elif isinstance(condition, tree.Sequence):
            days = days_back(condition.window, now)
            happenings = (*condition.steps, *condition.without)
            yield from ((name, days) for one in happenings for name in one.names)
        elif isinstance(condition, Consented):
            yield from ((name, None) for name in CONSENT_FACTS)
        elif isinstance(condition, Relation):
            yield from ((name, None) for name in bond_names(condition.to))
        elif isinstance(condition, tree.Moved):
            yield condition.move.fact, days_back(condition.window, now)


def _facts_days(facts: Facts, now: datetime) -> int | None:
    match facts:
        case Stopped():
            return _whole_days(facts.earlier.length)
        case Restarted():
            return None
        case Regular():
            return _PERIOD_DAYS[facts.period] * facts.of
    return days_back(facts.window, now)


def days_back(window: Window, now: datetime) -> int | None:
    """Return how many days before now a window begins, begun ones counted whole; ``None``: no beginning."""
    match window:
        case Ever():
            return None
        case RollingWindow():
            return _whole_days(window.span)
        case AbsoluteWindow():
            return None if window.from_ is None else max(0, _whole_days(now - window.from_))
        case CalendarWindow():
            return window.n or _CALENDAR_DAYS[window.period]


def _whole_days(span: timedelta) -> int:
    return -(-span // timedelta(days=1))


def question_asked(
    asked: Asked, formulas: Mapping[str, Formula], now: datetime, filters: BoardFilters | None = None
) -> Iterator[_Asked]:
    """Yield what a question asks for, on a board that shows its own days if it has filters."""
    question = asked.question
    period = filters.period if filters else question.period
    compares = filters.compare if filters else getattr(question, "compare", False)
    days: int | None = _period_days(period, now.date()) * (2 if compares else 1)
    if isinstance(question, Retention) and question.entry is Entry.FIRST_EVER:
        days = None
    names = (
        _formula_names(formulas[asked.question.metric], formulas)
        if isinstance(asked, AskedMetric) and asked.question.metric in formulas
        else _question_names(question)
    )
    yield from ((name, days) for name in names)


def _period_days(period: LastDays | Dates, today: date) -> int:
    return period.days if isinstance(period, LastDays) else max(0, (today - period.from_).days + 1)


def _formula_names(formula: Formula, formulas: Mapping[str, Formula]) -> set[str]:
    if isinstance(formula, EventFormula):
        return set(formula.event.names)
    parts = (formulas.get(part) for part in (formula.of, formula.to))
    return {name for part in parts if isinstance(part, EventFormula) for name in part.event.names}


def _question_names(question: Analysis) -> set[str]:
    """Return the events a question names, wherever it has them."""
    found: set[str] = set(question.names) if isinstance(question, Paths) else set()
    for field in type(question).model_fields:
        value = getattr(question, field)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, EventChoice):
                found.update(one.names)
    return found
