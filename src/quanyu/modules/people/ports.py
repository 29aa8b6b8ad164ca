"""What higher modules may add to the pages of people, without people knowing them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.contracts import ProfileExtras, RowExtras


class PeopleEnrichment(Protocol):
    """Segments, scores and reachability, filled in by whoever owns them."""

    async def rows(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, RowExtras]:
        """Return what is known of each person of a page."""
        ...

    async def profile(self, uow: UnitOfWork, person_id: PersonId) -> ProfileExtras:
        """Return what is known of one person."""
        ...


class NoEnrichment:
    """Nothing is known beyond people themselves."""

    async def rows(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, RowExtras]:
        return {}

    async def profile(self, uow: UnitOfWork, person_id: PersonId) -> ProfileExtras:
        return ProfileExtras()
