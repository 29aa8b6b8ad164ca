"""What crosses the boundary of the log."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from quanyu.kernel.ids import PersonId


class EventKind(StrEnum):
    """The call kinds of the Segment specification."""

    TRACK = "track"
    IDENTIFY = "identify"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


class AcceptOutcome(StrEnum):
    """What became of an event that was offered to the log (IN-1)."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    DUPLICATE_DIFFERS = "duplicate_differs"
    QUARANTINED = "quarantined"  # Durable beside the log, until somebody lets it in or throws it away.


@dataclass(frozen=True, slots=True)
class Aside:
    """An event kept beside the log: whole and sealed, with what is not as planned as JSON."""

    sealed: bytes
    violations_json: bytes


@dataclass(slots=True, kw_only=True)
class LogRecord:
    """One row of the log as it is written: identifiers sealed, JSON encoded, money as text.

    ``body_hash`` is a 16-byte digest of what the event states; a second event of the same source and
    ``message_id`` with another hash is a conflict, kept for inspection and otherwise ignored.
    """

    source: str
    message_id: str
    kind: str
    name: str
    occurred_at: datetime
    body_hash: bytes
    tokens: bytes = b""
    identifiers_json: str | None = None
    sealed: bytes | None = None
    person_id: PersonId | None = None
    properties_json: bytes = b"{}"
    context_json: bytes = b"{}"
    items_json: bytes | None = None
    order_id: str = ""
    revenue: str | None = None
    currency: str = ""
    quantity: str | None = None
    trace: str = ""
    aside: Aside | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event as subscribers read it, after it was resolved and stored."""

    position: int
    person_id: PersonId | None
    kind: str
    name: str
    occurred_at: datetime
    received_at: datetime
    source: str
    message_id: str
    properties: dict[str, Any] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    order_id: str = ""
    revenue: Decimal | None = None
    currency: str = ""
    quantity: Decimal | None = None
    stamped_id: PersonId | None = None  # The id stamped on it for good; ``person_id`` is who that is today.
