"""What journeys ask of the modules below them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.journeys.definition import Change


class Audience(Protocol):
    """Answers questions about many people at once."""

    async def among(
        self,
        tenant_id: TenantId,
        test: Mapping[str, Any],
        person_ids: Sequence[PersonId],
        *,
        as_of: datetime | None = None,
    ) -> frozenset[int]:
        """Return which of these people meet a segment definition, now or as of an instant.

        Asks the warehouse, no transaction.
        """
        ...

    async def past_of(self, uow: UnitOfWork, segment_id: str) -> tuple[Mapping[str, Any] | None, datetime]:
        """Return what a segment asks, and since when; ``None`` for a list, whose comings are all known."""
        ...

    async def selected(
        self, tenant_id: TenantId, test: Mapping[str, Any], *, as_of: datetime
    ) -> Sequence[int]:
        """Return everybody who met a segment definition at an instant; asks the warehouse, no transaction."""
        ...

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        """Return a segment's present members."""
        ...

    async def check(self, uow: UnitOfWork, definition_or_id: Mapping[str, Any] | str) -> None:
        """Refuse a definition that cannot be asked, or a segment that does not exist."""
        ...

    async def listen(self, uow: UnitOfWork, segment_id: str, listener: str) -> None:
        """Keep a segment fresh for a journey; idempotent."""
        ...

    async def unlisten(self, uow: UnitOfWork, segment_id: str, listener: str) -> None:
        """End what ``listen`` began; idempotent."""
        ...


class Persons(Protocol):
    """Knows who people are; asked in the transaction that moves them."""

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]:
        """Return who each person is known as today; ids it leaves out stand for themselves."""
        ...

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], keys: Sequence[str]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        """Return by person the attributes of these keys that they have."""
        ...

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the IANA name of the brand's time zone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOf:
    """A change that a step of a journey asked for at ``at``; ``people`` by a name that is the step's own."""

    change: Change
    people: Mapping[str, PersonId]
    journey: str
    node: str
    at: datetime


class Changes(Protocol):
    """Changes what is known of people."""

    async def check(self, uow: UnitOfWork, change: Change) -> None:
        """Refuse what could be done to nobody.

        Raises:
            AppError
        """
        ...

    async def apply(self, uow: UnitOfWork, asked: ChangeOf) -> None:
        """Change people, by any id they were known as; people who are gone are left out.

        Raises:
            AppError: it can be done to nobody any more.
        """
        ...
