"""What segments ask of higher modules."""

from collections.abc import Mapping
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork


class AttributeNames(Protocol):
    """Knows what people called attributes."""

    async def names(self, uow: UnitOfWork) -> Mapping[str, str]:
        """Return the name of every attribute that has one, by its key in conditions."""
        ...


class NoNames:
    """Nobody calls attributes anything."""

    async def names(self, uow: UnitOfWork) -> Mapping[str, str]:
        return {}
