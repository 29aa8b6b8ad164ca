"""What retention asks of those above it."""

from collections.abc import Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.retention.contracts import EventUse


class EventReaders(Protocol):
    """Knows who asks for events, and how far back."""

    async def uses(self, uow: UnitOfWork) -> Sequence[EventUse]:
        """Return every use of every event name."""
        ...
