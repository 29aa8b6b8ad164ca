"""What crosses the boundary of exports."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.people.bulk.contracts import MeantPeople
from quanyu.modules.people.listing.contracts import COLUMNS_MAX, Column

EXPORT_PREFIX: Final = "pexp"
KEEP_DAYS: Final = 7

_Reason = Annotated[
    str,
    StringConstraints(
        min_length=2, max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f]+$"
    ),
]


class ExportFormat(StrEnum):
    """What the file is."""

    CSV = "csv"
    XLSX = "xlsx"


class StartExport(BaseModel):
    """Write people into a file in the background. Who is meant is settled now.

    ``columns`` in the order they are to have. ``unmasked``: identifiers in clear, which needs a permission
    of its own. The file is deleted after ``keep_days``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    audience: MeantPeople
    columns: Annotated[tuple[Column, ...], Field(max_length=COLUMNS_MAX)] = ()
    format: ExportFormat = ExportFormat.CSV
    reason: _Reason
    unmasked: bool = False
    keep_days: Annotated[int, Field(ge=1, le=30)] = KEEP_DAYS


class ExportState(StrEnum):
    """Where an export stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class Removed(StrEnum):
    """Why the file of an export is gone."""

    EXPIRED = "expired"
    ERASED = "erased"  # It held somebody who was erased since.
    BY_HAND = "by_hand"


class ExportFetch(BaseModel):
    """Who took the file, and when."""

    model_config = ConfigDict(frozen=True)

    actor: str
    fetched_at: datetime


class ExportView(BaseModel):
    """An export. ``rows``: people written; ``fetches``: who took the file, the latest first."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: ExportState
    format: ExportFormat
    columns: tuple[str, ...]
    unmasked: bool
    reason: str
    actor: str
    people: int
    done: int
    rows: int
    removed: Removed | None
    removed_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    can_fetch: bool
    fetches: tuple[ExportFetch, ...]


class ExportRegister(BaseModel):
    """The latest exports, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[ExportView, ...]
