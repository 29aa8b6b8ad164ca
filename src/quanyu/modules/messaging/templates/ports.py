"""What this room needs from outside; wiring feeds these."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId


class Members(Protocol):
    """Knows who is in a segment."""

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        """Return the ids of the people in a segment."""
        ...


class Lacking(Protocol):
    """Knows which attributes people do not have."""

    async def count(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> Mapping[str, int]:
        """Return how many of ``people`` lack each attribute."""
        ...

    async def count_any(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> int:
        """Return how many of ``people`` lack at least one of some attributes."""
        ...

    async def list_people(
        self, uow: UnitOfWork, people: Sequence[int], key: str, *, after: int, rows_max: int
    ) -> list[PersonId]:
        """Return some of those who lack an attribute, behind an id."""
        ...
