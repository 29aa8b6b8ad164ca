"""The plans of brands as the tracking door asks them: in memory, read again after a moment."""

import time
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.plan import queries
from quanyu.modules.events.plan.rules import Book

FRESH_S: Final = 2.0  # A change made in another process holds from then on.


class PlanBooks:
    """Remembers each brand's plan."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._known: dict[TenantId, tuple[float, Book]] = {}

    async def find(self, tenant_id: TenantId) -> Book:
        """Return the brand's plan, at most ``FRESH_S`` old."""
        known = self._known.get(tenant_id)
        if known is not None and time.monotonic() - known[0] < FRESH_S:
            return known[1]
        async with self._uows.system(tenant_id) as uow:
            book = Book(await queries.list_plans(uow), await queries.list_source_rules(uow))
        self._known[tenant_id] = (time.monotonic(), book)
        return book

    def forget(self, tenant_id: TenantId) -> None:
        """Read the brand's plan anew before the next event is judged."""
        self._known.pop(tenant_id, None)
