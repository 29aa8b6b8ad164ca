"""Contacts follow people who become one, and go back when they come apart."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.companies.contact_queries import ContactQueries


class CompanyPeople:
    """Called where people become one or come apart (``flows.person_merge``)."""

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give places of merged people to who they are now; idempotent."""
        await ContactQueries(uow).follow_merges(known_as)

    async def follow_splits(self, uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give places back to who came apart; count them. Idempotent."""
        return await ContactQueries(uow).follow_splits(splits)
