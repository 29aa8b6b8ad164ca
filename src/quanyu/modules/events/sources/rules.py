"""How a source does, judged from its hours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from quanyu.modules.events.sources.contracts import SourceReason, SourceState

LATE_AFTER: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
# A source that sends in so many hours of a week has a rhythm that can be broken.
REGULAR_HOURS: Final = 12
SILENT_AT_LEAST: Final = timedelta(hours=3)
SILENT_TIMES: Final = 2  # The longest pause of its week, so often, is no pause any more.
FEW: Final = 5  # Fewer than this may be somebody trying things out.
FAILING_SHARE: Final = 0.05
DIFFERS_SHARE: Final = 0.01
HINT_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard of a source in the last 24 hours, and the hours of its last week that had events."""

    accepted: int
    rejected: int = 0
    quarantined: int = 0
    differs: int = 0
    late: int = 0
    skewed: int = 0
    last_at: datetime | None = None
    active_hours: Sequence[datetime] = ()  # Ascending; the last week alone.


def judge(heard: Heard, now: datetime) -> tuple[SourceState, tuple[SourceReason, ...]]:
    """Return how a source does and why. Failing comes before silent: it says what to mend."""
    if heard.last_at is None and not heard.rejected:
        return SourceState.WAITING, (SourceReason.NEVER_HEARD,)
    failing = tuple(_failures(heard))
    hints = tuple(_hints(heard))
    if failing:
        return SourceState.FAILING, (*failing, *hints)
    if heard.last_at is not None and _is_silent(heard.last_at, heard.active_hours, now):
        return SourceState.SILENT, (SourceReason.QUIET, *hints)
    return SourceState.HEALTHY, hints


def _failures(heard: Heard) -> Sequence[SourceReason]:
    offered = heard.accepted + heard.rejected + heard.quarantined
    return [
        reason
        for reason, count, share in (
            (SourceReason.REJECTED, heard.rejected, FAILING_SHARE),
            (SourceReason.QUARANTINED, heard.quarantined, FAILING_SHARE),
            (SourceReason.DIFFERS, heard.differs, DIFFERS_SHARE),
        )
        if count >= FEW and count >= share * offered
    ]


def _hints(heard: Heard) -> Sequence[SourceReason]:
    """What is set right by itself and yet worth knowing."""
    return [
        reason
        for reason, count in ((SourceReason.CLOCK, heard.skewed), (SourceReason.LATE, heard.late))
        if count >= FEW and count >= HINT_SHARE * heard.accepted
    ]


def _is_silent(last_at: datetime, active_hours: Sequence[datetime], now: datetime) -> bool:
    quiet = now - last_at
    if quiet > WEEK:
        return True
    if len(active_hours) < REGULAR_HOURS:
        return False
    pauses = [later - earlier for earlier, later in pairwise(active_hours)]
    return quiet > max(SILENT_AT_LEAST, SILENT_TIMES * max(pauses))
