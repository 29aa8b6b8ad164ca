"""What crosses the boundary of rights requests."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PREFIX: Final = "rgt"
_Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"^[^\x00]*$")
]


class RightsKind(StrEnum):
    """What somebody asks for (PIPL articles 44 to 47)."""

    ACCESS = "access"
    EXPORT = "export"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RESTRICTION = "restriction"


class RightsState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"  # An erasure that waits for its hour.
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class StepName(StrEnum):
    """The steps of an erasure, in their order."""

    PERSON = "person"
    TABLES = "tables"
    ASIDE = "aside"
    LOG = "log"
    WAREHOUSE = "warehouse"
    ARCHIVE = "archive"


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenRightsRequest(_Frozen):
    """Enter what somebody asked for, and how they showed that they are who they say."""

    person: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    kind: RightsKind
    verified_how: _Line
    note: Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")] = ""


class CloseRightsRequest(_Frozen):
    """Say what became of a request, or why it is refused."""

    outcome: _Line


class RightsSettings(_Frozen):
    """``due_working_days`` from Monday to Friday.

    ``delay_hours``: how long an erasure waits that whoever entered it confirmed alone; one that somebody else
    confirms begins at once.
    """

    due_working_days: Annotated[int, Field(ge=1, le=60)] = 15
    delay_hours: Annotated[int, Field(ge=0, le=720)] = 24


class RightsStep(_Frozen):
    """A step of an erasure: how much of it is done, and how many rows, events or files that reached."""

    name: StepName
    state: StepState
    done: int
    of: int
    rows: int


class RightsRequestView(_Frozen):
    """A request. ``report``: what was done, by store, with counts; ``steps``: of an erasure that began.

    ``trouble``: why the last of ``attempts`` to erase came to no end, until somebody is at it again.
    """

    id: str
    person: str
    kind: RightsKind
    state: RightsState
    verified_how: str
    note: str
    outcome: str
    opened_by: str
    handled_by: str
    received_at: datetime
    due_on: date
    starts_at: datetime | None
    closed_at: datetime | None
    report: dict[str, Any]
    steps: tuple[RightsStep, ...]
    attempts: int
    trouble: str


class RightsRequests(_Frozen):
    """Requests, newest first. ``waiting`` and ``overdue`` count all that are not closed."""

    items: tuple[RightsRequestView, ...]
    next_cursor: str | None
    waiting: int
    overdue: int


class ErasurePreview(_Frozen):
    """What would go, what would be emptied, and what stays and why; rows by table, events in history."""

    erased: dict[str, int]
    redacted: dict[str, int]
    kept: dict[str, str]
    identifiers: int
    events: int
