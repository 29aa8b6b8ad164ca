"""What crosses the boundary of versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class JourneyVersion(_Frozen):
    """One published graph. ``active``: people on the way in it now."""

    version: int
    published_at: datetime
    published_by: str  # Empty for what was published before names were kept.
    nodes: int
    active: int
    is_current: bool  # Whether people enter it.


class JourneyVersions(_Frozen):
    """All versions, the newest first."""

    items: tuple[JourneyVersion, ...]


class ChangeKind(StrEnum):
    """What became of a node."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class FieldChange(_Frozen):
    """One value that differs: where it is, and what it was and is as text; ``None`` where there is none."""

    path: str
    before: str | None
    after: str | None


class NodeChange(_Frozen):
    """A node that differs, as it was and as it is."""

    node: str
    change: ChangeKind
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    fields: tuple[FieldChange, ...]  # Of a changed node.


class VersionDifference(_Frozen):
    """What differs between two graphs; version 0 is the draft. Places and notes are not compared."""

    before: int
    after: int
    journey: tuple[FieldChange, ...]  # Of the entry, the start, the goal and what ends it.
    nodes: tuple[NodeChange, ...]
