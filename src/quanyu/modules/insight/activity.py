"""What happened lately: events by minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.warehouse import TenantWarehouse

MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """Events that happened in the minute that begins at ``at``."""

    at: datetime
    count: int


async def events_per_minute(gate: TenantWarehouse, now: datetime) -> tuple[MinuteCount, ...]:
    """Return the last ``MINUTES`` minutes, the present one last; quiet minutes count zero."""
    this_minute = now.replace(second=0, microsecond=0)
    first = this_minute - timedelta(minutes=MINUTES - 1)
    rows = await gate.query(
        "SELECT toStartOfMinute(occurred_at) AS minute, count() FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND occurred_at >= {since:DateTime64(3)} GROUP BY minute",
        {"since": first},
    )
    found = {int(minute.timestamp()): int(count) for minute, count in rows}
    minutes = [first + timedelta(minutes=offset) for offset in range(MINUTES)]
    return tuple(MinuteCount(minute, found.get(int(minute.timestamp()), 0)) for minute in minutes)


async def count_events(gate: TenantWarehouse) -> int:
    """Return how many events the history holds."""
    rows = await gate.query("SELECT count() FROM events WHERE tenant_id = {tenant:UInt32}")
    return int(rows[0][0])
