"""What crosses the boundary of migrations."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.journeys.definition import NODES_MAX, NodeId

SPREAD_MAX_S: Final = 86_400


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class MigrateJourney(BaseModel):
    """Move people of version ``before`` to the present one.

    ``nodes`` says where people of a node go on; ``null`` lets them out. People of a node that is not named go
    on at the node of the same id, and leave if there is none. Whoever would go on at once does so within
    ``spread_s``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: Annotated[int, Field(ge=1, lt=2**31)]
    nodes: Annotated[dict[NodeId, NodeId | None], Field(max_length=NODES_MAX)] = {}
    spread_s: Annotated[int, Field(ge=0, le=SPREAD_MAX_S)] = 3_600


class MigrationNode(_Frozen):
    """What becomes of the people at one node.

    ``to`` is where they go on, ``None`` if they leave. ``keeps``: the node stays what it is, and so do their
    timers. ``at_once``: how many of them go on, or time out, as soon as they are moved.
    """

    node: str
    definition: dict[str, Any] | None  # As their version has it.
    people: int
    to: str | None
    keeps: bool
    at_once: int


class MigrationPreview(_Frozen):
    """What a migration would do now."""

    before: int
    after: int
    people: int
    nodes: tuple[MigrationNode, ...]


class MigrationState(StrEnum):
    """Where a migration stands. It is cancelled when its journey is ended."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class JourneyMigration(_Frozen):
    """A migration. ``people`` were on the way when it began; some may have left by themselves since."""

    id: str
    before: int
    after: int
    state: MigrationState
    people: int
    moved: int
    let_out: int
    actor: str
    created_at: datetime
    finished_at: datetime | None


class JourneyMigrations(_Frozen):
    """A journey's latest migrations, the newest first."""

    items: tuple[JourneyMigration, ...]
