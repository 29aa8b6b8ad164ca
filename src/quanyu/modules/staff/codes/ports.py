"""What live codes ask of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.wechat.wecom.client import WeComClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A member as the directory and the relations know them."""

    userid: str
    name: str
    is_active: bool
    can_serve: bool
    is_online: bool
    held: int
    store: str = ""


class Colleagues(Protocol):
    """Tells how members stand."""

    async def standing(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Colleague]:
        """Return those of these members who exist or existed."""
        ...


@dataclass(frozen=True, slots=True)
class Bond:
    """Somebody serves a customer, or did."""

    userid: str
    since: float  # Unix seconds; 0 if nobody knows.
    is_active: bool


class Bonds(Protocol):
    """Tells who serves whom."""

    async def of_customers(
        self, uow: UnitOfWork, corp_id: AccountId, tokens: Sequence[bytes]
    ) -> Mapping[bytes, tuple[Bond, ...]]:
        """Return every bond of each customer, the oldest first."""
        ...

    async def of_person(self, uow: UnitOfWork, corp_id: AccountId, person_id: PersonId) -> tuple[Bond, ...]:
        """Return a person's bonds that last, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A customer as the platform knows them."""

    external_userid: str
    name: str  # Empty until the platform was asked.


class Names(Protocol):
    """Tells customers' ids and names."""

    async def of_customer(self, uow: UnitOfWork, corp_id: AccountId, token: bytes) -> Named | None:
        """Return a customer, ``None`` while their id is not known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAdded:
    """Somebody added a member by a code."""

    corp_id: AccountId
    userid: str
    token: bytes
    origin: str  # The code's id outside.


class CallsOfCorps(Protocol):
    """Gives the client of a corp's app."""

    async def get(self, tenant_id: TenantId, corp_id: AccountId, /) -> WeComClient:
        """Return the client.

        Raises:
            NotFound: the brand has no such corp.
        """
        ...


class TagGiver(Protocol):
    """Gives corp tags."""

    async def give(self, uow: UnitOfWork, added: Sequence[CustomerAdded], tags: Sequence[str]) -> None:
        """Ask for these tags of these customers; idempotent."""
        ...


class JoinWayCount(Protocol):
    """Counts the group join ways a corp has: they share its quota."""

    async def count(self, uow: UnitOfWork, corp_id: AccountId) -> int:
        """Return how many there are."""
        ...


class NoTags:
    """For a platform without corp tags: gives none."""

    async def give(self, uow: UnitOfWork, added: Sequence[CustomerAdded], tags: Sequence[str]) -> None:
        """Do nothing."""


class NoJoinWays:
    """For a platform without group codes."""

    async def count(self, uow: UnitOfWork, corp_id: AccountId) -> int:
        """Return 0."""
        return 0
