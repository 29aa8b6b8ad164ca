"""Who reads computed attributes, as only higher modules know."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.insight.computed.contracts import AttributeUse


class AttributeReaders(Protocol):
    """Tells what reads attributes of people."""

    async def readers(
        self, uow: UnitOfWork, attributes: Sequence[str]
    ) -> Mapping[str, Sequence[AttributeUse]]:
        """Return by attribute what reads it; attributes nobody reads may be left out."""
        ...


class NoReaders:
    """Nobody but attributes themselves."""

    async def readers(
        self, uow: UnitOfWork, attributes: Sequence[str]
    ) -> Mapping[str, Sequence[AttributeUse]]:
        """Return nothing."""
        return {}
