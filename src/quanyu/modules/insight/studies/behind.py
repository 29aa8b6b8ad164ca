"""The people behind a figure that is asked of history, in pages."""

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.behaviour.sources import Asked
from quanyu.modules.people.service import People


class Behind:
    """Lists who a question finds."""

    def __init__(self, uows: UnitOfWorkFactory, people: People) -> None:
        self._uows = uows
        self._people = people

    async def page(
        self,
        gate: TenantWarehouse,
        tenant_id: TenantId,
        question: Asked,
        *,
        cursor: str | None,
        limit: int | None,
    ) -> FigurePeople:
        """Return a page of the people in the bitmap ``question`` asks for.

        Raises:
            WarehouseUnavailable: history cannot be read now.
        """
        size = clamp_limit(limit)
        page = question.people()
        after = int(decode_cursor(cursor, int)[0]) if cursor else 0
        asked = {**page.parameters, "page_after": after, "page_limit": size + 1}
        total, found = (await gate.query(page.sql, asked))[0]
        shown = [PersonId(int(person)) for person in found[:size]]
        async with self._uows.app(tenant_id) as uow:
            rows = await self._people.rows(uow, shown)
            now = uow.clock.now()
        return FigurePeople(
            items=rows,
            next_cursor=encode_cursor(int(shown[-1])) if len(found) > size else None,
            total=int(total),
            as_of=now,
            definition=None,
        )
