"""Pure decisions: who takes over whom, what will go wrong, and what an answer of the platform means.

Facts of the platform: a transfer that has started ends after 24 hours unless the customer refuses; a customer
is passed on twice within 90 days at most (D 92125); of one owner 300 groups a day (D 95703).
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

from quanyu.modules.staff.inheritance.contracts import ItemState, Method
from quanyu.modules.staff.inheritance.reasons import ABOUT_THE_TAKER, IN_PROGRESS, Reason, reason_of
from quanyu.wechat.wecom.inheritance import TransferStatus

WAIT: Final = timedelta(hours=24)
OFTEN: Final = 2
OFTEN_DAYS: Final = 90
GROUPS_A_DAY: Final = 300
GIVE_UP: Final = timedelta(days=8)  # After the transfer should have ended.
_SLACK: Final = timedelta(minutes=1)  # The platform's clock and ours.
_FIRST_POLL: Final = timedelta(minutes=5)
_LONGEST_POLL: Final = timedelta(hours=6)
_CHINA: Final = timezone(timedelta(hours=8))  # Where the platform's day begins; no summer time.


@dataclass(frozen=True, slots=True)
class Room:
    """Somebody who takes over, and how many more customers they may have."""

    userid: str
    weight: int
    free: int


def allot(count: int, rooms: Sequence[Room], method: Method) -> list[str | None]:
    """Return who takes each of ``count`` customers over; ``None`` for those nobody has room for.

    Nobody gets more than they have room for. *Evenly*: numbers differ by one at most while room lasts;
    *weight*: numbers follow the weights; *capacity*: always to whoever has most room left. Ties go to who
    was named first, so the same question has the same answer.
    """
    given = dict.fromkeys((room.userid for room in rooms), 0)
    heap = [(_rank(room, 0, method), index) for index, room in enumerate(rooms) if room.free > 0]
    heapq.heapify(heap)
    chosen: list[str | None] = []
    for _ in range(count):
        if not heap:
            chosen.append(None)
            continue
        _, index = heapq.heappop(heap)
        room = rooms[index]
        chosen.append(room.userid)
        given[room.userid] += 1
        if given[room.userid] < room.free:
            heapq.heappush(heap, (_rank(room, given[room.userid], method), index))
    return chosen


def _rank(room: Room, given: int, method: Method) -> float:
    """Return how far somebody is from deserving the next one: the least is next."""
    if method is Method.EVENLY:
        return given
    if method is Method.WEIGHT:
        return (given + 0.5) / room.weight  # Sainte-Laguë: the shares follow the weights at every length.
    return given - room.free


def often_since(now: datetime) -> datetime:
    """Return where the 90 natural days begin that end today, in China."""
    today = now.astimezone(_CHINA).date()
    return datetime.combine(today - timedelta(days=OFTEN_DAYS - 1), time(), _CHINA)


def day_start(now: datetime) -> datetime:
    """Return where the platform's day began."""
    return datetime.combine(now.astimezone(_CHINA).date(), time(), _CHINA)


def next_day(now: datetime) -> datetime:
    """Return a minute past the platform's next midnight."""
    return day_start(now) + timedelta(days=1, minutes=1)


def problem_of(*, taker: str | None, moved: int, is_moving: bool) -> str:
    """Return why a planned customer would not be passed on, as far as that is known before; "" if nothing is.

    ``moved`` counts finished transfers within the 90 days, of members who stayed.
    """
    if is_moving:
        return Reason.IN_TRANSFER
    if moved >= OFTEN:
        return Reason.TOO_OFTEN
    return Reason.NO_ROOM if taker is None else ""


class Step(StrEnum):
    """What to do with an item next."""

    WAIT = "wait"
    DONE = "done"
    REFUSED = "refused"
    FAIL = "fail"
    LOOK = "look"  # Ask how it stands: it may have been us who started it.
    AGAIN = "again"  # It surely did not start.
    NEXT_TAKER = "next_taker"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A step, and why."""

    step: Step
    reason: str = ""


def after_start(code: int, *, has_next: bool) -> Verdict:
    """Decide from the code one customer got when a transfer was to start.

    "Already on the way" may be our own first try, whose answer was lost: then the platform is asked.
    """
    if code == 0:
        return Verdict(Step.WAIT)
    if code in IN_PROGRESS:
        return Verdict(Step.LOOK)
    return _ended(reason_of(code), has_next=has_next)


@dataclass(frozen=True, slots=True)
class Found:
    """What the platform says of one customer between two members."""

    status: int
    takeover_at: datetime | None


def after_look(found: Found | None, *, intended_at: datetime, code: int, ended_before: bool) -> Verdict:
    """Decide about an item whose start has an unknown outcome.

    ``code`` is what the last try was answered, 0 if nothing; ``ended_before`` tells that an older transfer
    between the same two had ended without success: then what is found may be that one.
    """
    nothing = Verdict(Step.FAIL, Reason.IN_TRANSFER) if code in IN_PROGRESS else Verdict(Step.AGAIN)
    if found is None:
        return nothing
    if found.status == TransferStatus.WAITING:
        return Verdict(Step.WAIT)
    if found.status == TransferStatus.DONE:
        return Verdict(Step.DONE) if _is_done(found, intended_at) else nothing
    if ended_before:
        return nothing
    return _ended(_REASONS.get(found.status, Reason.PLATFORM), has_next=False)


def after_poll(found: Found | None, *, submitted_at: datetime, now: datetime, has_next: bool) -> Verdict:
    """Decide about an item that waits for the 24 hours to pass."""
    if found is not None and found.status in _REASONS:
        return _ended(_REASONS[found.status], has_next=has_next)
    if _is_done(found, submitted_at):
        return Verdict(Step.DONE)
    if now >= submitted_at + WAIT + GIVE_UP:
        return Verdict(Step.FAIL, Reason.NO_ANSWER)
    return Verdict(Step.WAIT)


def _is_done(found: Found | None, since: datetime) -> bool:
    """Whether the customer was taken over, and not already in an older transfer between the same two."""
    if found is None or found.status != TransferStatus.DONE:
        return False
    return found.takeover_at is None or found.takeover_at >= since - _SLACK


_REASONS: Final[dict[int, Reason]] = {
    TransferStatus.REFUSED: Reason.REFUSED,
    TransferStatus.LIMIT: Reason.TAKER_FULL,
}


def _ended(reason: Reason, *, has_next: bool) -> Verdict:
    if reason is Reason.REFUSED:
        return Verdict(Step.REFUSED, reason)
    if has_next and reason in ABOUT_THE_TAKER:
        return Verdict(Step.NEXT_TAKER, reason)
    return Verdict(Step.FAIL, reason)


def next_taker(takers: Sequence[str], tried: Sequence[str]) -> str | None:
    """Return the first of those who take over that was not tried with this customer (CS-3)."""
    return next((one for one in takers if one not in tried), None)


def poll_at(submitted_at: datetime, now: datetime, polls: int) -> datetime:
    """Return when to ask how a transfer ended: when the 24 hours have passed, then ever less often."""
    first = submitted_at + WAIT + _SLACK
    if now < first:
        return first
    back_off: timedelta = _FIRST_POLL * 2 ** max(0, min(polls, 20))
    return now + min(back_off, _LONGEST_POLL)


def ended_state(step: Step) -> ItemState:
    """Return the state an ending step leads to."""
    return {Step.DONE: ItemState.DONE, Step.REFUSED: ItemState.REFUSED, Step.FAIL: ItemState.FAILED}[step]
