"""What the warehouse holds and lets go of: every statement of retention about the history of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.warehouse import QueryLimits, TenantWarehouse, Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.events.retention.rules import Cuts

_LOOK: Final = QueryLimits(threads=1, time_s=120)
_MUTATION: Final = QueryLimits(threads=1, time_s=600)
_DUE: Final = (
    "toUnixTimestamp64Milli(received_at) < "
    "transform(toString(name), {names:Array(String)}, {cuts:Array(Int64)}, toInt64({rest:Int64}))"
)
_NO_NAME: Final = "\u0001"  # An empty array is of no type; no event has this name.


@dataclass(frozen=True, slots=True)
class HeldName:
    """Rows of one name in the warehouse; ``size_bytes`` by their share of each month's rows."""

    events: int
    size_bytes: int
    oldest_at: datetime


class EventHistory:
    """Asks and changes the warehouse for retention."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    async def held(self, tenant_id: TenantId) -> dict[str, HeldName]:
        """Return what is held of each name."""
        rows = await self._gate(tenant_id).query(
            "SELECT toString(name), toString(toYYYYMM(occurred_at)) AS month, count(), min(received_at) "
            "FROM events WHERE tenant_id = {tenant:UInt32} GROUP BY name, month",
            limits=_LOOK,
        )
        widths = await self._row_bytes()
        found: dict[str, HeldName] = {}
        for name, month, events, oldest in rows:
            before = found.get(name, HeldName(0, 0, oldest))
            size = before.size_bytes + round(events * widths.get(month, 0.0))
            found[name] = HeldName(before.events + events, size, min(before.oldest_at, oldest))
        return found

    async def _row_bytes(self) -> dict[str, float]:
        """Return how many bytes a row of each month takes on the disk, on average of all brands."""
        rows = await self._warehouse.query(
            "SELECT partition_id, sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND rows > 0 "
            "AND database = currentDatabase() AND table = 'events' GROUP BY partition_id"
        )
        return {str(partition): float(width) for partition, width in rows}

    async def due(self, tenant_id: TenantId, cuts: Cuts, passed: int) -> dict[str, dict[str, int]]:
        """Return by month, oldest first, how many events of each name go."""
        rows = await self._gate(tenant_id).query(
            "SELECT toString(toYYYYMM(occurred_at)) AS month, toString(name), count() FROM events "  # noqa: S608
            f"WHERE tenant_id = {{tenant:UInt32}} AND batch_id <= {{passed:UInt64}} AND {_DUE} "
            "GROUP BY month, name ORDER BY month, name",
            {**_bound(cuts), "passed": passed},
            limits=_LOOK,
        )
        found: dict[str, dict[str, int]] = {}
        for month, name, events in rows:
            found.setdefault(month, {})[name] = events
        return found

    async def drop_month(self, tenant_id: TenantId, cuts: Cuts, passed: int, month: str) -> None:
        """Let go of what is due of a month. Repeating it changes nothing; cut short, it is done again."""
        await self._gate(tenant_id).command(
            f"ALTER TABLE events DELETE IN PARTITION ID '{int(month)}' WHERE tenant_id = {{tenant:UInt32}} "
            f"AND batch_id <= {{passed:UInt64}} AND {_DUE} SETTINGS mutations_sync = 2",
            {**_bound(cuts), "passed": passed},
            limits=_MUTATION,
        )

    async def drop_of_batch(self, tenant_id: TenantId, cuts: Cuts, batch_id: int) -> int:
        """Let go of what is due of one batch; return how many of its rows are left."""
        gate, batch = self._gate(tenant_id), {"batch": batch_id}
        where = "tenant_id = {tenant:UInt32} AND batch_id = {batch:UInt64}"
        delete = f"DELETE FROM events WHERE {where} AND {_DUE}"  # noqa: S608 - constants only.
        await gate.command(delete, {**_bound(cuts), **batch})
        return int((await gate.query(f"SELECT count() FROM events WHERE {where}", batch))[0][0])  # noqa: S608

    async def drop_beside(self, tenant_id: TenantId, cuts: Cuts, table: str) -> None:
        """Let go of what is due in a table beside the history, which a replay fills."""
        await self._gate(tenant_id).command(
            f"ALTER TABLE {table} DELETE WHERE tenant_id = {{tenant:UInt32}} AND {_DUE} "
            "SETTINGS mutations_sync = 2",
            _bound(cuts),
            limits=_MUTATION,
        )

    async def count_beside(self, tenant_id: TenantId, cuts: Cuts, table: str) -> int:
        """Count what is due there."""
        rows = await self._gate(tenant_id).query(
            f"SELECT count() FROM {table} WHERE tenant_id = {{tenant:UInt32}} AND {_DUE}",  # noqa: S608
            _bound(cuts),
            limits=_LOOK,
        )
        return int(rows[0][0])

    async def held_of_batches(self, tenant_id: TenantId, *, after: int, upto: int) -> dict[int, int]:
        """Return how many rows there are of each batch in a stretch that has any."""
        rows = await self._gate(tenant_id).query(
            "SELECT batch_id, count() FROM events WHERE tenant_id = {tenant:UInt32} "
            "AND batch_id > {after:UInt64} AND batch_id <= {upto:UInt64} GROUP BY batch_id",
            {"after": after, "upto": upto},
            limits=_LOOK,
        )
        return {int(batch): int(held) for batch, held in rows}

    def _gate(self, tenant_id: TenantId) -> TenantWarehouse:
        return self._warehouse.for_tenant(tenant_id)


def _bound(cuts: Cuts) -> Mapping[str, Any]:
    return {
        "names": [_NO_NAME, *cuts.named],
        "cuts": [0, *(0 if cut is None else epoch_ms(cut) for cut in cuts.named.values())],
        "rest": 0 if cuts.rest is None else epoch_ms(cuts.rest),
    }
