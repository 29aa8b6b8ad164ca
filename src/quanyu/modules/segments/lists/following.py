"""Entries of lists follow when people turn out to be one, and when they come apart."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.contracts import Departure
from quanyu.modules.segments.lists.queries import ListQueries


class ListPeople:
    """Called in the transaction that merges or parts.

    Most entries need nothing: they are kept under the id an identifier was first known by, which is mapped to
    who that is today. Only identifiers without such an id are moved here.
    """

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> int:
        """Move entries of identifiers to who their people are now; idempotent."""
        return await ListQueries(uow).follow_merges(dict(known_as))

    async def follow_splits(self, uow: UnitOfWork, departures: Sequence[Departure]) -> int:
        """Give entries back with the identifiers that left; return how many went; idempotent."""
        return await ListQueries(uow).follow_departures(departures)
