"""The questions of engagement, in sets. Events of one name on one local day are one grain."""

from datetime import date
from typing import Any, Final

from quanyu.modules.insight.engagement.contracts import EngagementSettings
from quanyu.modules.insight.lifecycle.stages import day_number
from quanyu.modules.insight.studies import acts

HALF_LIVES: Final = 8  # Beyond, an event is worth less than half a percent of what it was.
TOLD: Final = 3  # Events named for a person.
EVENTS_MAX: Final = 20  # And for the brand.
# Pages have countless names: together they are one.
_WHAT: Final = "if(kind IN ('page', 'screen'), toString(kind), toString(name))"
_WEIGHT: Final = (
    "transform(what, {events:Array(String)}, {weights:Array(Float64)}, "
    "if(what IN ('page', 'screen'), {page_weight:Float64}, {other_weight:Float64}))"
)
_GRAINS: Final = f"""
SELECT {acts.WHO} AS who, {_WHAT} AS what, {acts.DAY} AS day,
    least(count(), {{daily_max:UInt32}}) * {_WEIGHT}
        * exp2((day - {{today:Int32}}) / {{half_life:Float64}}) AS worth
FROM events WHERE {acts.ACTS} AND {acts.UP_TO} AND {acts.DAY} > {{from_day:Int32}} GROUP BY who, what, day
"""  # noqa: S608
_BY_EVENT: Final = f"""
SELECT who, what, sum(worth) AS points, max(day) AS last_day, count() AS days
FROM ({_GRAINS}) WHERE worth > 0 GROUP BY who, what
"""  # noqa: S608
PEOPLE: Final = f"""
SELECT who, sum(points) AS total, max(last_day) AS last_on,
    arraySort(one -> (-one.2, one.1), groupArray((what, round(points, 2)))) AS ordered,
    arraySlice(ordered, 1, {TOLD}) AS strongest,
    arrayMap(one -> one.1, strongest) AS names, arrayMap(one -> one.2, strongest) AS worths
FROM ({_BY_EVENT}) GROUP BY who ORDER BY who
"""  # noqa: S608
EVENTS: Final = f"""
SELECT what, round(sum(points), 2) AS total, count() AS people
FROM ({_BY_EVENT}) GROUP BY what ORDER BY total DESC, what LIMIT {EVENTS_MAX}
"""  # noqa: S608


def bound_of(settings: EngagementSettings, *, as_of_ms: int, zone: str, today: date) -> dict[str, Any]:
    """Return what the questions ask for."""
    number = day_number(today)
    return {
        "as_of_ms": as_of_ms,
        "zone": zone,
        "today": number,
        "from_day": number - HALF_LIVES * settings.half_life_days,
        "events": [one.name for one in settings.weights],
        "weights": [float(one.weight) for one in settings.weights],
        "page_weight": settings.page_weight,
        "other_weight": settings.other_weight,
        "half_life": float(settings.half_life_days),
        "daily_max": settings.daily_max,
    }
