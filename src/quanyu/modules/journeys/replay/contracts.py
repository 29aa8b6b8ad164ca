"""What crosses the boundary of replays."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.messaging.reasons import ReasonText

DAYS_MAX = 90


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JourneyReplayState(StrEnum):
    """How far a replay is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StartJourneyReplay(_Frozen):
    """Over how many days, up to now."""

    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = 30


class NodeReport(_Frozen):
    """What happened at a node: how many came, which ways they took, and who stood there at the end."""

    arrived: int
    ways: Mapping[str, int]
    standing: int


class RefusedCount(_Frozen):
    """How many messages would have been refused for one reason."""

    reason: str
    reason_text: ReasonText
    count: int


class SendReport(_Frozen):
    """Messages of a node: planned = sent + refused. ``held``: sent later, because of quiet hours."""

    planned: int
    sent: int
    held: int
    refused: tuple[RefusedCount, ...]


class DayReport(_Frozen):
    """A day of the brand's calendar."""

    day: str
    entered: int
    sent: int
    refused: int
    accounts: Mapping[str, int]  # Messages by account.


class Conflict(_Frozen):
    """Messages that really went out within a day of one that the draft would have sent to the same person."""

    journey_id: str | None  # ``None``: of no journey.
    messages: int
    people: int


class ReplayReport(_Frozen):
    """What would have happened. ``entries`` = completed + let out + on the way."""

    since: datetime
    until: datetime
    people: int
    entries: int
    outcomes: Mapping[str, int]
    goals: int
    nodes: Mapping[str, NodeReport]
    sends: Mapping[str, SendReport]
    days: tuple[DayReport, ...]
    hours: tuple[int, ...]  # Messages by hour of the brand's day.
    conflicts: tuple[Conflict, ...]
    questions: int  # Conditions that were answered as of then.
    tick_s: int  # Conditions are answered as of the beginning of such a time.
    computed_entries: bool  # Whether the segment's comings were computed day by day.
    seconds: float


class JourneyReplay(_Frozen):
    """A replay, and its report once it is done."""

    id: str
    journey_id: str
    days: int
    state: JourneyReplayState
    progress: float  # 0 to 1.
    step: str
    actor: str
    created_at: datetime
    finished_at: datetime | None
    error: str
    error_zh: str
    report: ReplayReport | None


class JourneyReplayList(_Frozen):
    """The latest replays of a journey, newest first."""

    items: tuple[JourneyReplay, ...]


class ReplayPerson(_Frozen):
    """Somebody behind a figure."""

    id: str
    name: str


class ReplayPeople(_Frozen):
    """Some of those behind a figure; ``kept`` says of how many the replay kept the names."""

    items: tuple[ReplayPerson, ...]
    kept: int
