"""Jobs about many people, as stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.bulk.errors import JobNotFound

_SHOWN: Final = (
    "id, kind, state, deed, cardinality(people) AS size, done, changed, failed, actor, created_at, "
    "finished_at, undoes, undone_by"
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of ``people_job``, without its people."""

    id: int
    kind: str
    state: str
    deed: dict[str, Any]
    size: int
    done: int
    changed: int
    failed: int
    actor: str
    created_at: datetime
    finished_at: datetime | None
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What a job did to one thing of one person: enough to take it back exactly, and no value of anybody."""

    person_id: int
    thing: str
    before: Any
    after: Any


class PeopleJobQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(
        self,
        job_id: int,
        people: Sequence[int],
        *,
        kind: str,
        deed: Mapping[str, Any],
        actor: str,
        undoes: int | None = None,
    ) -> None:
        """Ask for a job about people, ascending."""
        await self._run(
            "INSERT INTO people_job (tenant_id, id, kind, deed, people, actor, created_at, undoes) VALUES "
            "(:tenant, :id, :kind, CAST(:deed AS jsonb), CAST(:people AS int[]), :actor, :now, :undoes)",
            id=job_id,
            kind=kind,
            deed=_json(deed),
            people=list(people),
            actor=actor,
            now=self._uow.clock.now(),
            undoes=undoes,
        )

    async def latest(self, limit: int) -> list[JobRow]:
        """Return the newest jobs."""
        found = await self._run(
            f"SELECT {_SHOWN} FROM people_job WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit",  # noqa: S608
            limit=limit,
        )
        return [JobRow(*row) for row in found]

    async def get(self, job_id: int, *, lock: bool = False) -> JobRow:
        """Return a job.

        Raises:
            JobNotFound: there is none.
        """
        held = "FOR UPDATE" if lock else ""
        found = await self._run(
            f"SELECT {_SHOWN} FROM people_job WHERE tenant_id = :tenant AND id = :id {held}",  # noqa: S608
            id=job_id,
        )
        row = found.first()
        if row is None:
            raise JobNotFound("the brand has no such job", message_zh="没有这个任务")
        return JobRow(*row)

    async def claim(self, size: int) -> tuple[JobRow, list[int]] | None:
        """Return the oldest running job and its next people, and hold it; ``None`` when none is free."""
        found = await self._run(
            f"SELECT {_SHOWN}, people[done + 1:done + :size] AS next FROM people_job "  # noqa: S608
            "WHERE tenant_id = :tenant AND state = 'running' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
            size=size,
        )
        row = found.first()
        return None if row is None else (JobRow(*row[:-1]), list(row.next))

    async def advance(self, job: JobRow, *, done: int, changed: int, failed: int) -> None:
        """Note how far a job has come; after its last person it is over."""
        is_over = job.done + done >= job.size
        await self._run(
            "UPDATE people_job SET done = done + :done, changed = changed + :changed, "
            "failed = failed + :failed, state = CASE WHEN :over THEN 'done' ELSE state END, "
            "finished_at = :finished WHERE tenant_id = :tenant AND id = :id",
            id=job.id,
            done=done,
            changed=changed,
            failed=failed,
            over=is_over,
            finished=self._uow.clock.now() if is_over else None,
        )

    async def cancel(self, job_id: int) -> None:
        """End a running job where it is."""
        await self._run(
            "UPDATE people_job SET state = 'cancelled', finished_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            id=job_id,
            now=self._uow.clock.now(),
        )

    async def mark_undone(self, job_id: int, *, by: int) -> None:
        """Note which job takes this one back."""
        await self._run(
            "UPDATE people_job SET undone_by = :by WHERE tenant_id = :tenant AND id = :id", id=job_id, by=by
        )

    async def among(self, job_id: int, people: Sequence[int]) -> set[int]:
        """Return which of the ids are among a job's people."""
        found = await self._run(
            "SELECT w.id FROM unnest(CAST(:people AS int[])) AS w (id) JOIN "
            "(SELECT unnest(people) AS id FROM people_job WHERE tenant_id = :tenant AND id = :job) j "
            "USING (id)",
            people=list(people),
            job=job_id,
        )
        return {row.id for row in found}

    async def note_steps(self, job_id: int, steps: Iterable[Step]) -> None:
        """Remember what was done, to take it back."""
        rows = list(steps)
        if rows:
            await self._run(
                """
                INSERT INTO people_job_step (tenant_id, job_id, person_id, thing, before, after)
                SELECT :tenant, :job, s.person_id, s.thing, s.before::jsonb, s.after::jsonb
                FROM unnest(CAST(:people AS int[]), CAST(:things AS text[]), CAST(:befores AS text[]),
                    CAST(:afters AS text[])) AS s (person_id, thing, before, after)
                """,
                job=job_id,
                people=[one.person_id for one in rows],
                things=[one.thing for one in rows],
                befores=[_json(one.before) for one in rows],
                afters=[_json(one.after) for one in rows],
            )

    async def steps_of(self, job_id: int, people: Sequence[int]) -> list[Step]:
        """Return what a job did to some person ids."""
        found = await self._run(
            "SELECT person_id, thing, before, after FROM people_job_step WHERE tenant_id = :tenant "
            "AND job_id = :job AND person_id = ANY(CAST(:people AS int[])) ORDER BY person_id, thing",
            job=job_id,
            people=list(people),
        )
        return [Step(*row) for row in found]

    async def people_with_steps(self, job_id: int) -> list[int]:
        """Return the person ids a job did something to, ascending."""
        found = await self._run(
            "SELECT coalesce(array_agg(DISTINCT person_id ORDER BY person_id), '{}') FROM people_job_step "
            "WHERE tenant_id = :tenant AND job_id = :job",
            job=job_id,
        )
        return list(found.scalar_one())

    async def note_failures(self, job_id: int, failures: Sequence[tuple[int, str]]) -> None:
        """Remember who was not treated, and why."""
        if failures:
            await self._run(
                "INSERT INTO people_job_failure (tenant_id, job_id, person_id, reason) "
                "SELECT :tenant, :job, f.person_id, f.reason "
                "FROM unnest(CAST(:people AS int[]), CAST(:reasons AS text[])) AS f (person_id, reason) "
                "ON CONFLICT DO NOTHING",
                job=job_id,
                people=[person for person, _ in failures],
                reasons=[reason for _, reason in failures],
            )

    async def failures(self, job_id: int, *, after: int, limit: int) -> list[tuple[int, str]]:
        """Return (person id, reason) after a person id, ascending."""
        found = await self._run(
            "SELECT person_id, reason FROM people_job_failure WHERE tenant_id = :tenant AND job_id = :job "
            "AND person_id > :after ORDER BY person_id LIMIT :limit",
            job=job_id,
            after=after,
            limit=limit,
        )
        return [(row.person_id, row.reason) for row in found]

    async def forget_steps(self, before: datetime, limit: int) -> int:
        """Forget what can no longer be taken back; return how many steps."""
        found = await self._run(
            """
            DELETE FROM people_job_step s USING (
                SELECT t.tenant_id, t.job_id, t.person_id, t.thing FROM people_job j
                JOIN people_job_step t ON t.tenant_id = j.tenant_id AND t.job_id = j.id
                WHERE j.tenant_id = :tenant AND j.created_at < :before LIMIT :limit
            ) old
            WHERE (s.tenant_id, s.job_id, s.person_id, s.thing)
                = (old.tenant_id, old.job_id, old.person_id, old.thing)
            """,
            before=before,
            limit=limit,
        )
        return int(found.rowcount)

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
