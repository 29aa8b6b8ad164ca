"""Events, as somebody sees them who waits for one (JN-9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import WaitEvent
from quanyu.modules.segments.matching import matches


@dataclass(frozen=True, slots=True)
class Happened:
    """What matters of an event: its place in the log, its time, and what messages may say of it."""

    position: int
    occurred_at: datetime
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Awaits:
    """From when until when an event counts for somebody who waits."""

    came_at: datetime
    came_by: int | None  # The event that brought them here, if one did: it does not count again.
    until: datetime

    def takes(self, event: Happened) -> bool:
        """Tell whether the event came in time; of events of one instant the log's order decides."""
        if event.occurred_at == self.came_at and self.came_by is not None:
            return event.position > self.came_by
        return self.came_at <= event.occurred_at <= self.until


def time_of(event: LogEvent) -> datetime:
    """Return when the event happened; a sender whose clock is ahead is not ahead of us."""
    return min(event.occurred_at, event.received_at)


def happened(event: LogEvent) -> Happened:
    """Return what matters of an event."""
    variables = {**event.properties, "name": event.name, "occurred_at": event.occurred_at.isoformat()}
    return Happened(event.position, time_of(event), variables)


def first_match(node: WaitEvent, awaits: Awaits, events: Iterable[LogEvent]) -> Happened | None:
    """Return the earliest of a person's events of the awaited name that ends this waiting."""
    fitting = (happened(event) for event in events if matches(node.where, event))
    in_time = (event for event in fitting if awaits.takes(event))
    return min(in_time, key=lambda one: (one.occurred_at, one.position), default=None)
