"""What crosses the boundary of the wizard; the HTTP API shows these as they are."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.flows.imports.mapping import CellType, FileKind, ImportKind

FILE_PREFIX: Final = "imf"
MAPPING_PREFIX: Final = "imm"
COLUMNS_MAX: Final = 300

PlanKind = Literal[ImportKind.PEOPLE, ImportKind.EVENTS]
_Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_Column = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
MappingName = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]


class ColumnRole(StrEnum):
    """What a column of the file is for. ``target`` of its use says more."""

    SKIP = "skip"
    IDENTIFIER = "identifier"  # Target: the kind of identifier; ``scope`` its appid or corp id.
    ATTRIBUTE = "attribute"  # Target: the key. People only.
    TAGS = "tags"  # Target: the name of the tag group. People only.
    CONSENT = "consent"  # Target: the purpose; ``scope`` the channel, all of them where empty. People only.
    TIME = "time"  # Several are joined by a blank: a date and a time of day.
    EVENT_NAME = "event_name"  # Events only.
    MESSAGE_ID = "message_id"  # Events only: the row's own permanent id.
    PROPERTY = "property"  # Target: the key. Events only.
    CONTEXT = "context"  # Target: which part. Events only.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnUse(_Frozen):
    """What one column becomes."""

    column: _Column
    role: ColumnRole = ColumnRole.SKIP
    target: _Text = ""
    scope: _Text = ""
    type: CellType = CellType.TEXT


class FileChoice(_Frozen):
    """How the bytes are to be read; what is left out is found."""

    encoding: _Text = ""
    delimiter: Annotated[str, StringConstraints(max_length=10)] = ""
    sheet: _Text = ""
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0


class ImportPlan(_Frozen):
    """Everything an operator chose for one file; also what a saved mapping keeps."""

    kind: PlanKind = ImportKind.PEOPLE
    # Part of every event's permanent key; attributes show it as import:<source>.
    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    time_zone: _Text = "Asia/Shanghai"
    columns: Annotated[tuple[ColumnUse, ...], Field(min_length=1, max_length=COLUMNS_MAX)]
    file: FileChoice = FileChoice()
    at: AwareDatetime | None = None  # Where no column tells the time: since when the rows hold.
    formats: Annotated[tuple[_Text, ...], Field(max_length=20)] = ()
    nulls: Annotated[tuple[_Text, ...], Field(max_length=20)] = ()
    event_name: _Text = ""  # Where no column tells it.
    thousands: Annotated[str, StringConstraints(max_length=1)] = ""
    rejects_max_share: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _each_column_once(self) -> Self:
        names = [one.column for one in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("each column once")
        return self

    def uses(self, role: ColumnRole) -> tuple[ColumnUse, ...]:
        """Return the columns of one role, in the order of the file."""
        return tuple(one for one in self.columns if one.role is role)


class ImportColumnView(_Frozen):
    """A column of the file, with what we would make of it."""

    name: str
    samples: tuple[str, ...]  # A few different ones.
    filled: float  # Share of the rows looked at that have something there, from 0 to 1.
    is_repeated: bool  # The header holds the name more than once; such a column cannot be used.
    proposal: ColumnUse
    reason: Literal["header", "values", "none"]  # What the proposal rests on.


class UploadedFileView(_Frozen):
    """An uploaded file."""

    id: str
    name: str
    size: int  # Bytes, as uploaded.
    created_by: str
    created_at: datetime


class FileExamined(_Frozen):
    """An uploaded file, as its first rows read."""

    file: UploadedFileView
    format: FileKind
    choice: FileChoice  # As found, or as asked for.
    sheets: tuple[str, ...]
    columns: tuple[ImportColumnView, ...]
    rows_seen: int
    is_rejects: bool  # One of our lists of refused rows: our own columns were left out.
    proposal: ImportPlan
    mapping: str | None  # A saved mapping that fits these columns.


class ImportPreviewRow(_Frozen):
    """One of the first rows, as it would become. ``problem`` says why it would be refused instead."""

    row: int
    is_skipped: bool
    identifiers: tuple[tuple[str, str], ...]  # (kind, value)
    attributes: dict[str, Any]
    tags: dict[str, tuple[str, ...]]  # By group.
    consents: dict[str, bool]  # By purpose.
    event: str
    properties: dict[str, Any]
    occurred_at: datetime | None
    problem: str = ""
    problem_zh: str = ""


class ImportPreview(_Frozen):
    """The first rows by a plan."""

    rows: tuple[ImportPreviewRow, ...]


class StartFileImport(_Frozen):
    """Try a plan on the whole file, or run it."""

    plan: ImportPlan
    dry_run: bool = True


class SaveImportMapping(_Frozen):
    """Keep a plan under a name, for files of the same columns; one of that name is replaced."""

    name: MappingName
    plan: ImportPlan


class ImportMappingView(_Frozen):
    """A saved mapping."""

    id: str
    name: str
    kind: ImportKind
    plan: ImportPlan
    actor: str
    updated_at: datetime


class ImportMappingList(_Frozen):
    """Every saved mapping, by name."""

    items: tuple[ImportMappingView, ...]
