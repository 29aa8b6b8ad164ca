"""What crosses the boundary of imports; the HTTP API shows these as they are."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from quanyu.flows.imports.mapping import ImportKind
from quanyu.modules.events.plan.contracts import Problem


class ImportStatus(StrEnum):
    """Where an import stands. Only *queued* and *running* ones can still change."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"  # Nothing was written, unless ``events_written`` says otherwise.
    CANCELLED = "cancelled"


class ImportPhase(StrEnum):
    """What a running import is doing; events are written only in the last phase."""

    WAITING = "waiting"
    READING = "reading"
    MAPPING = "mapping"
    SORTING = "sorting"
    COMPARING = "comparing"  # A dry run: with the people known today.
    WRITING = "writing"
    DONE = "done"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class StartImport(BaseModel):
    """Import a file that lies on the server's machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ImportKind
    path: str  # Absolute.
    map_path: str | None = None
    map: str | None = None  # The map's text, instead of its path.
    dry_run: bool = False

    @model_validator(mode="after")
    def _one_map(self) -> Self:
        if (self.map is None) == (self.map_path is None):
            raise ValueError("give either map_path or map")
        return self


class ImportFailure(_Frozen):
    """Why an import failed."""

    code: str
    message: str
    message_zh: str


class AttributeOutcome(_Frozen):
    """What would become of one attribute, in rows about people known today, by its conflict policy."""

    added: int = 0  # They have none yet.
    changed: int = 0  # The file's value would count.
    same: int = 0
    kept: int = 0  # A conflict the file would lose: what stands today goes on counting.


class ImportFindings(_Frozen):
    """What a dry run found out about people; rows that state tags or consent count once."""

    rows_compared: int
    is_whole: bool  # False where the file has more rows than are compared.
    people_new: int
    people_known: int
    rows_known: int  # About one person known today.
    rows_joining: int  # About several people of today: joined, if no limit holds them apart.
    attributes: dict[str, AttributeOutcome]


class ImportView(_Frozen):
    """One import."""

    id: str
    kind: ImportKind
    file: str
    name: str  # Of the file, without its folder.
    actor: str  # Who started it at the console; empty: the command line.
    map_name: str
    dry_run: bool
    status: ImportStatus
    phase: ImportPhase
    share: float  # Of the phase, from 0 to 1.
    rows_total: int | None
    rows_read: int
    rows_rejected: int
    rows_skipped: int  # By the map's own wish.
    rows_repeated: int  # Stated the same as another row of the file.
    reject_reasons: dict[str, int]
    events_total: int | None
    events_by_name: dict[str, int]
    events_of_nobody: int
    events_written: int
    events_duplicate: int  # Were there already, the same.
    events_differing: int  # Were there already with other content; the first content stays.
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queryable_at: datetime | None  # From then on every query finds every event.
    took_s: float | None  # Real seconds from the start to the end or to now, however fast the clock runs.
    queryable_after_s: float | None  # Real seconds from the start.
    rejects_path: str | None  # On the server; at the console ``GET …/rejects`` downloads it.
    has_rejects: bool
    error: ImportFailure | None
    findings: ImportFindings | None  # Of a dry run of people or events.


class ImportPlanIssue(_Frozen):
    """One kind of thing in a file that is not as the tracking plan has it.

    ``warned`` ones were imported; rows with ``rejected`` ones were not. ``sample`` is the latest value, empty
    where it could name somebody.
    """

    outcome: str
    name: str
    problem: Problem
    key: str
    count: int
    sample: str


class ImportDetail(ImportView):
    """One import with examples from the file; they are kept beside the data, not in the database."""

    first_rejects: tuple[dict[str, Any], ...] = ()
    sample_events: tuple[dict[str, Any], ...] = ()
    plan_issues: tuple[ImportPlanIssue, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None


class ImportPage(_Frozen):
    """Some imports, newest first."""

    items: tuple[ImportView, ...]
    next_cursor: str | None
