"""Days of the brand."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_start(now: datetime, zone: str, *, days_ago: int = 0) -> datetime:
    """Return when the brand's day began, or one before it; clock changes included."""
    place = ZoneInfo(zone)
    day = now.astimezone(place).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(), place).astimezone(now.tzinfo)


def day_of(at: datetime, zone: str) -> date:
    """Return the brand's day an instant lies in."""
    return at.astimezone(ZoneInfo(zone)).date()
