"""How a condition on a date becomes SQL: borders are computed here, the warehouse compares numbers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from quanyu.modules.events.asking.readings import Parameters, quote_path
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.events.asking.windows import epoch_ms, span_of
from quanyu.modules.segments.conditions.dates import (
    DAY_PATTERN,
    INSTANT_PATTERN,
    Ahead,
    Almanac,
    Anniversary,
    DateTest,
    Days,
    Within,
)
from quanyu.modules.segments.conditions.facts import Ago, At
from quanyu.modules.segments.lunar import born_alike

_FIRST_DAY: Final = date(1800, 1, 1)
_LAST_DAY: Final = date(2300, 1, 1)


@dataclass(frozen=True, slots=True)
class _Between:
    """Days of the calendar, and the instants that mean the same; all four borders are included."""

    first_day: date
    last_day: date
    first_ms: int
    last_ms: int


def date_sql(node: DateTest, at: Evaluation, parameters: Parameters) -> str:
    """Return an expression that is 1 where the attribute holds such a date and 0 elsewhere."""
    text = f"attributes.{quote_path(node.key)}.:`String`"
    day = f"toDate32OrNull(substring({text}, 1, 10))"
    # A day that is not in the calendar (the 30th of February) would be taken for a neighbour.
    exists = f"ifNull(toString({day}) = substring({text}, 1, 10), 0)"
    is_day = f"(ifNull(match({text}, {parameters.bind(DAY_PATTERN, 'String')}), 0) AND {exists})"
    is_instant = f"(ifNull(match({text}, {parameters.bind(INSTANT_PATTERN, 'String')}), 0) AND {exists})"
    instant = f"parseDateTime64BestEffortOrNull({text}, 3, 'UTC')"
    if isinstance(node.when, Anniversary):
        zone = parameters.bind(at.zone.key, "String")
        local = f"if({is_day}, {day}, toDate32(toTimeZone({instant}, {zone})))"
        comes_round = _anniversary_sql(local, node.when, at, parameters)
        return f"(({is_day} OR {is_instant}) AND ifNull({comes_round}, 0))"
    between = _borders(node.when, at)
    days = [parameters.bind(one.isoformat(), "Date32") for one in (between.first_day, between.last_day)]
    edges = [parameters.bind(one, "Int64") for one in (between.first_ms, between.last_ms)]
    ms = f"toUnixTimestamp64Milli({instant})"
    return (
        f"(({is_day} AND ifNull({day} >= {days[0]} AND {day} <= {days[1]}, 0)) "
        f"OR ({is_instant} AND ifNull({ms} >= {edges[0]} AND {ms} <= {edges[1]}, 0)))"
    )


def _anniversary_sql(local: str, when: Anniversary, at: Evaluation, parameters: Parameters) -> str:
    today = at.as_of.astimezone(at.zone).date()
    kept = [today + timedelta(days=ahead) for ahead in range(when.from_, when.to + 1)]
    last = parameters.bind(kept[-1].isoformat(), "Date32")
    if when.calendar is Almanac.LUNAR:
        alike = [day.isoformat() for day in born_alike(kept)]
        return f"(toString({local}) IN {parameters.bind(alike, 'Array(String)')} AND {local} <= {last})"
    numbers = {day.month * 100 + day.day for day in kept}
    if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1 for day in kept):
        numbers.add(229)
    same = f"toMonth({local}) * 100 + toDayOfMonth({local})"
    return f"({same} IN {parameters.bind(sorted(numbers), 'Array(UInt16)')} AND {local} <= {last})"


def _borders(when: Days | Within | Ago | Ahead | At, at: Evaluation) -> _Between:
    today = at.as_of.astimezone(at.zone).date()
    match when:
        case Days():
            return _of_days(today + timedelta(days=when.from_), today + timedelta(days=when.to), at)
        case Within():
            return _of_days(*_running(when.period, today), at)
        case Ago():
            border = at.as_of - span_of(when.amount, when.unit)
            return (
                _of_instants(border, at.as_of, at) if when.op == "at_most" else _of_instants(None, border, at)
            )
        case Ahead():
            border = at.as_of + span_of(when.amount, when.unit)
            return (
                _of_instants(at.as_of, border, at) if when.op == "at_most" else _of_instants(border, None, at)
            )
        case At():
            before = when.op == "at_most"
            return _of_instants(None if before else when.instant, when.instant if before else None, at)


def _running(period: str, today: date) -> tuple[date, date]:
    match period:
        case "day":
            return today, today
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            after = date(today.year + today.month // 12, today.month % 12 + 1, 1)
            return today.replace(day=1), after - timedelta(days=1)
        case _:
            return date(today.year, 1, 1), date(today.year, 12, 31)


def _of_days(first: date, last: date, at: Evaluation) -> _Between:
    first, last = max(first, _FIRST_DAY), min(last, _LAST_DAY)
    return _Between(first, last, _midnight_ms(first, at), _midnight_ms(last + timedelta(days=1), at) - 1)


def _of_instants(first: datetime | None, last: datetime | None, at: Evaluation) -> _Between:
    """A day counts from its midnight: it is inside if that is."""
    first = first or datetime(1800, 1, 1, tzinfo=UTC)
    last = last or datetime(2300, 1, 1, tzinfo=UTC)
    day = first.astimezone(at.zone).date()
    if _midnight_ms(day, at) < epoch_ms(first):
        day += timedelta(days=1)
    return _Between(day, last.astimezone(at.zone).date(), epoch_ms(first), epoch_ms(last))


def _midnight_ms(day: date, at: Evaluation) -> int:
    return epoch_ms(datetime.combine(day, time(), tzinfo=at.zone))
