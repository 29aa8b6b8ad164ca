"""Pure decisions about relations: what all that was told of one adds up to.

Of each kind of news only the latest instant is kept, and everything else follows from those instants. So
neither the order of callbacks nor their repetition matters: delete before add is add before delete.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Clocks of the platform and of this machine differ a little, and its lists lag behind its callbacks.
CLOCK_DOUBT: Final = timedelta(seconds=60)


class RelationStatus(StrEnum):
    """Where a relation is."""

    HALF = "half"  # The customer added the member, who has not accepted yet.
    ACTIVE = "active"
    DELETED_BY_STAFF = "deleted_by_staff"
    DELETED_BY_CUSTOMER = "deleted_by_customer"
    TRANSFERRED = "transferred"  # Another member has taken the customer over.


class NewsKind(StrEnum):
    """What may be told of a relation."""

    ADDED = "added"
    HALF_ADDED = "half_added"
    DELETED_BY_STAFF = "deleted_by_staff"
    TRANSFERRED = "transferred"
    DELETED_BY_CUSTOMER = "deleted_by_customer"
    EDITED = "edited"  # The member has them: nothing else is told.
    CONFIRMED = "confirmed"  # The platform was asked and lists the relation.
    DENIED = "denied"  # It was asked and lists none.


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news: what happened, or was asked, when."""

    kind: NewsKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The latest instant of each kind; all ``None`` while nothing was told."""

    half_at: datetime | None = None
    added_at: datetime | None = None
    deleted_by_staff_at: datetime | None = None
    is_transfer: bool = False  # That deletion was a hand-over.
    deleted_by_customer_at: datetime | None = None
    confirmed_at: datetime | None = None
    denied_at: datetime | None = None

    @property
    def start(self) -> datetime | None:
        """When the relation began the last time."""
        return latest(self.half_at, self.added_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from what was told."""

    status: RelationStatus
    ended_at: datetime | None = None
    is_disputed: bool = False  # Added and deleted in one second: only the platform knows the order.


def hear(told: Told, news: Iterable[News]) -> Told:
    """Return what was told with ``news`` added; idempotent, and the same in any order."""
    for one in news:
        told = _hear(told, one)
    return told


def _hear(told: Told, news: News) -> Told:
    at = news.at
    match news.kind:
        case NewsKind.ADDED:
            return replace(told, added_at=latest(told.added_at, at))
        case NewsKind.HALF_ADDED:
            return replace(told, half_at=latest(told.half_at, at))
        case NewsKind.DELETED_BY_STAFF | NewsKind.TRANSFERRED:
            before = (told.deleted_by_staff_at, told.is_transfer)
            if before[0] is not None and at < before[0]:
                return told
            is_transfer = news.kind is NewsKind.TRANSFERRED or (at == before[0] and before[1])
            return replace(told, deleted_by_staff_at=at, is_transfer=is_transfer)
        case NewsKind.DELETED_BY_CUSTOMER:
            return replace(told, deleted_by_customer_at=latest(told.deleted_by_customer_at, at))
        case NewsKind.CONFIRMED:
            return replace(told, confirmed_at=latest(told.confirmed_at, at))
        case NewsKind.DENIED:
            return replace(told, denied_at=latest(told.denied_at, at))
        case NewsKind.EDITED:
            return told


def standing(told: Told) -> Standing:
    """Return where the relation is.

    The end that came first since the relation began counts: a member who clears away somebody who deleted
    them has lost nobody.
    """
    ends = sorted(_ends(told))
    disputed = _is_disputed(told)
    if ends:
        ended_at, status = ends[0]
        return Standing(RelationStatus(status), ended_at, disputed)
    accepted = told.half_at is None or (told.added_at is not None and told.added_at >= told.half_at)
    return Standing(RelationStatus.ACTIVE if accepted else RelationStatus.HALF, None, disputed)


def _ends(told: Told) -> list[tuple[datetime, str]]:
    ends = []
    if _holds(told.deleted_by_staff_at, told) and not _is_undone(told):
        assert told.deleted_by_staff_at is not None
        status = RelationStatus.TRANSFERRED if told.is_transfer else RelationStatus.DELETED_BY_STAFF
        ends.append((told.deleted_by_staff_at, status.value))
    if _holds(told.deleted_by_customer_at, told):
        assert told.deleted_by_customer_at is not None
        ends.append((told.deleted_by_customer_at, RelationStatus.DELETED_BY_CUSTOMER.value))
    if not ends and told.denied_at is not None and _was_gone(told, told.denied_at):
        ends.append((told.denied_at, RelationStatus.DELETED_BY_STAFF.value))
    return ends


def _holds(deleted_at: datetime | None, told: Told) -> bool:
    """Whether a deletion came after the relation began; in the same second it counts."""
    return deleted_at is not None and (told.start is None or deleted_at >= told.start)


def _is_undone(told: Told) -> bool:
    """Whether the platform lists the relation although a member had deleted it: the add was never told."""
    deleted_at, confirmed_at = told.deleted_by_staff_at, told.confirmed_at
    if deleted_at is None or confirmed_at is None:
        return False
    doubt = timedelta() if deleted_at == told.start else CLOCK_DOUBT
    return confirmed_at > deleted_at + doubt


def _is_disputed(told: Told) -> bool:
    deleted_at = told.deleted_by_staff_at
    if deleted_at is None or deleted_at != told.start:
        return False
    asked_at = latest(told.confirmed_at, told.denied_at)
    return asked_at is None or asked_at <= deleted_at


def _was_gone(told: Told, denied_at: datetime) -> bool:
    """Whether "there is no such relation" speaks of the one we know: not asked too early, nor outdated.

    A half relation is none yet for the platform, so its silence says nothing.
    """
    if told.added_at is None or (told.half_at is not None and told.half_at > told.added_at):
        return False
    if told.confirmed_at is not None and told.confirmed_at >= denied_at:
        return False
    return denied_at > told.added_at + CLOCK_DOUBT


def latest(*instants: datetime | None) -> datetime | None:
    """Return the latest of the instants that are given."""
    return max((one for one in instants if one is not None), default=None)
