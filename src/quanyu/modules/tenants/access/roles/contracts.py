"""What crosses the boundary of the roles' room."""

from typing import Annotated

from pydantic import BaseModel, Field

from quanyu.kernel.permissions import Permission


class RoleView(BaseModel):
    """A role, built in or the brand's own."""

    key: str
    name: str | None  # The console has words for those built in.
    is_built_in: bool
    permissions: tuple[Permission, ...]
    members: int
    is_givable: bool  # Whether the one who asks may give it, and change it if it is the brand's own.


class PermissionArea(BaseModel):
    """The permissions of a part of the product."""

    area: str
    permissions: tuple[Permission, ...]


class RoleList(BaseModel):
    """Every role of the brand, and everything a role may allow."""

    items: tuple[RoleView, ...]
    catalogue: tuple[PermissionArea, ...]


class RoleDraft(BaseModel):
    """A role of the brand's own."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    permissions: Annotated[tuple[Permission, ...], Field(max_length=200)]


class MadeRole(BaseModel):
    """A new role."""

    key: str
