"""How the pipeline is doing: what waits, for how long, and what was put aside.

Ages are real seconds, whatever the business clock does: a machine that keeps up is well also in a rehearsal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork

_COUNT_MAX: Final = 100_000  # Counting further would cost more than it tells.


@dataclass(frozen=True, slots=True)
class LogHealth:
    """Events by stage. ``lag_s`` is the age of the oldest event that no query finds yet."""

    accepted: int
    resolved: int
    stored: int
    lag_events: int
    lag_s: float
    horizon_age_s: float
    dead_letters: int


async def read_health(uow: UnitOfWork) -> LogHealth:
    """Read where the brand's pipeline stands; for the platform role."""
    parameters = {"tenant": uow.tenant_id, "limit": _COUNT_MAX}
    cursors = {
        row.consumer: row
        for row in await uow.execute(
            "SELECT consumer, xid::text AS xid, position, events FROM log_cursor "
            "WHERE tenant_id = :tenant AND consumer IN ('resolve', 'store')",
            parameters,
        )
    }
    resolve, store = cursors.get("resolve"), cursors.get("store")
    at = {"xid": resolve.xid if resolve else "0", "position": resolve.position if resolve else 0}
    waiting = (
        await uow.execute(
            "SELECT count(*) AS events, min(received_at) AS oldest FROM (SELECT received_at FROM log_event "
            "WHERE tenant_id = :tenant AND (xid, position) > (CAST(:xid AS xid8), :position) "
            "ORDER BY xid, position LIMIT :limit) AS waiting",
            {**parameters, **at},
        )
    ).one()
    unstored = (
        await uow.execute(
            "SELECT min(received_from) AS oldest FROM log_batch "
            "WHERE tenant_id = :tenant AND state = 'resolved'",
            parameters,
        )
    ).one()
    dead = await uow.execute(
        "SELECT count(*) FROM dead_letter "
        "WHERE tenant_id = :tenant AND replayed_at IS NULL AND discarded_at IS NULL",
        parameters,
    )
    resolved = int(resolve.events) if resolve else 0
    stored = int(store.events) if store else 0
    now = uow.clock.now()

    def age_s(at: datetime | None) -> float:
        return 0.0 if at is None else max(0.0, uow.clock.real_seconds(now - at))

    return LogHealth(
        accepted=resolved + waiting.events,
        resolved=resolved,
        stored=stored,
        lag_events=waiting.events + resolved - stored,
        lag_s=max(age_s(waiting.oldest), age_s(unstored.oldest)),
        horizon_age_s=age_s(waiting.oldest),
        dead_letters=int(dead.scalar_one()),
    )
