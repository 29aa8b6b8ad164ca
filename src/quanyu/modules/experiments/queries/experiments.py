"""Statements about experiments, and about the share that is held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.experiments.contracts import ExperimentStatus, SaveExperiment


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """An experiment as it is stored."""

    id: int
    status: ExperimentStatus
    plan: SaveExperiment
    seed: str
    hash_version: int
    layer_part: tuple[int, int] | None
    winner: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldoutRow:
    """Who is held out: the buckets of a seed below the share."""

    share_bps: int
    seed: str
    since: datetime


_COLUMNS = (
    "id, status, plan, seed, hash_version, layer_from, layer_to, winner, created_at, started_at, ended_at"
)


async def insert(uow: UnitOfWork, row: ExperimentRow) -> None:
    """Insert a draft."""
    await uow.execute(
        "INSERT INTO experiment (tenant_id, id, name, status, plan, seed, hash_version, created_at) "
        "VALUES (:tenant, :id, :name, :status, CAST(:plan AS jsonb), :seed, :hash_version, :now)",
        {
            "tenant": uow.tenant_id,
            "id": row.id,
            "name": row.plan.name,
            "status": row.status,
            "plan": row.plan.model_dump_json(),
            "seed": row.seed,
            "hash_version": row.hash_version,
            "now": row.created_at,
        },
    )


async def count(uow: UnitOfWork) -> int:
    """Return how many experiments the brand has."""
    rows = await uow.execute(
        "SELECT count(*) FROM experiment WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return int(rows.scalar_one())


async def list_all(uow: UnitOfWork, limit: int) -> list[ExperimentRow]:
    """Return the brand's experiments, newest first."""
    rows = await uow.execute(
        f"SELECT {_COLUMNS} FROM experiment WHERE tenant_id = :tenant "  # noqa: S608 - a constant.
        "ORDER BY id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "limit": limit},
    )
    return [_row(row) for row in rows]


async def find(uow: UnitOfWork, experiment_id: int) -> ExperimentRow | None:
    """Return one experiment."""
    return await _one(uow, experiment_id, "")


async def lock(uow: UnitOfWork, experiment_id: int) -> ExperimentRow | None:
    """Return one experiment, locked until the transaction ends."""
    return await _one(uow, experiment_id, " FOR UPDATE")


async def save_plan(uow: UnitOfWork, experiment_id: int, plan: SaveExperiment) -> None:
    """Replace the plan."""
    await uow.execute(
        "UPDATE experiment SET name = :name, plan = CAST(:plan AS jsonb) "
        "WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": experiment_id, "name": plan.name, "plan": plan.model_dump_json()},
    )


async def delete(uow: UnitOfWork, experiment_id: int) -> None:
    """Delete a draft."""
    await uow.execute(
        "DELETE FROM experiment WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": experiment_id},
    )


async def lock_layer(uow: UnitOfWork, layer: str) -> None:
    """Take turns with whoever else places an experiment in this layer."""
    await uow.execute(
        "SELECT pg_advisory_xact_lock(:tenant, hashtext(:name))",
        {"tenant": uow.tenant_id, "name": f"experiments.layer:{layer}"},
    )


async def parts_of_layer(uow: UnitOfWork, layer: str) -> list[tuple[int, int]]:
    """Return the parts of a layer that running experiments have."""
    rows = await uow.execute(
        "SELECT layer_from, layer_to FROM experiment WHERE tenant_id = :tenant AND layer = :layer "
        "AND status = 'running' AND layer_from IS NOT NULL ORDER BY layer_from",
        {"tenant": uow.tenant_id, "layer": layer},
    )
    return [(row.layer_from, row.layer_to) for row in rows]


async def start(
    uow: UnitOfWork, experiment_id: int, *, layer: str, part: tuple[int, int] | None, now: datetime
) -> None:
    """Let it run."""
    begin, end = part or (None, None)
    await uow.execute(
        "UPDATE experiment SET status = 'running', started_at = :now, layer = :layer, "
        "layer_from = CAST(:begin AS int), layer_to = CAST(:end AS int) "
        "WHERE tenant_id = :tenant AND id = :id",
        {
            "tenant": uow.tenant_id,
            "id": experiment_id,
            "now": now,
            "layer": layer,
            "begin": begin,
            "end": end,
        },
    )


async def end(
    uow: UnitOfWork, experiment_id: int, status: ExperimentStatus, *, winner: str | None, now: datetime
) -> None:
    """Let nobody new in, or give everybody one arm."""
    await uow.execute(
        "UPDATE experiment SET status = :status, winner = :winner, ended_at = coalesce(ended_at, :now) "
        "WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": experiment_id, "status": status, "winner": winner, "now": now},
    )


async def find_holdout(uow: UnitOfWork) -> HoldoutRow | None:
    """Return who is held out, if that was ever set."""
    rows = await uow.execute(
        "SELECT share_bps, seed, since FROM holdout WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    row = rows.one_or_none()
    return None if row is None else HoldoutRow(row.share_bps, row.seed, row.since)


async def save_holdout(uow: UnitOfWork, row: HoldoutRow) -> None:
    """Set who is held out."""
    await uow.execute(
        "INSERT INTO holdout (tenant_id, share_bps, seed, since) VALUES (:tenant, :share, :seed, :since) "
        "ON CONFLICT (tenant_id) DO UPDATE SET share_bps = excluded.share_bps, seed = excluded.seed, "
        "since = excluded.since",
        {"tenant": uow.tenant_id, "share": row.share_bps, "seed": row.seed, "since": row.since},
    )


async def _one(uow: UnitOfWork, experiment_id: int, locking: str) -> ExperimentRow | None:
    rows = await uow.execute(
        f"SELECT {_COLUMNS} FROM experiment WHERE tenant_id = :tenant AND id = :id{locking}",  # noqa: S608
        {"tenant": uow.tenant_id, "id": experiment_id},
    )
    found: Sequence[Any] = rows.all()
    return _row(found[0]) if found else None


def _row(row: Any) -> ExperimentRow:
    return ExperimentRow(
        id=row.id,
        status=ExperimentStatus(row.status),
        plan=SaveExperiment.model_validate(row.plan),
        seed=row.seed,
        hash_version=row.hash_version,
        layer_part=None if row.layer_from is None else (row.layer_from, row.layer_to),
        winner=row.winner,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
