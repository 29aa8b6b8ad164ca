"""What lists ask of modules above people."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from quanyu.infra.unit_of_work import UnitOfWork


class Narrowed(Protocol):
    """A question to the warehouse that knows, as the bitmap ``members``, whom a definition selects."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the question binds, beside the brand."""
        ...

    def select(self, columns: str) -> str:
        """Return the question that selects ``columns``, with all that may follow them."""
        ...


class Conditions(Protocol):
    """Trees of conditions, as segments understand them."""

    def compile(self, definition: Mapping[str, Any], *, at: datetime, time_zone: str) -> Narrowed:
        """Check and compile a tree.

        Raises:
            AppError: the tree is none, or asks what is sealed.
        """
        ...

    def members(self, uow: UnitOfWork, segment: str) -> Awaitable[Sequence[int]]:
        """Return the stored members of a segment, by its outside id."""
        ...
