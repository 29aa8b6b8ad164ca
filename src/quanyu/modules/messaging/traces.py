"""The trace of a message: every decision about it, as its row keeps them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict

KEPT_MAX: Final = 20  # The newest; a message may be held again and again.


class DecisionVerdict(StrEnum):
    """What was decided."""

    REFUSED = "refused"
    HELD = "held"
    RESERVED = "reserved"


class MessageDecision(BaseModel):
    """One decision about a message.

    ``why``: the reason of a refusal; what held it (``quiet_hours``, ``cap:<rule>``, ``window_ended``);
    empty when it was reserved. ``took``: the counters it took, and its window or credit.
    """

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    verdict: DecisionVerdict
    why: str = ""
    detail: str | None = None
    until: AwareDatetime | None = None
    took: tuple[str, ...] = ()


def write_trace(decision: MessageDecision) -> str:
    """Return a decision as the array a message's row appends."""
    known: dict[str, Any] = {"at": decision.at, "verdict": str(decision.verdict)}
    for name in ("why", "detail", "until", "took"):
        if value := getattr(decision, name):
            known[name] = value
    return msgspec.json.encode([known]).decode()


def read_trace(rows: Sequence[Any]) -> tuple[MessageDecision, ...]:
    """Return a row's decisions, the oldest first."""
    return tuple(MessageDecision.model_validate(row) for row in rows)


def refused(at: datetime, why: str, detail: str | None = None) -> MessageDecision:
    """Return the decision that nothing is sent."""
    return MessageDecision(at=at, verdict=DecisionVerdict.REFUSED, why=why, detail=detail)


def held(at: datetime, why: str, until: datetime) -> MessageDecision:
    """Return the decision that it waits."""
    return MessageDecision(at=at, verdict=DecisionVerdict.HELD, why=why, until=until)


def reserved(at: datetime, took: Sequence[str]) -> MessageDecision:
    """Return the decision that it may go."""
    return MessageDecision(at=at, verdict=DecisionVerdict.RESERVED, took=tuple(took))
