"""Statements and policies, as stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.profile.winning import Policy


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of ``person_attribute`` or ``person_attribute_past``."""

    person_id: int
    source: str
    attribute_class: str
    value: Any
    sealed: bytes | None
    first_at: datetime
    occurred_at: datetime
    position: int
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A row of ``attribute_policy``."""

    key: str
    policy: Policy
    sources: tuple[str, ...]
    actor: str
    changed_at: datetime
    recopy_from: int | None


class ProfileQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def statements(self, people: Sequence[int], key: str) -> list[StatementRow]:
        """Return everything told of one attribute of these person ids."""
        found = await self._run(
            """
            SELECT person_id, source, class, value, sealed, coalesce(first_at, occurred_at) AS first_at,
                occurred_at, position, digest
            FROM person_attribute WHERE tenant_id = :tenant AND person_id = ANY(:people) AND key = :key
            UNION ALL
            SELECT person_id, source, class, value, sealed, first_at, occurred_at, position, digest
            FROM person_attribute_past WHERE tenant_id = :tenant AND person_id = ANY(:people) AND key = :key
            """,
            people=list(people),
            key=key,
        )
        return [StatementRow(*row) for row in found]

    async def policies(self) -> list[PolicyRow]:
        """Return every policy of the brand's own, by key."""
        found = await self._run(
            "SELECT key, policy, sources, actor, changed_at, recopy_from FROM attribute_policy "
            "WHERE tenant_id = :tenant AND (policy <> 'newest' OR recopy_from IS NOT NULL) ORDER BY key"
        )
        return [PolicyRow(row.key, Policy(row.policy), tuple(row.sources), *row[3:]) for row in found]

    async def policy_of(self, key: str) -> tuple[Policy, tuple[str, ...]]:
        """Return how one attribute is decided, and by which sources first."""
        found = await self._run(
            "SELECT policy, sources FROM attribute_policy WHERE tenant_id = :tenant AND key = :key", key=key
        )
        row = found.first()
        return (Policy.NEWEST, ()) if row is None else (Policy(row.policy), tuple(row.sources))

    async def set_policy(self, key: str, policy: Policy, sources: Sequence[str], *, actor: str) -> None:
        """Say how an attribute is decided; profiles in the warehouse have to follow from the first on."""
        await self._run(
            """
            INSERT INTO attribute_policy (tenant_id, key, policy, sources, actor, changed_at, recopy_from)
            VALUES (:tenant, :key, :policy, CAST(:sources AS text[]), :actor, :now, 0)
            ON CONFLICT (tenant_id, key) DO UPDATE SET policy = excluded.policy, sources = excluded.sources,
                actor = excluded.actor, changed_at = excluded.changed_at, recopy_from = 0
            """,
            key=key,
            policy=policy.value,
            sources=list(sources),
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def profiles_to_recopy(self, slice_size: int) -> tuple[str, list[int]] | None:
        """Return the next profiles that have an attribute whose policy changed; ``None`` when all follow."""
        found = await self._run(
            "SELECT key, recopy_from FROM attribute_policy "
            "WHERE tenant_id = :tenant AND recopy_from IS NOT NULL "
            "ORDER BY key LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
        row = found.first()
        if row is None:
            return None
        people = await self._run(
            """
            SELECT p.id, p.canonical_id, a.key IS NOT NULL AS has_it
            FROM (
                SELECT id, canonical_id FROM person WHERE tenant_id = :tenant AND id >= :from_id
                ORDER BY id LIMIT :size
            ) p LEFT JOIN person_attribute a ON a.tenant_id = :tenant AND a.person_id = p.id AND a.key = :key
            ORDER BY p.id
            """,
            from_id=row.recopy_from,
            size=slice_size,
            key=row.key,
        )
        rows = people.all()
        await self._run(
            "UPDATE attribute_policy SET recopy_from = :next WHERE tenant_id = :tenant AND key = :key",
            next=rows[-1].id + 1 if len(rows) == slice_size else None,
            key=row.key,
        )
        return row.key, sorted({one.canonical_id for one in rows if one.has_it})

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
