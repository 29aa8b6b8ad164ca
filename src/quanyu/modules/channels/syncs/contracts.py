"""Syncs: bringing what the platform knows of all followers, tags, members or customers over here."""

from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from pydantic import BaseModel, ConfigDict

SyncId = NewType("SyncId", int)
SYNC_PREFIX = "syn"


class SyncKind(StrEnum):
    """What is brought over."""

    FOLLOWERS = "followers"  # Who follows, and the user info of each.
    TAGS = "tags"  # The account's tags, and who carries them.
    DEPARTMENTS = "departments"  # Of a company; a part of ``STAFF``.
    STAFF = "staff"  # Departments and members of a company.
    CUSTOMERS = "customers"  # The customers of every member, with what each says of theirs.
    CUSTOMER_LISTS = "customer_lists"  # Only who has whom; what is news is asked about.


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
    DEPARTMENTS = "departments"
    MEMBERS = "members"  # Who works at the company, page by page.
    MEMBER_DETAILS = "member_details"  # Each of them.
    CUSTOMERS = "customers"  # The customers of one batch of members after the other.


class StartSync(BaseModel):
    """Start a sync of an official account; one of a kind runs per account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal[SyncKind.FOLLOWERS, SyncKind.TAGS]


class Sync(BaseModel):
    """A sync and how far it is."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: SyncKind
    state: SyncState
    stage: SyncStage
    by_hand: bool  # Else the night started it, or a callback.
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
