"""Which events let people into a journey, and why another does not."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import Entry, EventEntry, RequestEntry, SegmentEntered, SegmentLeft
from quanyu.modules.segments.matching import matches

SEGMENT_ENTERED: Final = "segments.entered"
SEGMENT_LEFT: Final = "segments.left"
# Something that happened long before we heard of it starts no journey: an import of last year's
# orders must not greet everybody (IN-2).
LATE_AFTER: Final = timedelta(hours=1)


class Passed(StrEnum):
    """Why an event passes a journey by."""

    OTHER = "other"  # It is about something else: another name, another segment.
    BEFORE = "before"  # It happened before the journey let anybody in this way.
    LATE = "late"  # We heard of it more than ``LATE_AFTER`` after it happened.
    FILTERED = "filtered"  # It does not meet the filters of the entry.
    OWN = "own"  # The journey states it itself: it would turn for ever.


def starting_event(entry: Entry) -> str:
    """Return the name of the event that lets people in; none for who are let in by request."""
    match entry:
        case EventEntry():
            return entry.event
        case SegmentEntered():
            return SEGMENT_ENTERED
        case SegmentLeft():
            return SEGMENT_LEFT
        case RequestEntry():
            return ""


def starts(entry: Entry, event: LogEvent, *, since: datetime, journey: str) -> bool:
    """Whether an event lets its person into ``journey``, as far as the event alone decides."""
    return passed_by(entry, event, since=since, journey=journey) is None


def passed_by(entry: Entry, event: LogEvent, *, since: datetime, journey: str) -> Passed | None:
    """Return why an event lets nobody into a journey entered this way ``since``; ``None``: it does."""
    if event.name != starting_event(entry) or isinstance(entry, RequestEntry):
        return Passed.OTHER
    if not isinstance(entry, EventEntry) and event.properties.get("segment_id") != entry.segment_id:
        return Passed.OTHER
    if _was_before(event, since):
        return Passed.BEFORE
    if _is_of(event, journey):
        return Passed.OWN
    if not isinstance(entry, EventEntry):
        return None
    if event.received_at - event.occurred_at > LATE_AFTER:
        return Passed.LATE
    return None if matches(entry.where, event) else Passed.FILTERED


def _is_of(event: LogEvent, journey: str) -> bool:
    return event.name.startswith("journeys.") and event.properties.get("journey_id") == journey


def _was_before(event: LogEvent, since: datetime) -> bool:
    """Whether it happened before ``since``. WeChat tells whole seconds: within one, we go by its arrival."""
    is_that_second = event.occurred_at == since.replace(microsecond=0)
    return (event.received_at if is_that_second else event.occurred_at) < since
