"""What welcomes ask of their neighbours; wiring says who answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOrigin:
    """What a state of a live code stands for."""

    code: str  # Outside id.
    source: str = ""
    campaign: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeter:
    """A member of staff as welcomes name them."""

    name: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCustomer:
    """A customer as the journal shows them."""

    name: str = ""
    person_id: PersonId | None = None


class CodeBook(Protocol):
    """Says what the ``state`` of an add stands for (CW-8)."""

    async def resolve(
        self, uow: UnitOfWork, corp_id: AccountId, states: Mapping[str, datetime]
    ) -> Mapping[str, CodeOrigin]:
        """Return those of ``states`` that count at the instant beside them."""
        ...


class StaffBook(Protocol):
    """Knows the members of a corp."""

    async def greeters(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Greeter]:
        """Return what is known of these members."""
        ...


class CustomerBook(Protocol):
    """Knows customers by their blind tokens."""

    async def known(
        self, uow: UnitOfWork, corp_id: AccountId, tokens: Sequence[bytes]
    ) -> Mapping[bytes, KnownCustomer]:
        """Return what is known of these customers."""
        ...

    async def tokens_of(
        self, uow: UnitOfWork, corp_id: AccountId | None, person_id: PersonId
    ) -> Sequence[bytes]:
        """Return the tokens a person has in this corp, or in all."""
        ...


class SuspectTags(Protocol):
    """Gives corp tags."""

    async def give(self, uow: UnitOfWork, corp_id: AccountId, userid: str, token: bytes, tag_id: str) -> None:
        """Ask for a tag on what a member has with a customer; idempotent."""
        ...


class Zones(Protocol):
    """Knows the brand's wall clock."""

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the brand's time zone."""
        ...
