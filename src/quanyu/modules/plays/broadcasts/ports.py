"""What broadcasts ask of the modules below them, by a narrow door each."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId


class BestHours(Protocol):
    """Knows at which local hour people are likeliest there."""

    async def best_hours(self, uow: UnitOfWork, people: Sequence[PersonId]) -> Mapping[PersonId, int]:
        """Return the hours of those it is known of; the brand's hour for the others, if there is one."""
        ...


class Zones(Protocol):
    """Knows where the brand lives."""

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the IANA name of the brand's time zone."""
        ...


CanonicalIds = Callable[[UnitOfWork, Iterable[PersonId]], Awaitable[dict[PersonId, PersonId]]]
