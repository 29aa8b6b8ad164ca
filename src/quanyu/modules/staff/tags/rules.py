"""Pure decisions about one tag on one relation: what the platform has, what we want, who wins.

Both sides change marks: members in their client, we by codes, journeys and the console. What the platform
has is known by looking and by our own calls; our calls are told to nobody, so no echo has to be told apart.
No I/O and no clock: the same looks, wishes and answers lead to the same end.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class ConflictPolicy(StrEnum):
    """Whose word counts where the platform's side undid what we decided."""

    PLATFORM = "platform"
    OURS = "ours"
    NEWEST = "newest"


class MarkState(StrEnum):
    """Where our wish stands."""

    SETTLED = "settled"  # Nothing is to be done.
    WAITING = "waiting"
    SENDING = "sending"  # A call is under way.
    FAILED = "failed"  # The platform refused for good; a new wish tries again.


class Winner(StrEnum):
    """How a conflict was decided."""

    PLATFORM = "platform"
    OURS = "ours"
    GAVE_UP = "gave_up"  # We won too often within a day: somebody over there insists.


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One tag on one relation; without a row it is a mark nobody ever made."""

    carried: bool = False  # What the platform has, as far as we know.
    known_at: datetime | None = None  # Since when we know it: looks begun before count no more.
    ours: bool | None = None  # What we decided last; ``None`` once the platform's word stands.
    ours_at: datetime | None = None
    origin: str = ""
    state: MarkState = MarkState.SETTLED
    sent: bool | None = None  # What the call under way asks for.
    is_uncertain: bool = False  # A call was lost: it may have been carried out, and must be repeated.
    looks_again: bool = False  # Somebody looked while a call was under way.
    reason: str = ""

    @property
    def is_pending(self) -> bool:
        return self.state in (MarkState.WAITING, MarkState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What somebody saw on the platform, and when they began to look."""

    seen: bool
    asked_at: datetime
    changed_at: datetime | None = None  # When the platform says that the relation was edited.


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A mark after news of it."""

    mark: Mark
    news: bool | None = None  # What the platform has now, where that was not known before.
    winner: Winner | None = None  # There was a conflict.
    asks_again: bool = False  # Only a new look can tell.


def wish(mark: Mark, wanted: bool, *, at: datetime, origin: str) -> Mark:
    """Decide what we want; of several wishes the latest counts."""
    if mark.ours_at is not None and at < mark.ours_at and mark.ours is not None:
        return mark
    decided = replace(mark, ours=wanted, ours_at=at, origin=origin, reason="")
    if mark.state is MarkState.SENDING:
        return decided  # Its answer says what is left to do.
    return replace(decided, state=_left(decided))


def send(mark: Mark) -> Mark:
    """Begin the call for what we want; one that was under way is lost and is repeated."""
    lost = mark.state is MarkState.SENDING
    return replace(
        mark, state=MarkState.SENDING, sent=mark.ours, is_uncertain=mark.is_uncertain or lost, reason=""
    )


def done(mark: Mark, *, at: datetime) -> Step:
    """Take the platform's yes."""
    assert mark.sent is not None
    news = mark.sent if mark.sent != mark.carried else None
    taken = replace(
        mark, carried=mark.sent, known_at=at, sent=None, is_uncertain=False, looks_again=False, reason=""
    )
    return Step(mark=replace(taken, state=_left(taken)), news=news, asks_again=mark.looks_again)


def postpone(mark: Mark, *, is_lost: bool, reason: str) -> Mark:
    """Try again later; ``is_lost``: no answer says whether it was carried out."""
    uncertain = mark.is_uncertain or is_lost
    waiting = replace(mark, sent=None, is_uncertain=uncertain, reason=reason)
    return replace(waiting, state=_left(waiting))


def refuse(mark: Mark, *, reason: str, is_lost: bool = False) -> Step:
    """Take the platform's no, or give up on an answer. A wish made meanwhile still has its turn."""
    is_newer = mark.ours != mark.sent
    asks_again = mark.looks_again or mark.is_uncertain or is_lost
    kept = replace(mark, sent=None, is_uncertain=False, looks_again=False)
    if is_newer:
        return Step(mark=replace(kept, state=_left(kept)), asks_again=asks_again)
    return Step(mark=replace(kept, state=MarkState.FAILED, reason=reason), asks_again=asks_again)


def observe(mark: Mark, look: Look, policy: ConflictPolicy, *, is_insisted_on: bool = False) -> Step:
    """Take what was seen on the platform.

    A look begun before our last call ended tells nothing for certain, nor does one while a call is under
    way. What differs from what we knew was changed over there: a conflict if we had decided otherwise.
    """
    if mark.state is MarkState.SENDING or (mark.is_uncertain and mark.is_pending):
        return Step(mark=mark if mark.looks_again else replace(mark, looks_again=True))
    if mark.known_at is not None and look.asked_at <= mark.known_at:
        return Step(mark=mark, asks_again=look.seen != mark.carried)
    if look.seen == mark.carried:
        return Step(mark=mark)
    moved = replace(mark, carried=look.seen, known_at=look.asked_at)
    if mark.ours is None or mark.ours == look.seen:
        return Step(mark=replace(moved, state=MarkState.SETTLED, reason=""), news=look.seen)
    winner = _winner(mark, look, policy, is_insisted_on=is_insisted_on)
    if winner is Winner.OURS:
        return Step(mark=replace(moved, state=MarkState.WAITING, reason=""), news=look.seen, winner=winner)
    yielded = replace(moved, ours=None, state=MarkState.SETTLED, reason="")
    return Step(mark=yielded, news=look.seen, winner=winner)


def _left(mark: Mark) -> MarkState:
    """Return whether something is to be done about what we want."""
    if mark.ours is None:
        return MarkState.SETTLED
    return MarkState.WAITING if mark.is_uncertain or mark.ours != mark.carried else MarkState.SETTLED


def _winner(mark: Mark, look: Look, policy: ConflictPolicy, *, is_insisted_on: bool) -> Winner:
    match policy:
        case ConflictPolicy.PLATFORM:
            return Winner.PLATFORM
        case ConflictPolicy.NEWEST if not _is_ours_newer(mark, look):
            return Winner.PLATFORM
        case ConflictPolicy.OURS | ConflictPolicy.NEWEST:
            return Winner.GAVE_UP if is_insisted_on else Winner.OURS


def _is_ours_newer(mark: Mark, look: Look) -> bool:
    """Whether our decision came after the change over there, which happened between two looks.

    The edit the platform told of is the change if it lies between them; else it is as new as it can be.
    """
    told = look.changed_at
    lies_between = told is not None and told <= look.asked_at and not (mark.known_at and told < mark.known_at)
    changed_at = told if told is not None and lies_between else look.asked_at
    return mark.ours_at is not None and mark.ours_at > changed_at


def part(mark: Mark, *, at: datetime) -> Mark:
    """The member deleted the customer: what was known and wanted before ends with the relation."""
    if mark.known_at is not None and mark.known_at > at:
        return mark
    if mark.ours_at is not None and mark.ours_at > at:
        return replace(mark, carried=False, known_at=at, state=_left(replace(mark, carried=False)))
    return Mark(carried=False, known_at=at)
