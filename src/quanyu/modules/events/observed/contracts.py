"""What crosses the boundary of the event catalogue."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PropertyType(StrEnum):
    """What the values of a property are; ``mixed`` where they are of several types."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    MIXED = "mixed"


class PropertySeen(_Frozen):
    """A property of the events looked at; dots reach into objects.

    ``present`` counts the events that have it, ``distinct`` its different values, up to a limit. ``examples``
    are empty where values could say who somebody is.
    """

    key: str
    type: PropertyType
    present: int
    distinct: int
    examples: tuple[str, ...]


class SourceVolume(_Frozen):
    """How much of an event one source has sent. Days are the brand's, by when we heard of it."""

    source: str
    events: int
    today: int
    days_30: int
    first_seen_at: datetime
    last_seen_at: datetime


class EventSeen(_Frozen):
    """An event name, over all its sources; an empty name stands for those beyond the limit."""

    name: str
    kind: str
    events: int
    today: int
    days_30: int
    first_seen_at: datetime
    last_seen_at: datetime
    sources: tuple[SourceVolume, ...]


class EventCatalogue(_Frozen):
    """Every event name, the busiest of the last thirty days first."""

    items: tuple[EventSeen, ...]
    counted_at: datetime | None  # When events were last counted; ``None`` before the first time.


class DayVolume(_Frozen):
    """Events of one day of the brand."""

    day: date
    events: int


class EventSample(_Frozen):
    """A recent event. Values that could say who somebody is are left out, their keys are not."""

    source: str
    occurred_at: datetime
    received_at: datetime
    person_id: str | None
    properties: dict[str, Any]


class EventDetail(_Frozen):
    """One event name: its days, and what its latest events hold (``looked_at`` of them)."""

    event: EventSeen
    days: tuple[DayVolume, ...]
    looked_at: int
    properties: tuple[PropertySeen, ...]
    samples: tuple[EventSample, ...]
