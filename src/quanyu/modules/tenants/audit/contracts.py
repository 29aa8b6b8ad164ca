"""What crosses the boundary of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from quanyu.kernel.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place in a brand's chain: the number of an entry, and the digest over it and all before."""

    number: int
    digest: str  # Hexadecimal; empty before the first entry.


class AuditFilter(BaseModel):
    """Which entries to look at; what is left open asks nothing."""

    member: str | None = None  # Part of a name.
    area: str | None = None  # As in ``kernel.permissions.AREAS``.
    object: str | None = None  # The id of what it was done to.
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class LoggedDeed(BaseModel):
    """One deed."""

    id: str
    number: int | None  # Its place in the chain; none for some seconds, until it is sealed.
    digest: str
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    method: str
    path: str
    permission: Permission | None
    objects: Mapping[str, str]
    fields: tuple[str, ...]
    said: Mapping[str, str | int | bool]


class AuditPage(BaseModel):
    """Some entries, newest first."""

    items: tuple[LoggedDeed, ...]
    next_cursor: str | None


class ChainReport(BaseModel):
    """What checking the whole chain found."""

    intact: bool
    entries: int  # Checked, up to the first that is wrong.
    unsealed: int  # Too new to be chained.
    head_number: int
    head_digest: str
    broken_at: int | None = None
    reason: str = ""
    reason_zh: str = ""
