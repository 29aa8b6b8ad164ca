"""Changes of many people, as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork

_SHOWN: Final = (
    "id, added, removed, cardinality(people) AS size, audience, expires_at, actor, done, changed, "
    "created_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of ``person_tag_job``, without its people."""

    id: int
    added: list[int]
    removed: list[int]
    size: int
    audience: str
    expires_at: datetime | None
    actor: str
    done: int
    changed: int
    created_at: datetime
    finished_at: datetime | None


class JobQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, job_id: int, people: Sequence[int], **values: Any) -> None:
        """Ask for a change."""
        await self._run(
            "INSERT INTO person_tag_job (tenant_id, id, added, removed, people, audience, expires_at, actor, "
            "created_at) VALUES (:tenant, :id, CAST(:added AS bigint[]), CAST(:removed AS bigint[]), "
            "CAST(:people AS int[]), :audience, :expires_at, :actor, :now)",
            id=job_id,
            people=list(people),
            now=self._uow.clock.now(),
            **values,
        )

    async def latest(self, limit: int) -> list[JobRow]:
        """Return the newest jobs."""
        found = await self._run(
            f"SELECT {_SHOWN} FROM person_tag_job WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",  # noqa: S608
            limit=limit,
        )
        return [JobRow(*row) for row in found]

    async def claim(self, slice_size: int) -> tuple[JobRow, list[int]] | None:
        """Return the oldest open job and its next people, and hold it; ``None`` when none is free."""
        found = await self._run(
            f"SELECT {_SHOWN}, people[done + 1:done + :size] AS people FROM person_tag_job "  # noqa: S608
            "WHERE tenant_id = :tenant AND finished_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
            size=slice_size,
        )
        row = found.first()
        return None if row is None else (JobRow(*row[:-1]), list(row.people))

    async def advance(self, job: JobRow, *, done: int, changed: int) -> None:
        """Note how far a job has come."""
        is_over = job.done + done >= job.size
        await self._run(
            "UPDATE person_tag_job SET done = done + :done, changed = changed + :changed, "
            "finished_at = :finished WHERE tenant_id = :tenant AND id = :id",
            id=job.id,
            done=done,
            changed=changed,
            finished=self._uow.clock.now() if is_over else None,
        )

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
