"""Every statement of retention about PostgreSQL's tables."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.retention.contracts import (
    HeldArchive,
    Keep,
    KeepRule,
    RetentionRun,
    RunState,
    RunStep,
)


async def list_rules(uow: UnitOfWork) -> dict[str, KeepRule]:
    """Return the brand's rules by name; that of all others lies under ``EVERY_OTHER``."""
    rows = await uow.execute(
        "SELECT name, warehouse_days, archive_days, changed_by, changed_at FROM event_retention "
        "WHERE tenant_id = :tenant ORDER BY name",
        {"tenant": uow.tenant_id},
    )
    return {row.name: KeepRule(**{**row._mapping, "name": row.name or None}) for row in rows}


async def list_keeps(uow: UnitOfWork) -> dict[str, Keep]:
    """Return the days of the brand's rules by name."""
    return dict(await list_rules(uow))


async def save_rule(uow: UnitOfWork, name: str, keep: Keep, *, by: str) -> None:
    """Set the rule of a name."""
    await uow.execute(
        """
        INSERT INTO event_retention (tenant_id, name, warehouse_days, archive_days, changed_by, changed_at)
        VALUES (:tenant, :name, :warehouse, :archive, :by, :now)
        ON CONFLICT (tenant_id, name) DO UPDATE SET warehouse_days = excluded.warehouse_days,
            archive_days = excluded.archive_days, changed_by = excluded.changed_by,
            changed_at = excluded.changed_at
        """,
        {
            "tenant": uow.tenant_id,
            "name": name,
            "warehouse": keep.warehouse_days,
            "archive": keep.archive_days,
            "by": by,
            "now": uow.clock.now(),
        },
    )


async def delete_rule(uow: UnitOfWork, name: str) -> None:
    """Forget the rule of a name."""
    await uow.execute(
        "DELETE FROM event_retention WHERE tenant_id = :tenant AND name = :name",
        {"tenant": uow.tenant_id, "name": name},
    )


