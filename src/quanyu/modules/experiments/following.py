"""Exposures follow people who become one, and go back when they come apart."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.experiments.queries import exposures


class ExposedPeople:
    """Called where people become one or come apart (``flows.person_merge``)."""

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give exposures of merged people to who they are now; the earliest counts. Idempotent."""
        await exposures.follow_merges(uow, {one: _last_of(known_as, one) for one in known_as})

    async def follow_splits(self, uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give exposures back to who came apart; count them. Idempotent."""
        return await exposures.follow_splits(uow, splits) if splits else 0


def _last_of(known_as: Mapping[PersonId, PersonId], person: PersonId) -> PersonId:
    """Follow one change of name after the other."""
    seen = {person}
    while (following := known_as.get(person)) is not None and following not in seen:
        seen.add(following)
        person = following
    return person
