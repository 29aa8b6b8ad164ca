"""Pure decisions about broadcasts: where they may go, when they are due, who is in which wave."""

import bisect
import hashlib
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.plays.broadcasts.contracts import (
    At,
    BroadcastStatus,
    Now,
    Recurring,
    Timing,
    Waves,
)

_S = BroadcastStatus
# Every legal move. Who is not named as a source of a target stays where it is.
MOVES: Final[dict[BroadcastStatus, frozenset[BroadcastStatus]]] = {
    _S.DRAFT: frozenset({_S.SCHEDULED}),
    _S.SCHEDULED: frozenset({_S.DRAFT, _S.SENDING}),  # Back to the table; the next round of a recurring one.
    _S.SNAPSHOTTING: frozenset({_S.SCHEDULED, _S.PAUSED}),
    _S.SENDING: frozenset({_S.SNAPSHOTTING, _S.PAUSED}),
    _S.PAUSED: frozenset({_S.SNAPSHOTTING, _S.SENDING}),
    _S.CANCELLING: frozenset({_S.SCHEDULED, _S.SNAPSHOTTING, _S.SENDING, _S.PAUSED}),
    _S.CANCELLED: frozenset({_S.CANCELLING}),
    _S.DONE: frozenset({_S.SENDING}),
}
_DAY: Final = timedelta(days=1)
_DAYS_AHEAD: Final = 8


def sources_of(target: BroadcastStatus) -> frozenset[BroadcastStatus]:
    """Return where a broadcast may come from to be in ``target``."""
    return MOVES[target]


def first_at(schedule: Now | At | Recurring, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a broadcast is due that is scheduled now; ``None``: never."""
    match schedule:
        case Now():
            return now
        case At(at=at):
            return max(at, now)
        case Recurring():
            return _next(schedule, zone, now)


def next_at(schedule: Now | At | Recurring, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a broadcast is due again after a run; ``None``: it was the last."""
    return _next(schedule, zone, now) if isinstance(schedule, Recurring) else None


def _next(schedule: Recurring, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next local time after ``now``; where a clock change skips it, the instant after."""
    today = now.astimezone(zone).date()
    for days in range(_DAYS_AHEAD):
        day = today + timedelta(days=days)
        if schedule.until is not None and day > schedule.until:
            return None
        if day.isoweekday() in schedule.weekdays and (at := _local(day, schedule, zone)) > now:
            return at
    return None


def _local(day: date, schedule: Recurring, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, schedule.at, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def timing_of(seed: str, person: int, random_bps: int) -> Timing:
    """Draw who gets a random hour instead of their best; the same each time."""
    return Timing.RANDOM if _draw(f"timing:{seed}", person) < random_bps else Timing.BEST


def hour_of(seed: str, person: int) -> int:
    """Draw the hour of who gets a random one."""
    return _draw(f"hour:{seed}", person) % 24


def at_hour(start: datetime, zone: ZoneInfo, hour: int, seed: str, person: int) -> datetime:
    """Return the first local ``hour`` from ``start`` on, within a day, spread over that hour."""
    local = start.astimezone(zone)
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    spread = timedelta(seconds=_draw(f"spread:{seed}", person) * 3_600 // 10_000)
    if at + timedelta(hours=1) <= local:
        at += _DAY
    return max(start, (at + spread).astimezone(ZoneInfo("UTC")))


def wave_of(seed: str, person: int, waves: Waves | None) -> int:
    """Draw the wave of somebody: 0 goes first."""
    return 0 if waves is None or _draw(f"wave:{seed}", person) < waves.first_bps else 1


def may_go_on(waves: Waves, *, tried: int, failed: int, unsubscribed: int) -> bool:
    """Tell whether the first wave did too little harm to stop."""
    return (
        failed * 10_000 <= waves.failed_max_bps * tried
        and unsubscribed * 10_000 <= waves.unsubscribed_max_bps * tried
    )


def _draw(seed: str, person: int) -> int:
    digest = hashlib.blake2b(f"{seed}:{person}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 10_000


def chunk_after(members: list[int], cursor: int, size: int) -> list[int]:
    """Return the next people of an ascending list behind a cursor."""
    start = bisect.bisect_right(members, cursor)
    return members[start : start + size]
