"""Formulas as questions for the compiler of trends, as words, and as SQL over the open warehouse."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from quanyu.modules.events.asking.comparisons import PRESENCE
from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.events.asking.readings import Parameters, numeric, read_field
from quanyu.modules.insight.behaviour.definitions import REVENUE
from quanyu.modules.insight.behaviour.language import Measure, Trend
from quanyu.modules.insight.behaviour.sources import choice_sql
from quanyu.modules.insight.behaviour.trend import value_sql
from quanyu.modules.insight.currencies import own_currency
from quanyu.modules.insight.metrics.contracts import (
    EventFormula,
    FormulaText,
    MetricDraft,
    MetricQuestion,
)

_PARAMETER: Final = re.compile(r"\{(p\d+):([^{}]+)\}")
_NOT_IN_VIEWS: Final = frozenset({"context.device"})
_ZH: Final = {
    Measure.EVENTS: "次数：{events}",
    Measure.PEOPLE: "人数：{events}",
    Measure.SUM: "Σ {field}：{events}",
    Measure.AVG: "{field} 的平均值：{events}",
    Measure.UNIQUE: "{field} 去重计数：{events}",
}
_EN: Final = {
    Measure.EVENTS: "number of {events}",
    Measure.PEOPLE: "people with {events}",
    Measure.SUM: "Σ {field} of {events}",
    Measure.AVG: "average {field} of {events}",
    Measure.UNIQUE: "different {field} of {events}",
}


def as_trend(formula: EventFormula, query: MetricQuestion) -> Trend:
    """Return the question whose figures are those of the formula."""
    return Trend(
        period=query.period,
        as_of=query.as_of,
        where=query.where,
        segment=query.segment,
        unit=query.unit,
        compare=query.compare,
        event=formula.event,
        measure=formula.measure,
        field=formula.field,
        currency=formula.currency,
    )


def event_text(formula: EventFormula) -> FormulaText:
    """Say a formula over events in words."""
    names = "、".join(formula.event.names)
    tests = [_test_text(test) for test in formula.event.where]
    zh = f"{names}（{'，'.join(tests)}）" if tests else names
    en = ", ".join(formula.event.names) + (f" where {' and '.join(tests)}" if tests else "")
    return FormulaText(
        zh=_ZH[formula.measure].format(field=formula.field, events=zh),
        en=_EN[formula.measure].format(field=formula.field, events=en),
    )


def ratio_text(of: MetricDraft, to: MetricDraft) -> FormulaText:
    """Say a ratio in words."""
    return FormulaText(zh=f"{of.name} ÷ {to.name}", en=f"{of.name_en or of.name} ÷ {to.name_en or to.name}")


def event_sql(formula: EventFormula, *, brand_currency: str) -> str | None:
    """Return SQL over the view ``events`` for the figure by day; ``None`` where a field is not in it."""
    fields = {*(test.field for test in formula.event.where), formula.field}
    if fields & _NOT_IN_VIEWS:
        return None
    bind = Parameters()
    tests = [choice_sql(formula.event, bind)]
    if formula.measure is Measure.PEOPLE:
        tests.append("person != 0")
    if formula.field == REVENUE and formula.measure is not Measure.UNIQUE:
        code = formula.currency or brand_currency
        stands_for = own_currency(code) if code == brand_currency else (code,)
        tests.append(f"has({bind.bind(list(stands_for), 'Array(String)')}, currency)")
    text = (
        f"SELECT local_day, {_aggregate(formula)} AS value\nFROM events\nWHERE {' AND '.join(tests)}\n"
        "GROUP BY local_day"
    )
    return _PARAMETER.sub(lambda found: _literal(bind.values[found[1]], found[2]), text)


def ratio_sql(of: str | None, to: str | None) -> str | None:
    """Return SQL for the ratio of two such figures by day."""
    if of is None or to is None:
        return None
    return (
        "SELECT local_day, toFloat64(above.value) / nullIf(toFloat64(below.value), 0) AS value\n"
        f"FROM (\n{of}\n) AS above\nINNER JOIN (\n{to}\n) AS below USING local_day"
    )


def newest_first(sql: str | None) -> str | None:
    """Return the SQL as the page shows it: the last days first."""
    return None if sql is None else f"{sql}\nORDER BY local_day DESC\nLIMIT 30"


def _aggregate(formula: EventFormula) -> str:
    match formula.measure:
        case Measure.EVENTS:
            return "count()"
        case Measure.PEOPLE:
            return "uniqExact(person)"
        case Measure.UNIQUE:
            field = Trend(event=formula.event, measure=formula.measure, field=formula.field)
            return f"uniqExact({value_sql(field)})"
        case Measure.SUM | Measure.AVG:
            assert formula.field is not None
            amount = numeric(read_field(formula.field))
            if formula.measure is Measure.SUM:
                return f"ifNull(sum({amount}), 0)"
            return f"toFloat64(sum({amount})) / nullIf(count({amount}), 0)"


def _test_text(test: Filter) -> str:
    literals = "" if test.op in PRESENCE else " " + json.dumps(_plain(test.literals), ensure_ascii=False)
    return f"{test.field} {test.op.value}{literals}"


def _plain(literals: tuple[Any, ...]) -> Any:
    return literals[0] if len(literals) == 1 else list(literals)


def _literal(value: Any, kind: str) -> str:
    """Write a bound value as a literal of its type; texts escape what would end them."""
    if isinstance(value, list):
        inner = kind.removeprefix("Array(").removesuffix(")")
        return f"[{', '.join(_literal(one, inner) for one in value)}]"
    if kind == "String":
        escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if kind == "Bool":
        return "true" if value else "false"
    if kind.startswith("Decimal"):
        return f"CAST('{Decimal(value):f}', '{kind}')"
    return str(value)
