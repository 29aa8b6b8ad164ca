"""Customers and relations as they cross the boundary."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.rules import RelationStatus, Told

CUSTOMER_LOST: Final = "staff.customer_lost"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RelationKey(NamedTuple):
    """One member and one customer of one company; the customer by the blind token of their id."""

    corp_id: AccountId
    userid: str
    token: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A row of ``staff_customer``. Grain: one member x one customer, whatever happened between them."""

    key: RelationKey
    told: Told
    status: RelationStatus
    ended_at: datetime | None = None
    person_id: PersonId | None = None
    announced_at: datetime | None = None  # The latest add the log knows of.
    add_way: int = 0
    state: str = ""
    brought_by: str = ""  # The member who brought them together.
    remark_sealed: bytes | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def added_at(self) -> datetime | None:
        return self.told.added_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A row of ``external_contact``: one customer of one company."""

    corp_id: AccountId
    token: bytes
    sealed: bytes | None = None  # The external user id, once somebody who saw it wrote it.
    person_id: PersonId | None = None
    name_sealed: bytes | None = None
    avatar: str = ""
    type: int = 0  # 1 of WeChat, 2 of WeCom, 0 not asked yet.
    gender: int = 0
    corp_name: str = ""
    unionid_sealed: bytes | None = None
    first_added_at: datetime | None = None
    details_attempts: int = 0
    details_fetched_at: datetime | None = None
    details_digest: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTags:
    """The corp tags one member's relation carried when the platform was asked."""

    userid: str
    token: bytes
    tag_ids: tuple[str, ...]
    asked_at: datetime


class TagObserver(Protocol):
    """Told, in the transaction that keeps an answer, which tags each relation carries."""

    async def observe(self, uow: UnitOfWork, corp_id: AccountId, seen: Sequence[ObservedTags]) -> None: ...


class TagNames(Protocol):
    """Tells the names of the tags each relation carries, for lists."""

    async def __call__(
        self, uow: UnitOfWork, keys: Sequence[RelationKey], /
    ) -> Mapping[RelationKey, tuple[str, ...]]: ...


class StateNames(Protocol):
    """Tells what codes are called by the states that came with customers; states of others are left out."""

    async def __call__(
        self, uow: UnitOfWork, corp_id: AccountId, states: Collection[str], /
    ) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A relation before and after news."""

    before: Relation | None
    after: Relation

    @property
    def has_ended(self) -> bool:
        """Whether it ended now: its status tells how, and it is not how it was before."""
        ended = (self.after.status, self.after.ended_at)
        known = None if self.before is None else (self.before.status, self.before.ended_at)
        return self.after.ended_at is not None and ended != known


@dataclass(slots=True, kw_only=True)
class Served:
    """A customer as one member has them, with what is needed to call the platform about them."""

    relation: Relation
    external_userid: str = field(repr=False)


class AddedOrder(StrEnum):
    """How lists of customers are ordered."""

    NEWEST = "newest"


class RelationRow(_Frozen):
    """One relation in the list of customers."""

    corp: str
    staff_id: str
    staff_userid: str
    staff_name: str
    person_id: str | None
    customer: str  # Stable and opaque; tells relations of one customer apart from others'.
    name: str
    avatar: str
    type: int
    status: RelationStatus
    added_at: datetime | None
    ended_at: datetime | None
    add_way: int
    state: str
    code_name: str  # Of the live code whose state it is; empty for others.
    brought_by: str
    tags: tuple[str, ...]  # Names of the corp tags this member gave them.


class RelationPage(_Frozen):
    """Relations, those added last first."""

    items: tuple[RelationRow, ...]
    next_cursor: str | None
    total: int


class PersonRelations(_Frozen):
    """Every relation of one person, newest first."""

    items: tuple[RelationRow, ...]
