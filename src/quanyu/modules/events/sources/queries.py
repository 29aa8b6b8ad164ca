"""Every statement of source health."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.sources.contracts import SourceTally, StageLag


@dataclass(frozen=True, slots=True)
class DaySum:
    """What the door heard of a source since a moment; ``last_at`` and ``last_name`` are the latest of all."""

    duplicates: int
    differs: int
    rejected: int
    quarantined: int
    late: int
    skewed: int
    skew_max_s: int
    last_at: datetime | None
    last_name: str


@dataclass(frozen=True, slots=True)
class SeenSum:
    """When events of a source were first and last counted, and of which name the last was."""

    first_at: datetime
    last_at: datetime
    last_name: str


async def sum_doors(uow: UnitOfWork, since: datetime) -> Mapping[str, DaySum]:
    """Return what the door heard by source."""
    rows = await uow.execute(
        """
        SELECT source,
            CAST(coalesce(sum(duplicates) FILTER (WHERE hour >= :since), 0) AS bigint) AS duplicates,
            CAST(coalesce(sum(differs) FILTER (WHERE hour >= :since), 0) AS bigint) AS differs,
            CAST(coalesce(sum(rejected) FILTER (WHERE hour >= :since), 0) AS bigint) AS rejected,
            CAST(coalesce(sum(quarantined) FILTER (WHERE hour >= :since), 0) AS bigint) AS quarantined,
            CAST(coalesce(sum(late) FILTER (WHERE hour >= :since), 0) AS bigint) AS late,
            CAST(coalesce(sum(skewed) FILTER (WHERE hour >= :since), 0) AS bigint) AS skewed,
            coalesce(max(skew_max_s) FILTER (WHERE hour >= :since), 0) AS skew_max_s,
            max(last_at) AS last_at,
            coalesce((array_agg(last_name ORDER BY last_at DESC NULLS LAST))[1], '') AS last_name
        FROM event_source_hour WHERE tenant_id = :tenant GROUP BY source
        """,
        {"tenant": uow.tenant_id, "since": since},
    )
    return {row.source: DaySum(*row[1:]) for row in rows}


async def sum_seen(uow: UnitOfWork) -> Mapping[str, SeenSum]:
    """Return what was counted of each source, whatever door it came through."""
    rows = await uow.execute(
        "SELECT source, min(first_at), max(last_at), (array_agg(name ORDER BY last_at DESC))[1] "
        "FROM event_seen WHERE tenant_id = :tenant GROUP BY source",
        {"tenant": uow.tenant_id},
    )
    return {row[0]: SeenSum(*row[1:]) for row in rows}


async def list_hours(uow: UnitOfWork, since: datetime) -> Mapping[str, Sequence[tuple[datetime, int]]]:
    """Return the hours that had events, ascending, by source.

    The catalogue counts behind the store; of a source that the door counts too, whoever is further.
    """
    rows = await uow.execute(
        """
        SELECT source, hour, CAST(max(events) AS bigint) AS events FROM (
            SELECT source, hour, sum(events) AS events FROM event_hour
            WHERE tenant_id = :tenant AND hour >= :since GROUP BY source, hour
            UNION ALL
            SELECT source, hour, accepted FROM event_source_hour
            WHERE tenant_id = :tenant AND hour >= :since AND accepted > 0
        ) AS counted GROUP BY source, hour ORDER BY source, hour
        """,
        {"tenant": uow.tenant_id, "since": since},
    )
    found: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in rows:
        found[row.source].append((row.hour, row.events))
    return found


async def list_key_sources(uow: UnitOfWork) -> frozenset[str]:
    """Return the sources that have a valid write key."""
    rows = await uow.execute(
        "SELECT DISTINCT source FROM write_key WHERE tenant_id = :tenant AND revoked_at IS NULL",
        {"tenant": uow.tenant_id},
    )
    return frozenset(row.source for row in rows)


_WAITING_MAX: Final = 100_000  # Counting further would cost more than it tells.


async def list_stages(uow: UnitOfWork, consumers: Sequence[str]) -> tuple[StageLag, ...]:
    """Return how far each stage is behind; for the platform role."""
    cursors = {
        row.consumer: row
        for row in await uow.execute(
            "SELECT consumer, xid::text AS xid, position, batch_id, events FROM log_cursor "
            "WHERE tenant_id = :tenant",
            {"tenant": uow.tenant_id},
        )
    }
    resolve, store = cursors.get("resolve"), cursors.get("store")
    at = {"xid": resolve.xid if resolve else "0", "position": resolve.position if resolve else 0}
    waiting = (
        await uow.execute(
            "SELECT count(*) AS events, min(received_at) AS oldest FROM (SELECT received_at FROM log_event "
            "WHERE tenant_id = :tenant AND (xid, position) > (CAST(:xid AS xid8), :position) "
            "ORDER BY xid, position LIMIT :most) AS waiting",
            {"tenant": uow.tenant_id, "most": _WAITING_MAX, **at},
        )
    ).one()
    resolved, stored = (int(one.events) if one else 0 for one in (resolve, store))
    stages = [_stage(uow, "resolve", waiting.events, waiting.oldest)]
    stages.append(_stage(uow, "store", resolved - stored, await _oldest(uow, store.batch_id if store else 0)))
    for consumer in consumers:
        one = cursors.get(consumer)
        behind = stored - (int(one.events) if one else 0)
        oldest = await _oldest(uow, one.batch_id if one else 0) if behind > 0 else None
        stages.append(_stage(uow, consumer, behind, oldest))
    return tuple(stages)


async def _oldest(uow: UnitOfWork, batch_id: int) -> datetime | None:
    """Return when the first event after a batch came."""
    found = await uow.execute(
        "SELECT min(received_from) FROM log_batch WHERE tenant_id = :tenant AND batch_id > :batch",
        {"tenant": uow.tenant_id, "batch": batch_id or 0},
    )
    oldest: datetime | None = found.scalar_one()
    return oldest


def _stage(uow: UnitOfWork, stage: str, events: int, oldest: datetime | None) -> StageLag:
    is_behind = events > 0 and oldest is not None
    seconds = uow.clock.real_seconds(uow.clock.now() - oldest) if is_behind and oldest else 0.0
    return StageLag(stage=stage, events=max(events, 0), seconds=round(max(seconds, 0.0), 1))


async def tally(uow: UnitOfWork, since: datetime) -> Mapping[str, SourceTally]:
    """Return what every source brought since a moment; of an hour counted twice, whoever is further."""
    rows = await uow.execute(
        """
        WITH counted AS (
            SELECT source, sum(events) AS events FROM (
                SELECT source, hour, max(events) AS events FROM (
                    SELECT source, hour, sum(events) AS events FROM event_hour
                    WHERE tenant_id = :tenant AND hour >= :since GROUP BY source, hour
                    UNION ALL
                    SELECT source, hour, accepted FROM event_source_hour
                    WHERE tenant_id = :tenant AND hour >= :since
                ) AS both_ways GROUP BY source, hour
            ) AS hours GROUP BY source
        ), door AS (
            SELECT source, sum(duplicates) AS duplicates, sum(differs) AS differs, sum(rejected) AS rejected,
                sum(quarantined) AS quarantined, sum(late) AS late
            FROM event_source_hour WHERE tenant_id = :tenant AND hour >= :since GROUP BY source
        ), plan AS (
            SELECT source, sum(count) AS off_plan FROM event_issue
            WHERE tenant_id = :tenant AND hour >= :since AND outcome = 'warned' GROUP BY source
        )
        SELECT source, coalesce(events, 0)::bigint, coalesce(duplicates, 0)::bigint,
            coalesce(differs, 0)::bigint, coalesce(rejected, 0)::bigint, coalesce(quarantined, 0)::bigint,
            coalesce(late, 0)::bigint, coalesce(off_plan, 0)::bigint
        FROM counted FULL JOIN door USING (source) LEFT JOIN plan USING (source)
        WHERE source <> '' ORDER BY source
        """,
        {"tenant": uow.tenant_id, "since": since},
    )
    names = tuple(SourceTally.model_fields)
    return {row[0]: SourceTally(**dict(zip(names, row[1:], strict=True))) for row in rows}
