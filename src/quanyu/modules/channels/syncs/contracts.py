"""Syncs: bringing what the platform knows of all followers, or of all tags, into the platform here."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

from pydantic import BaseModel, ConfigDict

SyncId = NewType("SyncId", int)
SYNC_PREFIX = "syn"


class SyncKind(StrEnum):
    """What is brought over."""

    FOLLOWERS = "followers"  # Who follows, and the user info of each.
    TAGS = "tags"  # The account's tags, and who carries them.


class SyncState(StrEnum):
    """Where a sync is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SyncStage(StrEnum):
    """What a running sync is doing."""

    LISTING = "listing"  # Pages of up to 10,000 openids.
    MISSING = "missing"  # Who we thought follows and is not listed: asked about too.
    ASKING = "asking"  # User info, 100 people a call.
    TAGS = "tags"  # Who carries each tag.


class StartSync(BaseModel):
    """Start a sync; one of a kind runs per account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SyncKind


class Sync(BaseModel):
    """A sync and how far it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: SyncKind
    state: SyncState
    stage: SyncStage
    total: int  # As the platform counts; people for followers, tags for tags.
    listed: int
    to_ask: int  # People listed whose user info is still to be asked for.
    waits_until: datetime | None  # The platform's limits hold it back until then.
    reason: str
    reason_zh: str
    reason_en: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class Syncs(BaseModel):
    """The account's syncs, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Sync, ...]
