"""What crosses the boundary of account segments."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.people.companies.contracts import CompanyRow
from quanyu.modules.segments.conditions.company import ACCOUNT_SEGMENT_PREFIX

ACCOUNT_SEGMENTS_MAX: Final = 200

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]


__all__ = [
    "ACCOUNT_SEGMENTS_MAX",
    "ACCOUNT_SEGMENT_PREFIX",
    "AccountMembers",
    "AccountSegment",
    "AccountSegments",
    "PreviewAccounts",
    "SaveAccountSegment",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SaveAccountSegment(_Frozen):
    """Create or replace a segment of companies."""

    name: Name
    definition: Annotated[dict[str, Any], Field(description="See docs/reference/account-segments.md.")]


class PreviewAccounts(_Frozen):
    """Whom would a definition select?"""

    definition: dict[str, Any]


class AccountSegment(_Frozen):
    """A segment of companies. ``size`` is that of when it was last looked at.

    ``as_of``: when its stored members, which conditions on people ask about, were last told.
    """

    id: str
    name: str
    definition: dict[str, Any]
    size: int | None
    sized_at: datetime | None
    as_of: datetime | None
    updated_at: datetime


class AccountSegments(_Frozen):
    """All of them, by name."""

    items: tuple[AccountSegment, ...]


class AccountMembers(_Frozen):
    """Companies that meet a definition as of an instant: some of them, and how many in all."""

    as_of: datetime
    count: int
    items: tuple[CompanyRow, ...]
    next_cursor: str | None
