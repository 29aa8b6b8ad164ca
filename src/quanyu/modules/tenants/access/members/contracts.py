"""What crosses the boundary of the members' room."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from quanyu.kernel.permissions import Permission

Email = Annotated[str, Field(min_length=3, max_length=254)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
# Longer ones would only cost work; longer than anybody types.
Password = Annotated[str, Field(min_length=1, max_length=200)]
PersonName = Annotated[str, Field(min_length=1, max_length=60)]
RoleKey = Annotated[str, Field(min_length=1, max_length=60)]


class AccountState(StrEnum):
    """Where a member stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Member(BaseModel):
    """Somebody who works in the brand, or is invited to."""

    id: str
    name: str  # Empty until they have joined.
    email: str | None
    role: str
    role_name: str | None  # Of a role of the brand's own; the console has words for those built in.
    state: AccountState
    created_at: datetime
    last_seen_at: datetime | None
    invited_until: datetime | None
    is_changeable: bool  # Whether the one who asks may act on them.


class MemberList(BaseModel):
    """Every member of the brand, oldest first."""

    items: tuple[Member, ...]


class MemberInvitation(BaseModel):
    """Whom to invite, as what."""

    email: Email
    role: RoleKey


class MemberRole(BaseModel):
    """The role somebody is to have."""

    role: RoleKey


class ResetFor(BaseModel):
    """Whose password the command line resets."""

    email: Email


class MemberLink(BaseModel):
    """A link that works once: the only time it is shown."""

    member: str
    url: str
    expires_at: datetime


class JoinCode(BaseModel):
    """The code of an invitation."""

    code: Code


class JoinView(BaseModel):
    """What somebody invited sees before they join."""

    brand: str
    email: str
    role: str
    role_name: str | None


class Joining(BaseModel):
    """How somebody invited wants to be called, and their password."""

    code: Code
    name: PersonName
    password: Password


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What rules know of a member."""

    user_id: int
    role: str
    state: AccountState
    permissions: frozenset[Permission]
