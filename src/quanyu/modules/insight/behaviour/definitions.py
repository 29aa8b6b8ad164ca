"""Figures as definitions of segments: the same people, kept for later (docs/reference/segments.md)."""

from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from quanyu.modules.events.asking.fields import FieldType, field_type
from quanyu.modules.insight.behaviour.language import (
    Analysis,
    ByPerson,
    DistributionQuestion,
    Entry,
    EventChoice,
    Group,
    Measure,
    Retention,
    RetentionMode,
    Spread,
    Trend,
    dump,
)
from quanyu.modules.insight.behaviour.language import Breakdown as Wanted
from quanyu.modules.insight.behaviour.periods import Days, Span, add_units
from quanyu.modules.insight.behaviour.retention import EVERYBODY

Definition = dict[str, Any]
_Q = TypeVar("_Q", bound=Analysis)
REVENUE: Final = "revenue"


def trend_definition(
    query: Trend, span: Span, *, group: Group | None, currencies: tuple[str, ...]
) -> Definition | None:
    """Return who had such an event in the span; ``None`` where a group or a number cannot be said."""
    return _inside(query, _trend(_folded(query), span, group=group, currencies=currencies))


def _trend(
    query: Trend, span: Span, *, group: Group | None, currencies: tuple[str, ...]
) -> Definition | None:
    where: list[Definition] = []
    if query.measure is Measure.UNIQUE and query.field is not None:
        if field_type(query.field) is FieldType.ANY:
            return None  # Being there is not being a value: lists are none.
        where += [] if query.field == "order_id" else [{"field": query.field, "op": "is_set"}]
    elif query.field is not None:
        if field_type(query.field) is not FieldType.DECIMAL:
            return None  # Being there is not being a number.
        where.append({"field": query.field, "op": "is_set"})
    about: list[Definition] = []
    if group is not None and query.breakdown is not None:
        test = _group_test(query.breakdown, group)
        if test is None:
            return None
        (about if isinstance(query.breakdown, ByPerson) else where).append(test)
    paid = [
        {"field": "currency", "op": "eq", "value": code}
        if code
        else {"field": "currency", "op": "is_missing"}
        for code in currencies
    ]
    did = [_did(query.event, span, [*where, one]) for one in paid] or [_did(query.event, span, where)]
    return _all([did[0] if len(did) == 1 else {"kind": "any", "of": did}, *about])


def retention_definition(
    query: Retention, days: Days, *, cohort: date, n: int, which: str
) -> Definition | None:
    """Return a cohort's people; ``None`` where coming back is told by the order of two events."""
    return _inside(query, _retention(_folded(query), days, cohort=cohort, n=n, which=which))


def _retention(query: Retention, days: Days, *, cohort: date, n: int, which: str) -> Definition | None:
    span = days.between(cohort, add_units(cohort, query.unit, 1))
    entered = _entered(query, span)
    if which == "all" or n == EVERYBODY:
        return entered
    if query.mode is RetentionMode.ROLLING or n == 0:
        return None
    begins = add_units(cohort, query.unit, n)
    ends = None if query.mode is RetentionMode.ON_OR_AFTER else add_units(cohort, query.unit, n + 1)
    back = _did(query.back, days.beyond(begins, ends), [])
    return {"kind": "all", "of": [entered, back if which == "retained" else {"kind": "not", "of": back}]}


def distribution_definition(
    query: DistributionQuestion, span: Span, *, begins: Decimal | None, ends: Decimal | None
) -> Definition | None:
    """Return whose number lies in [begins, ends); ``None`` for days, and for money of several spellings."""
    return _inside(query, _distribution(_folded(query), span, begins=begins, ends=ends))


def _distribution(
    query: DistributionQuestion, span: Span, *, begins: Decimal | None, ends: Decimal | None
) -> Definition | None:
    borders = [("gte", begins)] if begins is not None else []
    borders += [("lt", ends)] if ends is not None else []
    match query.of:
        case Spread.TIMES:
            did = _did(query.event, span, [])
            tests = [{**did, "count": {"op": op, "value": int(edge)}} for op, edge in borders]
            # A condition on a count also holds for none at all, where it may.
            return _all([did, *tests]) if all(edge == int(edge) for _, edge in borders) else None
        case Spread.SUM if query.field != REVENUE:
            numbers = _did(query.event, span, [{"field": query.field, "op": "is_set"}])
            if field_type(query.field or "") is not FieldType.DECIMAL:
                return None  # Being there is not being a number.
            total = {
                **{key: value for key, value in numbers.items() if key != "kind"},
                "kind": "aggregate",
                "function": "sum",
                "of": {"kind": "field", "field": query.field},
            }
            return _all(
                [numbers, *({**total, "test": {"op": op, "value": f"{edge:f}"}} for op, edge in borders)]
            )
        case _:
            return None


def _folded(query: _Q) -> _Q:
    """Return the question with what every event must meet said by each of its events."""
    choices = {
        name: choice.model_copy(update={"where": (*choice.where, *query.where)})
        for name, choice in query
        if isinstance(choice, EventChoice)
    }
    return query.model_copy(update=choices)


def _inside(query: Analysis, found: Definition | None) -> Definition | None:
    if found is None or query.segment is None:
        return found
    return {"kind": "all", "of": [{"kind": "segment", "segment": query.segment}, found]}


def _all(conditions: list[Definition]) -> Definition:
    return conditions[0] if len(conditions) == 1 else {"kind": "all", "of": conditions}


def _entered(query: Retention, span: Span) -> Definition:
    if query.entry is Entry.EVERY:
        return _did(query.first, span, [])
    # "At least" is not before the instant, "at most" is not after it.
    borders = (("at_least", span.start_ms), ("at_most", span.end_ms - 1))
    return {
        "kind": "all",
        "of": [
            {
                "kind": "recency",
                "which": "first",
                **_facts(query.first, []),
                "when": {"kind": "at", "op": op, "instant": _text(Span(ms, ms))},
            }
            for op, ms in borders
        ],
    }


def _did(choice: EventChoice, span: Span, where: list[Definition]) -> Definition:
    if span.start_ms >= span.end_ms:
        return {"kind": "any", "of": []}  # Not begun yet: nobody.
    window = {"kind": "absolute", "from": _text(span), "to": _text(Span(span.end_ms, span.end_ms))}
    return {"kind": "event", **_facts(choice, where), "window": window}


def _facts(choice: EventChoice, where: list[Definition]) -> Definition:
    names = list(choice.names)
    return {
        "name": names[0] if len(names) == 1 else names,
        "where": [*(dump(test) for test in choice.where), *where],
    }


def _group_test(wanted: Wanted, group: Group) -> Definition | None:
    """Return the comparison a group stands for; none where no value may also be a list."""
    if isinstance(wanted, ByPerson):
        head: Definition = {"kind": "attribute", "key": wanted.key}
    else:
        head = {"field": wanted.field}
        if group.kind == "missing" and field_type(wanted.field) is not FieldType.ANY:
            return {**head, "op": "is_missing"}
    if group.kind != "value":
        return None
    return {**head, "op": "eq", "value": group.value}


def _text(span: Span) -> str:
    return span.starts().isoformat(timespec="milliseconds").replace("+00:00", "Z")
