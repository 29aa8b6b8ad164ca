"""Who is invited by whom, and when to look again: pure decisions."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.kernel.ids import PersonId
from quanyu.modules.community.invitations.contracts import REMINDERS_MAX
from quanyu.modules.community.ports import Relation

IN_GROUP: Final = "in_group"
DUPLICATE: Final = "duplicate"
NO_SENDER: Final = "no_sender"
GIVE_UP_AFTER: Final = timedelta(days=7)  # MS-6
_DAY: Final = timedelta(hours=24)
_POLLS: Final = (10, 30, 60, 300, 900, 1_800)  # Seconds to the next look; an hour from then on.
LOOK_UP_AGAIN: Final = timedelta(seconds=20)
SURELY_NOT_MADE: Final = timedelta(minutes=2)  # What the list does not show by then was not made.


@dataclass(frozen=True, slots=True)
class Choice:
    """One relation, and why it is left out; empty if it is not."""

    relation: Relation
    excluded: str


def choose(
    relations: Iterable[Relation], *, tokens_inside: Collection[bytes], people_inside: Collection[PersonId]
) -> tuple[Choice, ...]:
    """Choose one relation of each person (GC-7, MS-3).

    Whoever is in a group already, by any of their identities, is left out; of several members the one who may
    send and has had them longest invites.
    """
    by_person: dict[object, list[Relation]] = {}
    for one in relations:
        by_person.setdefault(one.person_id or one.token, []).append(one)
    choices = []
    for known in by_person.values():
        is_inside = any(
            one.token in tokens_inside or (one.person_id is not None and one.person_id in people_inside)
            for one in known
        )
        known.sort(key=lambda one: (not one.can_send, one.added_at, one.userid, one.token))
        for at, one in enumerate(known):
            reason = DUPLICATE if at else IN_GROUP if is_inside else "" if one.can_send else NO_SENDER
            choices.append(Choice(one, reason))
    return tuple(choices)


def next_poll(polls: int) -> timedelta:
    """Return how long to wait after so many looks."""
    return timedelta(seconds=_POLLS[polls]) if polls < len(_POLLS) else timedelta(hours=1)


def may_remind(reminded: Sequence[datetime], now: datetime) -> bool:
    """Whether the platform allows one more: three in 24 hours for a message."""
    return sum(at > now - _DAY for at in reminded) < REMINDERS_MAX


def is_reminder_due(
    asked_at: datetime, reminded: Sequence[datetime], now: datetime, *, after_h: int, most: int
) -> bool:
    """Whether an unconfirmed message is to be brought to mind by the invitation's own policy."""
    if not after_h or len(reminded) >= most or not may_remind(reminded, now):
        return False
    return now >= max([asked_at, *reminded]) + timedelta(hours=after_h)
