"""What company accounts ask of those above them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork


class Owners(Protocol):
    """The brand's staff, who look after companies."""

    async def names(self, uow: UnitOfWork, owners: Sequence[str]) -> Mapping[str, str]:
        """Return what to call each, those who left too; ids nobody has are left out."""
        ...


class NoOwners:
    """Nobody looks after anything: for tests and tools without staff."""

    async def names(self, uow: UnitOfWork, owners: Sequence[str]) -> Mapping[str, str]:
        """Know nobody."""
        return {}
