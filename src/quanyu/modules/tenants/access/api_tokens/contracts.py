"""What crosses the boundary of the room of API tokens."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, Field

from quanyu.kernel.permissions import Permission
from quanyu.modules.tenants.access.roles.contracts import PermissionArea

LIFE_DAYS_MAX: Final = 366


class ApiTokenDraft(BaseModel):
    """A token to make: what to call it, what it may do, and for how long."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    permissions: Annotated[tuple[Permission, ...], Field(min_length=1, max_length=200)]
    days: Annotated[int, Field(ge=1, le=LIFE_DAYS_MAX)]


class ApiTokenView(BaseModel):
    """A token without its secret."""

    id: str
    name: str
    hint: str
    permissions: tuple[Permission, ...]
    member: str
    member_name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_mine: bool


class ApiTokenList(BaseModel):
    """One's own tokens, or those of the whole brand; and everything a token may be allowed."""

    items: tuple[ApiTokenView, ...]
    catalogue: tuple[PermissionArea, ...]


class MadeApiToken(BaseModel):
    """A new token: the only time the secret is shown."""

    id: str
    token: str
    expires_at: datetime
