"""What crosses the boundary of source health."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class SourceState(StrEnum):
    """How a source does; ``rules.py`` says when."""

    WAITING = "waiting"  # There is a write key, and nothing was ever heard.
    HEALTHY = "healthy"
    SILENT = "silent"
    FAILING = "failing"


class SourceReason(StrEnum):
    """Why, and what to look at; several may hold at once."""

    NEVER_HEARD = "never_heard"
    QUIET = "quiet"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    DIFFERS = "differs"
    CLOCK = "clock"
    LATE = "late"


class HourVolume(_Frozen):
    """Events accepted in one hour, by when they were heard."""

    hour: datetime
    events: int


class SourceHealth(_Frozen):
    """One source. Counts are of the last 24 hours; all but ``accepted`` are known of the tracking API alone.

    ``duplicates`` were had already, ``differs`` came again with other content, ``late`` happened more than
    a day before, ``skewed`` came from a clock more than five seconds off, by ``skew_max_s`` at the most.
    """

    source: str
    has_key: bool
    state: SourceState
    reasons: tuple[SourceReason, ...]
    accepted: int
    duplicates: int
    differs: int
    rejected: int
    quarantined: int
    late: int
    skewed: int
    skew_max_s: int
    first_heard_at: datetime | None
    last_heard_at: datetime | None
    last_event: str
    hours: tuple[HourVolume, ...]


class StageLag(_Frozen):
    """How far one stage of the pipeline is behind: events, and real seconds since the oldest of them came."""

    stage: str  # "resolve", "store", or "react:" and the subscriber.
    events: int
    seconds: float


class SourcesView(_Frozen):
    """Every source, those to look at first, and the pipeline behind them."""

    as_of: datetime
    sources: tuple[SourceHealth, ...]
    stages: tuple[StageLag, ...]


class SourceTally(_Frozen):
    """What a source brought within a time; all but ``accepted`` is known of the tracking API alone."""

    accepted: int = 0
    duplicates: int = 0
    differs: int = 0
    rejected: int = 0
    quarantined: int = 0
    late: int = 0
    off_plan: int = 0  # Events let through although they were not as planned.
