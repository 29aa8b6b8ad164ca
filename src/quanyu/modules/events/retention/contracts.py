"""What crosses the boundary of retention. Days count from when an event was *heard*, in whole UTC days."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

DAYS_MAX = 36_500
Days = Annotated[StrictInt, Field(ge=1, le=DAYS_MAX)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Keep(_Frozen):
    """How many days events are kept; ``None``: for good. The archive keeps them as long as the warehouse."""

    warehouse_days: Days | None = None
    archive_days: Days | None = None

    @model_validator(mode="after")
    def _archive_keeps_longer(self) -> "Keep":
        if self.archive_days is not None and (
            self.warehouse_days is None or self.warehouse_days > self.archive_days
        ):
            raise ValueError("the archive keeps events at least as long as the warehouse does")
        return self


class SaveKeep(Keep):
    """A rule to hold from the next run on; with ``despite_uses`` also where somebody asks further back."""

    despite_uses: bool = False


class KeepRule(Keep):
    """The rule of one name, or of all others when ``name`` is ``None``."""

    name: str | None
    changed_by: str
    changed_at: datetime


class HeldEvents(_Frozen):
    """What the warehouse holds of one name. ``size_bytes`` is about its share of the disk."""

    name: str
    events: int
    size_bytes: int
    oldest_at: datetime  # When the oldest one was heard.
    is_kept_for_good: bool  # The platform reads it without a window: no rule applies.
    dropped: int  # Since the first rule.


class HeldArchive(_Frozen):
    """What the archive holds. ``retired`` of its events are places without content."""

    files: int
    events: int
    retired: int
    size_bytes: int
    oldest_day: date | None


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    WAITING = "waiting"  # Something it needs was not there; it goes on by itself.


class RunStep(StrEnum):
    """What a run does now."""

    WAREHOUSE = "warehouse"
    NOTING = "noting"
    ARCHIVE = "archive"


class RetentionRun(_Frozen):
    """The latest run: ``done`` of ``total`` months or files of its step, and what it dropped in all."""

    day: date
    state: RunState
    step: RunStep
    done: int
    total: int
    events: int
    archived: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class RetentionView(_Frozen):
    """Rules, what is held, and the latest run."""

    rules: tuple[KeepRule, ...]
    held: tuple[HeldEvents, ...]
    archive: HeldArchive
    log_days: int
    run: RetentionRun | None


class EventUse(_Frozen):
    """Who asks how far back for events of a name; ``days`` is ``None`` where all history is asked for."""

    event: str
    kind: str  # segment, metric, board, analysis, computed, journey
    id: str
    name: str
    days: int | None


class RetentionPreview(_Frozen):
    """What a rule would remove today, and who asks for it over a longer window.

    ``archive_events`` are those of the days the rule is about, of whatever name.
    """

    events: int
    size_bytes: int
    names: tuple[str, ...]
    archive_files: int
    archive_events: int
    uses: tuple[EventUse, ...]
