"""One query per metric: what people of each arm did after they met the difference, and before.

Exposures are read from the log's own facts, so people are who they are known as today: the earliest exposure
counts, and whoever met two arms is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.modules.events.asking.readings import Parameters, numeric, read_field
from quanyu.modules.events.asking.scanning import CANONICAL, instant_sql
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.experiments.facts import EXPOSED
from quanyu.modules.insight.behaviour.definitions import REVENUE
from quanyu.modules.insight.behaviour.language import Measure, Trend
from quanyu.modules.insight.behaviour.sources import choice_sql, names_sql
from quanyu.modules.insight.behaviour.trend import value_sql
from quanyu.modules.insight.currencies import own_currency
from quanyu.modules.insight.metrics.contracts import EventFormula

BEFORE_DAYS: Final = 28  # So long before exposure foretells what somebody does after it.


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and its parameters; the gate binds the tenant."""

    sql: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What every query of a look shares."""

    experiment: str
    started_at: datetime
    as_of: datetime
    window_days: int
    brand_currency: str


def people_sql(scope: Scope) -> Asked:
    """(arm, how many arms somebody met, people): who met two has the earlier arm."""
    bind = Parameters()
    sql = f"SELECT arm, arms, count() FROM ({_exposed(scope, bind)}) GROUP BY arm, arms"  # noqa: S608
    return Asked(sql, bind.values)


def metric_sql(scope: Scope, parts: Sequence[EventFormula]) -> Asked:
    """(arm, people, Σy, Σx, Σy², Σx², Σxy) over people who met one arm.

    Of one formula ``y`` is what somebody did within the window after, ``x`` the same before exposure; of a
    ratio and of an average both are after: ``y`` above the line, ``x`` below it.
    """
    bind = Parameters()
    facts = " UNION ALL ".join(_facts(scope, part, side, bind) for side, part in enumerate(parts, start=1))
    window = bind.bind(scope.window_days, "UInt16")
    # Named apart from ``at``, so that no alias stands for a column.
    after = f"f.at >= e.since AND f.at < e.since + toIntervalDay({window})"
    before = f"f.at < e.since AND f.at >= e.since - toIntervalDay({BEFORE_DAYS})"
    if len(parts) == 2:
        y, x = (_value(part, f"f.side = {side} AND {after}") for side, part in enumerate(parts, start=1))
    elif parts[0].measure is Measure.AVG:
        y = _value(parts[0], f"f.side = 1 AND {after}")
        x = f"toFloat64(countIf(f.side = 1 AND {after} AND isNotNull(f.amount)))"
    else:
        y, x = (_value(parts[0], f"f.side = 1 AND {span}") for span in (after, before))
    return Asked(
        f"SELECT arm, count(), sum(y), sum(x), sum(y * y), sum(x * x), sum(x * y) FROM ("  # noqa: S608
        f"SELECT e.who AS who, any(e.arm) AS arm, {y} AS y, {x} AS x "
        f"FROM (SELECT who, arm, since FROM ({_exposed(scope, bind)}) WHERE arms = 1) AS e "
        f"LEFT JOIN ({facts}) AS f ON f.who = e.who GROUP BY e.who) GROUP BY arm",
        bind.values,
    )


def is_ratio(parts: Sequence[EventFormula]) -> bool:
    """Tell whether a metric is one figure over another."""
    return len(parts) == 2 or parts[0].measure is Measure.AVG


def _exposed(scope: Scope, bind: Parameters) -> str:
    as_of = instant_sql(epoch_ms(scope.as_of), bind)
    return (
        "SELECT who, argMin(met, at) AS arm, min(at) AS since, uniqExact(met) AS arms FROM ("  # noqa: S608
        f"SELECT {CANONICAL} AS who, properties.`arm`.:`String` AS met, events.occurred_at AS at FROM events "
        f"WHERE events.tenant_id = {{tenant:UInt32}} AND events.name = {bind.bind(EXPOSED, 'String')} "
        f"AND events.person != 0 AND properties.`experiment`.:`String` = "
        f"{bind.bind(scope.experiment, 'String')} AND events.occurred_at <= {as_of}) GROUP BY who"
    )


def _facts(scope: Scope, part: EventFormula, side: int, bind: Parameters) -> str:
    amount, key = "CAST(NULL, 'Nullable(Float64)')", "CAST(NULL, 'Nullable(String)')"
    if part.measure in (Measure.SUM, Measure.AVG):
        assert part.field is not None
        amount = f"toFloat64({numeric(read_field(part.field))})"
    elif part.measure is Measure.UNIQUE:
        key = value_sql(Trend(event=part.event, measure=part.measure, field=part.field))
    from_ms = epoch_ms(scope.started_at) - BEFORE_DAYS * 86_400_000
    tests = [
        names_sql((part.event,), bind),
        choice_sql(part.event, bind),
        "events.person != 0",
        f"events.occurred_at >= {instant_sql(from_ms, bind)}",
        f"events.occurred_at <= {instant_sql(epoch_ms(scope.as_of), bind)}",
    ]
    if part.field == REVENUE and part.measure is not Measure.UNIQUE:
        code = part.currency or scope.brand_currency
        stands_for = own_currency(code) if code == scope.brand_currency else (code,)
        tests.append(f"has({bind.bind(list(stands_for), 'Array(String)')}, events.currency)")
    return (
        f"SELECT {CANONICAL} AS who, events.occurred_at AS at, toUInt8({side}) AS side, "  # noqa: S608
        f"CAST({amount}, 'Nullable(Float64)') AS amount, CAST({key}, 'Nullable(String)') AS key "
        f"FROM events WHERE {' AND '.join(tests)}"
    )


def _value(part: EventFormula, when: str) -> str:
    """What one person has of a formula."""
    match part.measure:
        case Measure.EVENTS:
            return f"toFloat64(countIf({when}))"
        case Measure.PEOPLE:
            return f"toFloat64(countIf({when}) > 0)"
        case Measure.SUM | Measure.AVG:
            return f"sumIf(ifNull(f.amount, 0), {when})"
        case Measure.UNIQUE:
            return f"toFloat64(uniqExactIf(f.key, {when} AND isNotNull(f.key)))"
