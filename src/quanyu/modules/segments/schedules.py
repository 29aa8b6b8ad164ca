"""When a segment is evaluated again: all the time, each hour, each day at a local time, or when asked."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter

from quanyu.modules.events.asking.comparisons import Frozen

_HOUR: Final = timedelta(hours=1)


class Live(Frozen):
    """Every minute; every second while something such as a running journey listens."""

    kind: Literal["live"] = "live"


class Hourly(Frozen):
    """At every full hour of the business clock."""

    kind: Literal["hourly"]


class Daily(Frozen):
    """Each day at a time of the brand's zone.

    A time that a change of the clocks leaves out comes an hour later; one that comes twice, at its first.
    """

    kind: Literal["daily"]
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Manual(Frozen):
    """When somebody asks."""

    kind: Literal["manual"]


Schedule = Annotated[Live | Hourly | Daily | Manual, Field(discriminator="kind")]
_ADAPTER: Final[TypeAdapter[Schedule]] = TypeAdapter(Schedule)


def read_schedule(raw: Any) -> Schedule:
    """Read a stored schedule."""
    return _ADAPTER.validate_python(raw)


def next_after(schedule: Schedule, as_of: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the next evaluation after ``as_of`` is planned; ``None`` where no clock says."""
    match schedule:
        case Hourly():
            return as_of.replace(minute=0, second=0, microsecond=0) + _HOUR
        case Daily():
            return _next_day(schedule, as_of, zone)
        case _:
            return None


def is_planned(schedule: Schedule, *, as_of: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a schedule with a clock of its own asks for an evaluation now."""
    planned = next_after(schedule, as_of, zone)
    return planned is not None and planned <= now


def _next_day(schedule: Daily, as_of: datetime, zone: ZoneInfo) -> datetime:
    hour, minute = (int(part) for part in schedule.at.split(":"))
    day = as_of.astimezone(zone).date()
    while True:
        planned = datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)
        if planned > as_of:
            return planned
        day += timedelta(days=1)
