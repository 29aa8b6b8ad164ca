"""What every answer needs: the days asked about, the gate with its limits, and pages of people."""

import time
from datetime import datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.language import Analysis
from quanyu.modules.insight.behaviour.periods import Days, days_of
from quanyu.modules.insight.behaviour.sources import Asked
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

# Shorter than a browser waits for an answer, so that the reason arrives.
LIMITS: Final = QueryLimits(time_s=25.0)


class KnownSegments(Protocol):
    """Segments are another module's; a question about none there is would be answered with nobody."""

    async def check(self, uow: UnitOfWork, segment: str) -> None:
        """Raise ``NotFound`` unless the brand has the segment."""
        ...


class Asker:
    """Asks history for one brand at a time."""

    def __init__(
        self,
        warehouse: Warehouse,
        people: People,
        tenants: Tenants,
        uows: UnitOfWorkFactory,
        segments: KnownSegments | None = None,
    ) -> None:
        self.warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._uows = uows
        self._segments = segments

    async def days(self, tenant_id: TenantId, query: Analysis) -> tuple[Days, str]:
        """Read the question's days in the brand's zone; also return the brand's currency.

        Raises:
            InvalidAnalysis: no such days.
            NotFound: no such segment.
        """
        async with self._uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            as_of: datetime = query.as_of or uow.clock.now()
            if query.segment is not None and self._segments is not None:
                await self._segments.check(uow, query.segment)
        return days_of(query.period, as_of=as_of, zone=ZoneInfo(brand.time_zone)), brand.currency

    async def rows(self, tenant_id: TenantId, asked: Asked) -> list[tuple[Any, ...]]:
        """Return the rows of a question.

        Raises:
            WarehouseUnavailable: history cannot be read now, or the question takes too long.
        """
        return await self.warehouse.for_tenant(tenant_id).query(asked.sql, asked.parameters, limits=LIMITS)

    async def people(
        self,
        tenant_id: TenantId,
        asked: Asked,
        days: Days,
        definition: dict[str, Any] | None,
        *,
        cursor: str | None,
        limit: int | None,
    ) -> FigurePeople:
        """Return a page of the people in a bitmap, by person id; errors as ``rows``."""
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int)[0] if cursor else 0
        page = asked.people()
        bound = {**page.parameters, "page_after": after, "page_limit": size + 1}
        total, found = (await self.rows(tenant_id, Asked(page.sql, bound)))[0]
        shown = [PersonId(int(person)) for person in found[:size]]
        async with self._uows.app(tenant_id) as uow:
            rows = await self._people.rows(uow, shown)
        return FigurePeople(
            items=rows,
            next_cursor=encode_cursor(int(shown[-1])) if len(found) > size else None,
            total=int(total),
            as_of=days.as_of,
            definition=definition,
        )


def head(days: Days, started: float) -> dict[str, Any]:
    """Return what every answer says of itself."""
    return {
        "as_of": days.as_of,
        "first_day": days.first,
        "last_day": days.last,
        "time_zone": days.zone.key,
        "took_ms": round((time.perf_counter() - started) * 1000),
    }
