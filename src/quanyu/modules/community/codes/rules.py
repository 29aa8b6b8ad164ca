"""Where a group code leads, as a pure decision (GC-1 … GC-4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from quanyu.modules.community.codes.contracts import Where

WARN_BEFORE: Final = timedelta(hours=24)  # GC-3
WAY_GROUPS_MAX: Final = 5  # Of one join way of the platform.


class Outcome(StrEnum):
    """What a visitor is shown."""

    ALREADY = "already"  # They are in a group of this code.
    WAY = "way"
    IMAGE = "image"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Room:
    """A group a way leads to."""

    group_id: int
    members: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One target, as it stands."""

    target_id: int
    where: Where
    is_ready: bool = True
    rooms: tuple[Room, ...] = ()  # Of a way.
    auto_create: bool = False
    is_image: bool = False
    shown: int = 0  # Of a picture: distinct visitors led there.
    user_limit: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, as far as is known."""

    store: str = ""
    language: str = ""
    source: str = ""
    segments: frozenset[str] = frozenset()
    group_ids: frozenset[int] = frozenset()  # Groups this person is in, by whichever identity (GC-4).
    shown_before: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How full groups may get."""

    capacity: int
    margin: int

    @property
    def full_at(self) -> int:
        """The size from which nobody is led into a group: some are on their way (GC-2)."""
        return self.capacity - self.margin


@dataclass(frozen=True, slots=True)
class Route:
    """Where to."""

    outcome: Outcome
    target_id: int | None = None
    group_id: int | None = field(default=None)


def route(
    visitor: Visitor, options: Sequence[Option], limits: Limits, *, now: datetime, is_open: bool = True
) -> Route:
    """Decide what a visitor is shown; there is always something (GC-1).

    Being in a group of the code comes first; then what they saw before, while it has room; then the
    targets that fit them, the most particular first; then those that open new groups; then the standby.
    """
    known = [room.group_id for one in options for room in one.rooms if room.is_active]
    already = next((group_id for group_id in known if group_id in visitor.group_ids), None)
    if already is not None:
        return Route(Outcome.ALREADY, group_id=already)
    fitting = [one for one in options if is_open and one.is_ready and fits(one.where, visitor)]
    fitting.sort(key=lambda one: (one.target_id != visitor.shown_before, -one.where.conditions))
    for one in fitting:
        if has_room(one, limits, visitor=visitor, now=now):
            return _to(one, limits)
    for one in fitting:
        if one.auto_create and any(room.is_active for room in one.rooms):
            return _to(one, limits)
    return Route(Outcome.STANDBY)


def fits(where: Where, visitor: Visitor) -> bool:
    """Whether a target is for this visitor."""
    return (
        (not where.stores or visitor.store in where.stores)
        and (not where.sources or visitor.source in where.sources)
        and (not where.segments or not visitor.segments.isdisjoint(where.segments))
        and (not where.languages or _speaks(visitor.language, where.languages))
    )


def _speaks(language: str, wanted: Iterable[str]) -> bool:
    base = language.lower().partition("-")[0]
    return any(word.lower() in (language.lower(), base) for word in wanted)


def has_room(option: Option, limits: Limits, *, now: datetime, visitor: Visitor | None = None) -> bool:
    """Whether one more fits in; who was counted for a picture already still does."""
    if not option.is_image:
        return any(room.is_active and room.members < limits.full_at for room in option.rooms)
    if option.expires_at is not None and option.expires_at <= now:
        return False
    was_shown = visitor is not None and visitor.shown_before == option.target_id
    return was_shown or option.shown < option.user_limit


def free_places(option: Option, limits: Limits, *, now: datetime) -> int:
    """Return how many more fit in."""
    if option.is_image:
        is_over = option.expires_at is not None and option.expires_at <= now
        return 0 if is_over else max(0, option.user_limit - option.shown)
    return sum(max(0, limits.full_at - room.members) for room in option.rooms if room.is_active)


def _to(option: Option, limits: Limits) -> Route:
    if option.is_image:
        return Route(Outcome.IMAGE, option.target_id)
    leading = lead(option.rooms, limits)
    return Route(Outcome.WAY, option.target_id, leading[0] if leading else None)


def lead(rooms: Sequence[Room], limits: Limits) -> tuple[int, ...]:
    """Return the groups a join way is to lead to: up to five with room, in order.

    When none has room the last one stays: the platform opens the next after it. A group that is no more is
    left out (GC-6).
    """
    active = [room for room in rooms if room.is_active]
    with_room = [room.group_id for room in active if room.members < limits.full_at]
    return tuple(with_room[:WAY_GROUPS_MAX]) or tuple(room.group_id for room in active[-1:])


def is_expiring(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a picture ends within a day (GC-3)."""
    return expires_at is not None and now < expires_at <= now + WARN_BEFORE
