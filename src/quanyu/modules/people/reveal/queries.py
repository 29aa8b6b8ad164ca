"""Every statement on ``person_reveal``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id


class RevealQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self, user_id: int) -> None:
        """Let one call of a user count after the other, until the end of the transaction."""
        await self._run(
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
            key=f"person_reveal:{self._uow.tenant_id}:{user_id}",
        )

    async def count_since(self, user_id: int, since: datetime) -> int:
        """Return how often a user saw somebody in full since an instant."""
        found = await self._run(
            "SELECT count(*) FROM person_reveal "
            "WHERE tenant_id = :tenant AND user_id = :user AND at > :since",
            user=user_id,
            since=since,
        )
        return int(found.scalar_one())

    async def add(
        self, person_id: int, *, user_id: int, actor: str, fields: Sequence[str], reason: str
    ) -> None:
        """Write down that somebody is shown fields of a person."""
        await self._run(
            "INSERT INTO person_reveal (tenant_id, id, person_id, user_id, actor, fields, reason, at) "
            "VALUES (:tenant, :id, :person, :user, :actor, :fields, :reason, :now)",
            id=new_id(),
            person=person_id,
            user=user_id,
            actor=actor,
            fields=list(fields),
            reason=reason,
            now=self._uow.clock.now(),
        )

    async def of_people(self, people: Sequence[int], *, limit: int) -> Sequence[Any]:
        """Return who saw what of a person under any of their ids, newest first."""
        found = await self._run(
            "SELECT fields, reason, actor, at FROM person_reveal WHERE tenant_id = :tenant "
            "AND person_id = ANY(CAST(:people AS int[])) ORDER BY at DESC, id DESC LIMIT :limit",
            people=list(people),
            limit=limit,
        )
        rows: Sequence[Any] = found.all()
        return rows

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
