"""What customer groups ask of other modules; ``app/communities.py`` feeds these."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.wechat.wecom.client import WeComClient


@dataclass(frozen=True, slots=True)
class CorpRef:
    """A connected corp."""

    account_id: int
    corp_id: str
    name: str
    agent_id: int = 0
    id: str = ""  # As shown outside.


class Corps(Protocol):
    """The brand's corps, and what calls the platform for them."""

    async def list(self, uow: UnitOfWork) -> Sequence[CorpRef]: ...
    async def client(self, tenant_id: TenantId, account_id: int) -> WeComClient: ...


class BrandWords(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def time_zone(self) -> str: ...


class FindBrand(Protocol):
    async def __call__(self, uow: UnitOfWork, /) -> BrandWords: ...


class CustomerTags(Protocol):
    """Corp tags of customers."""

    async def wish(
        self,
        uow: UnitOfWork,
        corp: CorpRef,
        token: bytes,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        origin: str,
    ) -> None:
        """Ask that a customer carries tags, or no longer; who is nobody's customer cannot carry any."""
        ...


class PeopleOfGroups(Protocol):
    """What is known of people."""

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]: ...
    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]: ...
    async def display_names(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, str]: ...


class StaffNames(Protocol):
    """What members of the staff are called; those nobody knows are left out."""

    async def __call__(
        self, uow: UnitOfWork, account_id: int, userids: Collection[str], /
    ) -> Mapping[str, str]: ...


class SegmentMembers(Protocol):
    """Stored members of segments; ``segment_id`` as shown outside."""

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]: ...
    async def contains(self, uow: UnitOfWork, segment_id: str, person_id: PersonId) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A member of staff who has a customer."""

    userid: str
    token: bytes
    external_userid: str = field(repr=False)
    person_id: PersonId | None
    added_at: datetime
    can_send: bool  # The member is active and may have customers.


class CustomerRelations(Protocol):
    """Who has which customers."""

    async def of_all(self, uow: UnitOfWork, corp: CorpRef, *, limit: int) -> Sequence[Relation]: ...
    async def with_tags(
        self, uow: UnitOfWork, corp: CorpRef, tag_ids: Sequence[str], *, limit: int
    ) -> Sequence[Relation]: ...
    async def of_people(
        self, uow: UnitOfWork, corp: CorpRef, person_ids: Sequence[PersonId], *, limit: int
    ) -> Sequence[Relation]: ...


class StaffCodes(Protocol):
    """Live codes of staff, for when no group has room."""

    async def page_url(self, uow: UnitOfWork, code_id: str) -> str:
        """Return the code's page, which always leads on; empty if there is no such code."""
        ...