async def list_dropped(uow: UnitOfWork) -> dict[str, tuple[datetime, int]]:
    """Return by name up to when events were dropped, and how many."""
    rows = await uow.execute(
        "SELECT name, before, events FROM event_dropped WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return {row.name: (row.before, row.events) for row in rows}


async def intend(uow: UnitOfWork, before: Mapping[str, datetime]) -> None:
    """Write down, before it is done, up to when events of some names are dropped; never goes back."""
    if not before:
        return
    await (await uow.raw()).execute(
        """
        INSERT INTO event_dropped AS d (tenant_id, name, before, events, dropped_at)
        SELECT %(tenant)s, n, b, 0, %(now)s
        FROM unnest(%(names)s::text[], %(before)s::timestamptz[]) AS p (n, b)
        ON CONFLICT (tenant_id, name) DO UPDATE SET before = greatest(d.before, excluded.before),
            dropped_at = excluded.dropped_at
        """,
        {
            "tenant": uow.tenant_id,
            "names": list(before),
            "before": list(before.values()),
            "now": uow.clock.now(),
        },
    )


async def count_dropped(uow: UnitOfWork, counts: Mapping[str, int]) -> None:
    """Add what was dropped."""
    await (await uow.raw()).execute(
        "UPDATE event_dropped d SET events = d.events + p.events "
        "FROM unnest(%(names)s::text[], %(counts)s::bigint[]) AS p (name, events) "
        "WHERE d.tenant_id = %(tenant)s AND d.name = p.name",
        {"tenant": uow.tenant_id, "names": list(counts), "counts": list(counts.values())},
    )


_PASSED: Final = """
WITH reader AS (
    SELECT n.consumer, CASE WHEN c.position >= coalesce(b.count, 0) OR n.consumer = 'store'
        THEN c.batch_id ELSE c.batch_id - 1 END AS batch_id
    FROM unnest(CAST(:consumers AS text[])) AS n (consumer)
    LEFT JOIN log_cursor c ON c.tenant_id = :tenant AND c.consumer = n.consumer
    LEFT JOIN log_batch b ON b.tenant_id = :tenant AND b.batch_id = c.batch_id
)
SELECT least(
    coalesce((SELECT min(coalesce(batch_id, 0)) FROM reader), 0),
    coalesce((SELECT batch_id FROM event_counted WHERE tenant_id = :tenant), 0),
    (SELECT min(batch_id) - 1 FROM log_batch WHERE tenant_id = :tenant AND state <> 'stored')
) AS batch_id
"""


async def passed_batch(uow: UnitOfWork, consumers: Sequence[str]) -> int:
    """Return up to which batch everything is stored, counted and read by every subscriber."""
    names = ["store", *consumers]
    found = await uow.execute(_PASSED, {"tenant": uow.tenant_id, "consumers": names})
    return max(0, int(found.scalar_one() or 0))


async def oldest_waiting(uow: UnitOfWork, passed: int) -> datetime | None:
    """Return when the oldest event behind the passed batches was heard."""
    found = await uow.execute(
        "SELECT min(received_from) FROM log_batch WHERE tenant_id = :tenant AND batch_id > :passed",
        {"tenant": uow.tenant_id, "passed": passed},
    )
    oldest: datetime | None = found.scalar_one()
    return oldest


async def note_held(uow: UnitOfWork, first: int, last: int, held: Mapping[int, int]) -> None:
    """Write down how many of the batches ``first`` < … ≤ ``last`` the warehouse let go of."""
    await (await uow.raw()).execute(
        """
        UPDATE log_batch b SET dropped = greatest(0, b.count - coalesce(h.held, 0)) FROM (
            SELECT b.batch_id, h.held FROM log_batch b
            LEFT JOIN unnest(%(ids)s::bigint[], %(held)s::bigint[]) AS h (batch_id, held) USING (batch_id)
            WHERE b.tenant_id = %(tenant)s AND b.batch_id > %(first)s AND b.batch_id <= %(last)s
                AND b.state = 'stored'
        ) h WHERE b.tenant_id = %(tenant)s AND b.batch_id = h.batch_id
            AND b.dropped <> greatest(0, b.count - coalesce(h.held, 0))
        """,
        {
            "tenant": uow.tenant_id,
            "first": first,
            "last": last,
            "ids": list(held),
            "held": list(held.values()),
        },
    )


async def batches_behind(uow: UnitOfWork, after: int, upto: int, rows: int) -> int | None:
    """Return the last of the next ``rows`` batches behind ``after``; ``None`` when there is none."""
    found = await uow.execute(
        "SELECT max(batch_id) FROM (SELECT batch_id FROM log_batch WHERE tenant_id = :tenant "
        "AND batch_id > :after AND batch_id <= :upto ORDER BY batch_id LIMIT :rows) next",
        {"tenant": uow.tenant_id, "after": after, "upto": upto, "rows": rows},
    )
    last: int | None = found.scalar_one()
    return last


async def batch_began(uow: UnitOfWork, batch_id: int) -> datetime | None:
    """Return when the first event of a batch was heard."""
    found = await uow.execute(
        "SELECT received_from FROM log_batch WHERE tenant_id = :tenant AND batch_id = :batch",
        {"tenant": uow.tenant_id, "batch": batch_id},
    )
    began: datetime | None = found.scalar_one_or_none()
    return began


async def held_archive(uow: UnitOfWork, *, before: date | None = None) -> HeldArchive:
    """Return what the archive alone holds, of all days or of those before one."""
    found = await uow.execute(
        "SELECT count(*) AS files, coalesce(sum(events), 0)::bigint AS events, "
        "coalesce(sum(retired), 0)::bigint AS retired, coalesce(sum(bytes), 0)::bigint AS size_bytes, "
        "min(day) AS oldest_day FROM log_archive WHERE tenant_id = :tenant AND dropped_at IS NOT NULL "
        "AND (day < :before OR CAST(:before AS date) IS NULL)",
        {"tenant": uow.tenant_id, "before": before},
    )
    return HeldArchive(**found.one()._mapping)


# --- runs -------------------------------------------------------------------------------------------------


async def get_run(uow: UnitOfWork) -> tuple[RetentionRun, bool] | None:
    """Return the latest run, and whether another one was asked for."""
    found = await uow.execute(
        "SELECT day, state, step, done, total, events, archived, error, started_at, finished_at, is_due "
        "FROM event_retention_run WHERE tenant_id = :tenant",
        {"tenant": uow.tenant_id},
    )
    row = found.first()
    if row is None:
        return None
    held = dict(row._mapping)
    is_due = bool(held.pop("is_due"))
    return RetentionRun(**{**held, "state": RunState(row.state), "step": RunStep(row.step)}), is_due


async def begin_run(uow: UnitOfWork, day: date) -> None:
    """Begin the run of a day, or go on with it: what it dropped before it was cut short counts on."""
    await uow.execute(
        """
        INSERT INTO event_retention_run AS r (tenant_id, day, state, step, started_at)
        VALUES (:tenant, :day, 'running', 'warehouse', :now)
        ON CONFLICT (tenant_id) DO UPDATE SET day = excluded.day, state = 'running', step = 'warehouse',
            done = 0, total = 0, error = NULL, is_due = false, finished_at = NULL,
            events = CASE WHEN r.state = 'done' THEN 0 ELSE r.events END,
            archived = CASE WHEN r.state = 'done' THEN 0 ELSE r.archived END,
            started_at = CASE WHEN r.state = 'done' THEN excluded.started_at ELSE r.started_at END
        """,
        {"tenant": uow.tenant_id, "day": day, "now": uow.clock.now()},
    )


async def tell_run(uow: UnitOfWork, **values: Any) -> None:
    """Write down how far the run is; ``events`` and ``archived`` are added."""
    sets = ", ".join(f"{key} = {key} + :{key}" if key in _ADDED else f"{key} = :{key}" for key in values)
    await uow.execute(
        f"UPDATE event_retention_run SET {sets} WHERE tenant_id = :tenant",  # noqa: S608 - our own names.
        {"tenant": uow.tenant_id, **values},
    )


_ADDED: Final = ("events", "archived")


async def set_pending(uow: UnitOfWork, month: str, names: Mapping[str, int]) -> None:
    """Write down what is about to be dropped of a month; nothing: it is done and counted."""
    await uow.execute(
        "UPDATE event_retention_run SET pending = CAST(:pending AS jsonb) WHERE tenant_id = :tenant",
        {"tenant": uow.tenant_id, "pending": json.dumps([month, dict(names)]) if names else None},
    )


async def get_pending(uow: UnitOfWork) -> tuple[str, dict[str, int]]:
    """Return what was about to be dropped when a run was cut short."""
    found = await uow.execute(
        "SELECT pending FROM event_retention_run WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    month, names = found.scalar_one() or ("", {})
    return month, names


async def ask_for_run(uow: UnitOfWork) -> None:
    """Have the worker look again although it has done its work of the day."""
    await uow.execute(
        "UPDATE event_retention_run SET is_due = true WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
