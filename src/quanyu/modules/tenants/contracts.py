"""What crosses the boundary of the tenants module."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Permission, Role

# Look-ups that come before a brand is known (start-up, the list of brands) run under no tenant.
NO_TENANT: Final = TenantId(0)


@dataclass(frozen=True, slots=True)
class Brand:
    """One brand: everything below belongs to exactly one."""

    tenant_id: TenantId
    key: str
    name: str
    time_zone: str
    currency: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who works in a brand's console."""

    tenant_id: TenantId
    user_id: int
    name: str
    role: str = Role.STAFF  # One of the roles built in, or the key of one of the brand's own.
    permissions: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session was opened."""

    user_agent: str = ""
    address: str = ""


class SignInWay(StrEnum):
    """How somebody signed in."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a way, not a secret.
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that lets a program write events under one source name; the secret is shown once."""

    key_id: int
    name: str
    source: str
    hint: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WriteKeyOwner:
    """Whose events a write key brings."""

    tenant_id: TenantId
    source: str
