"""Statements about what was read at each look."""

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.experiments.analysis.contracts import Reading


async def next_look(uow: UnitOfWork, experiment_id: int) -> int:
    """Return the number of the next look; whoever asks has the experiment locked."""
    rows = await uow.execute(
        "SELECT coalesce(max(look), 0) + 1 FROM experiment_reading "
        "WHERE tenant_id = :tenant AND experiment_id = :id",
        {"tenant": uow.tenant_id, "id": experiment_id},
    )
    return int(rows.scalar_one())


async def add(uow: UnitOfWork, experiment_id: int, reading: Reading) -> None:
    """Keep a look."""
    await uow.execute(
        "INSERT INTO experiment_reading (tenant_id, experiment_id, look, read_at, reading) "
        "VALUES (:tenant, :id, :look, :at, CAST(:reading AS jsonb))",
        {
            "tenant": uow.tenant_id,
            "id": experiment_id,
            "look": reading.look,
            "at": reading.at,
            "reading": reading.model_dump_json(),
        },
    )


async def list_latest(uow: UnitOfWork, experiment_id: int, limit: int) -> tuple[Reading, ...]:
    """Return looks, the newest first."""
    rows = await uow.execute(
        "SELECT reading FROM experiment_reading WHERE tenant_id = :tenant AND experiment_id = :id "
        "ORDER BY look DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "id": experiment_id, "limit": limit},
    )
    return tuple(Reading.model_validate(row.reading) for row in rows)
