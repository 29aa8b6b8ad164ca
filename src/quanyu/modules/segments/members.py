"""Every query of segments' members on PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Member:
    """A row of ``segment_member``."""

    person_id: int
    since: datetime


class MemberQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def drop(self, segment_id: int, limit: int) -> int:
        """Remove some members of a deleted segment; return how many."""
        found = await self._uow.execute(
            "DELETE FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id AND person_id IN "
            "(SELECT person_id FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "LIMIT :limit)",
            {"tenant": self._tenant, "id": segment_id, "limit": limit},
        )
        return int(found.rowcount)

    async def page(self, segment_id: int, *, after: int, limit: int) -> list[Member]:
        """Return members by ascending person id."""
        found = await self._uow.execute(
            "SELECT person_id, since FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "AND person_id > :after ORDER BY person_id LIMIT :limit",
            {"tenant": self._tenant, "id": segment_id, "after": after, "limit": limit},
        )
        return [Member(row.person_id, row.since) for row in found]

    async def list_ids(self, segment_id: int) -> list[int]:
        """Return every member, ascending."""
        found = await self._uow.execute(
            "SELECT coalesce(array_agg(person_id ORDER BY person_id), '{}') FROM segment_member "
            "WHERE tenant_id = :tenant AND segment_id = :id",
            {"tenant": self._tenant, "id": segment_id},
        )
        return list(found.scalar_one())

    async def list_since(self, segment_id: int) -> dict[int, int]:
        """Return every member with the millisecond since when."""
        found = await self._uow.execute(
            "SELECT coalesce(array_agg(person_id), '{}') AS people, "
            "coalesce(array_agg(floor(extract(epoch FROM since) * 1000)::bigint), '{}') AS since "
            "FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id",
            {"tenant": self._tenant, "id": segment_id},
        )
        row = found.one()
        return dict(zip(row.people, row.since, strict=True))

    async def since_of(self, segment_id: int, people: Sequence[int]) -> dict[int, datetime]:
        """Return since when those of the people who are members are."""
        found = await self._uow.execute(
            "SELECT person_id, since FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "AND person_id = ANY(CAST(:people AS int[]))",
            {"tenant": self._tenant, "id": segment_id, "people": list(people)},
        )
        return {row.person_id: row.since for row in found}

    async def find(self, segment_id: int, person_ids: Sequence[int]) -> set[int]:
        """Return which of the people are members."""
        found = await self._uow.execute(
            "SELECT person_id FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "AND person_id = ANY(CAST(:people AS int[]))",
            {"tenant": self._tenant, "id": segment_id, "people": list(person_ids)},
        )
        return {row.person_id for row in found}

    async def list_of_person(self, person_id: int) -> list[tuple[int, str, datetime, bool]]:
        """Return (id, name, since, is it a list) of the segments a person is in, the latest first."""
        found = await self._uow.execute(
            "SELECT s.id, s.name, m.since, l.id IS NOT NULL AS is_list FROM segment_member m JOIN segment s "
            "ON s.tenant_id = m.tenant_id AND s.id = m.segment_id AND s.deleted_at IS NULL AND s.owner = '' "
            "LEFT JOIN segment_list l ON l.tenant_id = s.tenant_id AND l.segment_id = s.id "
            "WHERE m.tenant_id = :tenant AND m.person_id = :person ORDER BY m.since DESC, s.id",
            {"tenant": self._tenant, "person": person_id},
        )
        return [(row.id, row.name, row.since, row.is_list) for row in found]

    async def add(self, segment_id: int, people: Mapping[int, datetime]) -> int:
        """Add members, with since when; return how many were new."""
        found = await self._uow.execute(
            "INSERT INTO segment_member (tenant_id, segment_id, person_id, since) "
            "SELECT :tenant, :id, m.person, m.since "
            "FROM unnest(CAST(:people AS int[]), CAST(:since AS timestamptz[])) AS m (person, since) "
            "ON CONFLICT DO NOTHING",
            {
                "tenant": self._tenant,
                "id": segment_id,
                "people": list(people),
                "since": list(people.values()),
            },
        )
        return int(found.rowcount)

    async def adopt(self, segment_id: int, moves: Sequence[tuple[int, int]]) -> int:
        """Give people the memberships they had under other ids, (old id, new id); return how many were new.

        Of several memberships the first counts.
        """
        found = await self._uow.execute(
            "INSERT INTO segment_member (tenant_id, segment_id, person_id, since) "
            "SELECT :tenant, :id, move.new, min(m.since) "
            "FROM unnest(CAST(:old AS int[]), CAST(:new AS int[])) AS move (old, new) "
            "JOIN segment_member m "
            "ON m.tenant_id = :tenant AND m.segment_id = :id AND m.person_id = move.old "
            "GROUP BY move.new ON CONFLICT (tenant_id, segment_id, person_id) DO UPDATE "
            "SET since = least(segment_member.since, excluded.since) RETURNING xmax = 0 AS is_new",
            {
                "tenant": self._tenant,
                "id": segment_id,
                "old": [old for old, _ in moves],
                "new": [new for _, new in moves],
            },
        )
        return sum(row.is_new for row in found)

    async def remove(self, segment_id: int, people: Sequence[int]) -> int:
        """Remove members; return how many there were."""
        found = await self._uow.execute(
            "DELETE FROM segment_member WHERE tenant_id = :tenant AND segment_id = :id "
            "AND person_id = ANY(CAST(:people AS int[]))",
            {"tenant": self._tenant, "id": segment_id, "people": list(people)},
        )
        return int(found.rowcount)
