"""Whom a code leads to: pure decisions from schedule, standings, counts and turns (CW-1 to CW-4, CW-11)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from quanyu.modules.staff.codes import rotation
from quanyu.modules.staff.codes.schedules import Schedule, Window, is_within, next_border, on_duty

USERS_MAX = 100  # Of one code; what the platform takes (41041).


class Distribution(StrEnum):
    """How a code chooses among several members."""

    WEIGHTED = "weighted"  # We point it at one member after the other, by weight.
    SEQUENTIAL = "sequential"  # The first with room, then the next.
    SHARED = "shared"  # All at once: the platform chooses.


class Acceptance(StrEnum):
    """Whether who scans becomes a customer at once."""

    ALWAYS = "always"
    NEVER = "never"  # The member accepts each one.
    WINDOWS = "windows"  # At once within the code's windows.


class Obstacle(StrEnum):
    """Why a member does not serve a code now."""

    OFF_DUTY = "off_duty"
    GONE = "gone"  # Left, disabled, or not activated.
    NO_PERMISSION = "no_permission"  # May not have customers.
    OFFLINE = "offline"
    DAILY_CAP = "daily_cap"
    HELD_CAP = "held_cap"


class Tier(StrEnum):
    """Whom a code leads to."""

    STAFF = "staff"
    BACKUP = "backup"
    KEEPER = "keeper"  # The platform's own picture alone; our page shows the fallback.
    NOBODY = "nobody"  # The platform's own picture is withdrawn; our page shows the fallback.


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a code; a cap of ``None`` is none."""

    userid: str
    weight: int = 1
    daily_cap: int | None = None  # Distinct new customers in a day of the brand.
    held_cap: int | None = None  # Customers the member has.


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the brand wants of a code. Members are in the order ties and sequences follow."""

    members: tuple[Member, ...]
    schedule: Schedule
    distribution: Distribution = Distribution.WEIGHTED
    backup: tuple[Member, ...] = ()
    hard_cap: bool = False  # Caps count for backup members too.
    keeper: str = ""
    acceptance: Acceptance = Acceptance.ALWAYS
    accept_windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a member stands now, for one code."""

    is_active: bool = True
    can_serve: bool = True
    is_online: bool = True
    added_today: int = 0  # By this code.
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a code leads now."""

    tier: Tier
    eligible: tuple[str, ...]  # Who may serve, in order.
    users: tuple[str, ...]  # Who stands in the platform's code.
    skip_verify: bool
    obstacles: Mapping[str, Obstacle] = field(default_factory=dict)  # Of members and backup members.
    next_border: datetime

    @property
    def fingerprint(self) -> str:
        """What the platform would have to be told; equal means there is nothing to tell (CW-4)."""
        return fingerprint(self.users, skip_verify=self.skip_verify)


def fingerprint(users: Sequence[str], *, skip_verify: bool) -> str:
    """Return a short hash of what a code of the platform says; the order of members does not count."""
    text = json.dumps([sorted(users), skip_verify])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def route(
    plan: Plan,
    standings: Mapping[str, Standing],
    zone: ZoneInfo,
    at: datetime,
    *,
    credits: Mapping[str, int] | None = None,
) -> Route:
    """Decide where a code leads at ``at``. Who has no standing is gone."""
    duty = on_duty(plan.schedule, zone, at)
    obstacles: dict[str, Obstacle] = {}
    staff = _without_obstacles(plan.members, standings, obstacles, duty=duty)
    backup = _without_obstacles(plan.backup, standings, obstacles, caps=plan.hard_cap)
    tier, eligible = _tier(plan, standings, staff, backup)
    return Route(
        tier=tier,
        eligible=tuple(member.userid for member in eligible),
        users=_users(plan, tier, eligible, credits or {}),
        skip_verify=tier in (Tier.STAFF, Tier.BACKUP) and _accepts(plan, zone, at),
        obstacles=obstacles,
        next_border=next_border(plan.schedule, zone, at, windows=plan.accept_windows),
    )


def weights_of(plan: Plan, eligible: Sequence[str]) -> dict[str, int]:
    """Return the weights of those who may serve, in their order."""
    weights = {member.userid: member.weight for member in (*plan.backup, *plan.members)}
    return {userid: weights[userid] for userid in eligible if userid in weights}


def _tier(
    plan: Plan, standings: Mapping[str, Standing], staff: Sequence[Member], backup: Sequence[Member]
) -> tuple[Tier, Sequence[Member]]:
    if staff:
        return Tier.STAFF, staff
    if backup:
        return Tier.BACKUP, backup
    keeper = Member(userid=plan.keeper)
    if plan.keeper and _obstacle(keeper, standings.get(plan.keeper), caps=False) in (None, Obstacle.OFFLINE):
        return Tier.KEEPER, (keeper,)
    return Tier.NOBODY, ()


def _users(plan: Plan, tier: Tier, eligible: Sequence[Member], credits: Mapping[str, int]) -> tuple[str, ...]:
    userids = tuple(member.userid for member in eligible)[:USERS_MAX]
    if len(userids) <= 1 or plan.distribution is Distribution.SHARED:
        return userids
    if plan.distribution is Distribution.SEQUENTIAL:
        return userids[:1]
    return (rotation.choose(credits, {member.userid: member.weight for member in eligible}),)


def _accepts(plan: Plan, zone: ZoneInfo, at: datetime) -> bool:
    match plan.acceptance:
        case Acceptance.ALWAYS:
            return True
        case Acceptance.NEVER:
            return False
        case Acceptance.WINDOWS:
            return is_within(plan.accept_windows, zone, at)


def _without_obstacles(
    members: Sequence[Member],
    standings: Mapping[str, Standing],
    obstacles: dict[str, Obstacle],
    *,
    duty: frozenset[str] | None = None,
    caps: bool = True,
) -> list[Member]:
    free = []
    for member in members:
        found = _obstacle(member, standings.get(member.userid), caps=caps)
        if found is None and duty is not None and member.userid not in duty:
            found = Obstacle.OFF_DUTY
        if found is None:
            free.append(member)
            obstacles.pop(member.userid, None)
        else:
            obstacles[member.userid] = found
    return free


def _obstacle(member: Member, standing: Standing | None, *, caps: bool) -> Obstacle | None:
    if standing is None or not standing.is_active:
        return Obstacle.GONE
    if not standing.can_serve:
        return Obstacle.NO_PERMISSION
    if not standing.is_online:
        return Obstacle.OFFLINE
    if caps and member.daily_cap is not None and standing.added_today >= member.daily_cap:
        return Obstacle.DAILY_CAP
    if caps and member.held_cap is not None and standing.held >= member.held_cap:
        return Obstacle.HELD_CAP
    return None
