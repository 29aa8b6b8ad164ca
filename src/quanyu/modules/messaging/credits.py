"""Credits: what a person lets an account send by one template. Pure rules over one row.

One accept of a one-time template pays for one message; a long-term template stays open until it is
withdrawn. The platform keeps the truth (43101), the log tells us what people answered.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from quanyu.kernel.ids import PersonId


class Credits(StrEnum):
    """What a person's credit for one template allows."""

    OPEN = "open"
    SPENT = "spent"
    MISSING = "missing"


class Answer(StrEnum):
    """What the log says about a template."""

    ACCEPTED = "accepted"  # In a popup.
    ALLOWED = "allowed"  # Switched on in the settings: no credit of a one-time template.
    WITHDRAWN = "withdrawn"  # Switched off in the settings.
    SENT_ELSEWHERE = "sent_elsewhere"  # Other software used one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A row of ``message_credit``."""

    person_id: PersonId  # Who accepted: an erasure finds them by it.
    granted: int = 0
    used: int = 0
    long_term: bool = False
    since: datetime  # When this count began; what was taken from an earlier one is not given back to it.
    updated_at: datetime  # When the person last accepted.
    position: int = 0  # Of the newest event counted, so that none counts twice.

    @property
    def left(self) -> int:
        """How many messages of a one-time template remain."""
        return max(0, self.granted - self.used)


def told(
    credit: Credit | None,
    answer: Answer,
    *,
    person_id: PersonId,
    at: datetime,
    position: int,
    long_term: bool,
) -> Credit:
    """Return the credit after one event; an event counted before changes nothing."""
    before = credit or Credit(person_id=person_id, since=at, updated_at=at)
    if credit is not None and position <= credit.position:
        return credit
    seen = replace(before, person_id=person_id, position=position, long_term=before.long_term or long_term)
    match answer:
        case Answer.ACCEPTED:
            return replace(seen, granted=seen.granted + 1, updated_at=max(at, seen.updated_at))
        case Answer.ALLOWED:
            return replace(seen, granted=max(seen.granted, 1), updated_at=at) if seen.long_term else seen
        case Answer.WITHDRAWN:
            return replace(seen, granted=0, used=0, since=at)
        case Answer.SENT_ELSEWHERE:
            return seen if not seen.left or at < seen.since else replace(seen, used=seen.used + 1)
