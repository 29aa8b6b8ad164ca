"""Whom an import alone made, and who has done nothing since: only they are removed with it."""

from collections.abc import Sequence
from typing import Final

from quanyu.flows.imports.undo.queries import UndoQueries, Written
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.ids import TenantId

# What follows from being imported says nothing of the person: tags and consent of the import, segments.
# Everything else in history does: a visit, an order, a message, a journey, a tag or an attribute by hand.
_ANYTHING_ELSE: Final = """
SELECT DISTINCT person FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
    AND NOT (source = {source:String} AND position BETWEEN {first:UInt64} AND {last:UInt64})
    AND NOT (source = 'quanyu' AND (
        name IN ('segments.entered', 'segments.left')
        OR (name IN ('people.tag_added', 'people.tag_removed')
            AND properties.source.:String IN ('import', 'rule', 'expired', 'deleted'))
        OR (name IN ('people.consent_granted', 'people.consent_withdrawn', 'people.consent_expired')
            AND properties.operation_id.:String LIKE {operations:String})))
"""


class Newcomers:
    """Asks people and history."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse) -> None:
        self._uows = uows
        self._warehouse = warehouse

    async def among(self, tenant_id: TenantId, written: Written, people: Sequence[int]) -> set[int]:
        """Return which of these person ids the import alone made, and who did nothing since.

        Raises:
            WarehouseUnavailable: nobody is taken for idle whose history cannot be read.
        """
        async with self._uows.system(tenant_id) as uow:
            made = await UndoQueries(uow).made_by(written, people)
        if not made:
            return set()
        busy = await _busy(self._warehouse.for_tenant(tenant_id), written, made)
        return set(made) - busy


async def _busy(gate: TenantWarehouse, written: Written, people: Sequence[int]) -> set[int]:
    rows = await gate.query(
        _ANYTHING_ELSE,
        {
            "people": list(people),
            "source": written.source,
            "first": written.first,
            "last": written.last,
            "operations": f"event:{_escaped(written.source)}:%",
        },
    )
    return {int(row[0]) for row in rows}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
