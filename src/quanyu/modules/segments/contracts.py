"""What crosses the boundary of segments: the tree, commands, views."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.segments.matching import EventLike, matches
from quanyu.modules.segments.schedules import Live, Schedule
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    Attribute,
    Condition,
    Event,
    Not,
    Recency,
    definition_schema,
    dump_definition,
    parse_definition,
)

__all__ = [
    "Aggregate",
    "All",
    "Any_",
    "Attribute",
    "Catalogue",
    "CatalogueAttribute",
    "CatalogueEvent",
    "CatalogueProperty",
    "Condition",
    "Event",
    "EventLike",
    "Filter",
    "MemberRow",
    "MembersPage",
    "Not",
    "Preview",
    "PreviewSegment",
    "Recency",
    "Refreshed",
    "SaveSegment",
    "SegmentKind",
    "SegmentList",
    "SegmentStatus",
    "SegmentView",
    "definition_schema",
    "dump_definition",
    "matches",
    "parse_definition",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Command(_Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SaveSegment(_Command):
    """Create or replace a segment. The definition is checked by ``parse_definition``."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
    description: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    definition: dict[str, Any]
    schedule: Schedule | None = None  # Kept as it is if left out; a new segment is live.


class PreviewSegment(_Command):
    """Ask how many people a definition selects, and see some of them; nothing is saved."""

    definition: dict[str, Any]
    as_of: AwareDatetime | None = None  # Default: now.


class SegmentStatus(StrEnum):
    """``building``: the members are not yet those of the definition shown."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"  # The last evaluation failed; the members are those of ``as_of``.


class SegmentKind(StrEnum):
    """``rule``: whoever the conditions select. ``list``: whoever was uploaded or held fast."""

    RULE = "rule"
    LIST = "list"


class SegmentView(_Frozen):
    """A segment. ``count`` members as of ``as_of``, which is when they were last evaluated."""

    id: str
    name: str
    description: str
    kind: SegmentKind = SegmentKind.RULE
    definition: dict[str, Any]
    status: SegmentStatus
    count: int
    as_of: datetime | None
    schedule: Schedule = Live()
    next_at: datetime | None = None  # When the next evaluation is planned, where a clock says.
    lag_s: float | None = None  # How old the members are.
    took_ms: int | None
    error: str | None
    created_at: datetime
    updated_at: datetime


class Standing(_Frozen):
    """Where a segment stands. ``generation`` rises with every commit that changes its members."""

    owner: str
    name: str
    generation: int
    view: SegmentView


class SegmentList(_Frozen):
    """All segments of the brand, newest first."""

    items: tuple[SegmentView, ...]
    next_cursor: str | None = None


class Preview(_Frozen):
    """What a definition selects at one instant."""

    count: int
    as_of: datetime
    took_ms: int
    sample: tuple[PersonRow, ...]


class MemberRow(PersonRow):
    """A member: since when, and when the membership was last confirmed."""

    since: datetime
    as_of: datetime


class MembersPage(_Frozen):
    """One page of members, by person id."""

    items: tuple[MemberRow, ...]
    next_cursor: str | None
    total: int


class Refreshed(_Frozen):
    """What one evaluation changed."""

    count: int
    entered: int
    left: int
    as_of: datetime
    took_ms: int


class CatalogueProperty(_Frozen):
    """A property seen on events of one name; ``type`` is text, number, boolean, list or mixed."""

    key: str
    type: str


class CatalogueEvent(_Frozen):
    """An event name in history."""

    name: str
    count: int
    last_seen_at: datetime
    properties: tuple[CatalogueProperty, ...]


class CatalogueAttribute(_Frozen):
    """An attribute people have, with frequent values; ``name`` where somebody gave it one."""

    key: str
    name: str | None = None
    type: str
    examples: tuple[str, ...]


class Catalogue(_Frozen):
    """What conditions can be built from, as observed in history."""

    attributes: tuple[CatalogueAttribute, ...]
    events: tuple[CatalogueEvent, ...]
