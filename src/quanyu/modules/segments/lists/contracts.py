"""What crosses the boundary of lists."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.modules.segments.contracts import SegmentView

BYTES_MAX: Final = 32 << 20  # Of one uploaded file.
LINES_MAX: Final = 500_000
ENTRIES_MAX: Final = 1_000_000  # Of one list.
REJECTS_KEPT_DAYS: Final = 30
ANY: Final = "any"


class ListMode(StrEnum):
    """What a new version does with the people before it."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"  # Its people are no longer on the list.


class ListOrigin(StrEnum):
    """Where the people of a version are from."""

    UPLOAD = "upload"
    SNAPSHOT = "snapshot"  # Whoever a definition selected at ``as_of``.
    FIGURE = "figure"  # The people behind a figure of an analysis.
    LOOKALIKE = "lookalike"
    JOB = "job"  # Chosen on the list of people and put on it, or taken from it.


class VersionState(StrEnum):
    """``refused``: it would have emptied the list, which stays as it was.

    ``proposed``: its people are not on the list until somebody accepts them; ``dropped``: nobody did.
    """

    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    PROPOSED = "proposed"
    DROPPED = "dropped"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


class ReadFile(_Frozen):
    """How a file is to be read: which identifiers it holds, in which column, of which account."""

    identifier: str = ANY  # A kind of identifier, ``person`` (our ids), or ``any``.
    column: str = ""  # Its name in the first row; by default what the identifier is usually called.
    scope: str | None = None  # The account of openids, the corporation of customers; by default any.
    file_name: str = ""


class SaveSnapshot(BaseModel):
    """Hold fast whoever a definition selects, now or at an instant: a segment, or sets of segments."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Name
    description: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    definition: dict[str, Any]
    as_of: AwareDatetime | None = None


class ListVersion(_Frozen):
    """One upload or snapshot. ``rejected`` counts rows by why they named nobody in particular."""

    version: int
    mode: ListMode
    origin: ListOrigin
    state: VersionState
    detail: dict[str, Any]
    lines: int
    matched: int  # Different people named.
    repeated: int  # Rows that named somebody an earlier row had named.
    rejected: dict[str, int]
    has_rejects: bool  # Whether they can still be downloaded.
    entries: int  # Of the list after it.
    as_of: datetime
    made_by: str
    made_at: datetime


class ListView(_Frozen):
    """A list: its segment, and its versions, the newest first."""

    segment: SegmentView
    entries: int
    is_lookalike: bool  # Filled by a search for people like others.
    versions: tuple[ListVersion, ...]
