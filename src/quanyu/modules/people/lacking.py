"""Who of some people lacks which attribute, asked for all of them at once."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId

# Who was told of under any of their ids has it; who cleared it under one of several is not told apart.
_HAS = """
    SELECT m.canonical_id AS person_id, a.key
    FROM person m JOIN person_attribute a ON a.tenant_id = m.tenant_id AND a.person_id = m.id
    WHERE m.tenant_id = :tenant AND m.canonical_id = ANY(CAST(:people AS int[]))
        AND a.key = ANY(CAST(:keys AS text[])) AND (a.value IS NOT NULL OR a.sealed IS NOT NULL)
    GROUP BY 1, 2
"""


class LackingAttributes:
    """Counts and lists people by the attributes they do not have."""

    async def count(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> Mapping[str, int]:
        """Return how many of ``people`` lack each attribute."""
        rows = await uow.execute(
            f"SELECT key, count(*) AS people FROM ({_HAS}) AS h GROUP BY key",  # noqa: S608
            {"tenant": uow.tenant_id, "people": list(people), "keys": list(keys)},
        )
        having = {str(row.key): int(row.people) for row in rows}
        return {key: len(people) - having.get(key, 0) for key in keys}

    async def count_any(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> int:
        """Return how many of ``people`` lack at least one of some attributes."""
        wanted = sorted(set(keys))
        rows = await uow.execute(
            f"SELECT count(*) FROM (SELECT person_id FROM ({_HAS}) AS h "  # noqa: S608
            "GROUP BY person_id HAVING count(*) = :wanted) AS complete",
            {"tenant": uow.tenant_id, "people": list(people), "keys": wanted, "wanted": len(wanted)},
        )
        return len(people) - int(rows.scalar_one()) if wanted else 0

    async def list_people(
        self, uow: UnitOfWork, people: Sequence[int], key: str, *, after: int, rows_max: int
    ) -> list[PersonId]:
        """Return some of those who lack an attribute, behind an id, by id."""
        rows = await uow.execute(
            f"""
            SELECT p.id FROM unnest(CAST(:people AS int[])) AS p (id)
            WHERE p.id > :after AND NOT EXISTS (SELECT FROM ({_HAS}) AS h WHERE h.person_id = p.id)
            ORDER BY p.id LIMIT :rows
            """,  # noqa: S608
            {
                "tenant": uow.tenant_id,
                "people": list(people),
                "keys": [key],
                "after": after,
                "rows": rows_max,
            },
        )
        return [PersonId(row.id) for row in rows]
