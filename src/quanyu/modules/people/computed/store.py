"""Values of computed attributes as rows of ``person_attribute``: reading many at once, and removing them.

A value is kept under the canonical person it was computed for. As with every attribute, the newest over all
merged ids counts, so a merge shows the later computed one until the computation has caught up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people import graph_queries
from quanyu.modules.people.computed.keys import attribute_key
from quanyu.modules.people.profile_queries import list_attributes, list_members


@dataclass(slots=True)
class Held:
    """What is kept of one profile: values by attribute key, and the keys not yet written under itself."""

    values: dict[str, Any] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)


class ComputedStore:
    """Reads of one unit of work. Values are written by ``People.set_attributes``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def profiles_after(self, after: int, limit: int) -> list[int]:
        """Return canonical ids in order, beyond ``after``."""
        found = await self._uow.execute(
            "SELECT id FROM person WHERE tenant_id = :tenant AND canonical_id = id AND id > :after "
            "ORDER BY id LIMIT :limit",
            {"tenant": self._tenant, "after": after, "limit": limit},
        )
        return [row.id for row in found]

    async def sample(self, limit: int) -> tuple[list[int], int]:
        """Return up to ``limit`` canonical ids spread over all, and how many there are."""
        found = await self._uow.execute(
            "SELECT people FROM identity_version WHERE tenant_id = :tenant", {"tenant": self._tenant}
        )
        row = found.first()
        total = 0 if row is None else int(row.people)
        step = max(1, -(-total // limit))
        found = await self._uow.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM person "
            "WHERE tenant_id = :tenant AND canonical_id = id) p WHERE place % :step = 0 "
            "ORDER BY id LIMIT :limit",
            {"tenant": self._tenant, "step": step, "limit": limit},
        )
        return [row.id for row in found], total

    async def canonical(self, people: Iterable[int]) -> set[int]:
        """Return who the given ids stand for today; unknown ones are left out."""
        found = await self._uow.execute(
            "SELECT DISTINCT p.canonical_id FROM unnest(CAST(:people AS int[])) AS w (id) "
            "JOIN person p ON p.tenant_id = :tenant AND p.id = w.id",
            {"tenant": self._tenant, "people": list(people)},
        )
        return {row.canonical_id for row in found}

    async def members(self, profiles: Sequence[int]) -> list[int]:
        """Return every id the given canonical people are made of, themselves included."""
        found = await self._uow.execute(
            "SELECT p.id FROM unnest(CAST(:people AS int[])) AS w (id) "
            "JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id AND p.canonical_id <> p.id",
            {"tenant": self._tenant, "people": list(profiles)},
        )
        return sorted({*profiles, *(row.id for row in found)})

    async def held(self, profiles: Sequence[int], keys: Sequence[str]) -> dict[int, Held]:
        """Return what is kept of canonical people under the given attribute keys."""
        found = await self._uow.execute(
            """
            WITH wanted AS (SELECT unnest(CAST(:people AS int[])) AS id), member AS (
                SELECT id AS profile, id FROM wanted
                UNION ALL
                SELECT p.canonical_id, p.id FROM wanted w JOIN person p
                    ON p.tenant_id = :tenant AND p.canonical_id = w.id AND p.canonical_id <> p.id
            )
            SELECT m.profile, m.id, a.key, a.value FROM member m
            JOIN person_attribute a ON a.tenant_id = :tenant AND a.person_id = m.id
            WHERE a.key = ANY(CAST(:keys AS text[])) AND a.sealed IS NULL
            ORDER BY m.profile, a.key, a.occurred_at DESC, a.position DESC, a.person_id
            """,
            {"tenant": self._tenant, "people": list(profiles), "keys": list(keys)},
        )
        held: dict[int, Held] = {one: Held() for one in profiles}
        seen: set[tuple[int, str]] = set()
        for profile, person, key, value in found:
            if (profile, key) in seen:
                continue
            seen.add((profile, key))
            if value is not None:
                held[profile].values[key] = value
            if person != profile:
                held[profile].elsewhere.add(key)
        return held

    async def told(self, profiles: Sequence[int], keys: Sequence[str]) -> dict[int, dict[str, Any]]:
        """Return what was told of canonical people under the given keys; sealed values are left out."""
        if not keys:
            return {}
        members = await list_members(self._uow, profiles)
        found: dict[int, dict[str, Any]] = {}
        for one in await list_attributes(self._uow, members, keys=keys):
            if one.sealed is None:
                found.setdefault(one.profile, {})[one.key] = one.value
        return found

    async def forget(self, key: str, *, limit: int) -> int:
        """Remove some of an attribute's values for good; return how many."""
        connection = await self._uow.raw()
        await graph_queries.lock_version(connection, self._tenant)
        cursor = await connection.execute(
            "DELETE FROM person_attribute WHERE tenant_id = %(tenant)s AND (person_id, key) IN ("
            "SELECT person_id, key FROM person_attribute WHERE tenant_id = %(tenant)s AND key = %(key)s "
            "AND key LIKE 'computed.%%' LIMIT %(limit)s) RETURNING person_id",
            {"tenant": self._tenant, "key": attribute_key(key), "limit": limit},
        )
        gone = {person for (person,) in await cursor.fetchall()}
        profiles = await self.canonical(gone) if gone else set()
        await graph_queries.note_changes(connection, self._tenant, profiles=profiles, remapped=())
        return len(gone)

    async def coverage(self, keys: Sequence[str]) -> dict[str, int]:
        """Return how many people have a value, by key without the prefix."""
        found = await self._uow.execute(
            """
            SELECT a.key, count(*) AS people FROM person_attribute a
            JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id AND p.canonical_id = p.id
            WHERE a.tenant_id = :tenant AND a.key LIKE 'computed.%' AND a.value IS NOT NULL
                AND a.key = ANY(CAST(:keys AS text[]))
            GROUP BY a.key
            """,
            {"tenant": self._tenant, "keys": [attribute_key(key) for key in keys]},
        )
        counted = {row.key: int(row.people) for row in found}
        return {key: counted.get(attribute_key(key), 0) for key in keys}

    async def of_person(self, person: int) -> Mapping[str, tuple[Any, datetime]]:
        """Return one profile's computed values with the instant since which each holds."""
        found = await self._uow.execute(
            """
            SELECT DISTINCT ON (a.key) a.key, a.value, a.occurred_at FROM person p
            JOIN person_attribute a ON a.tenant_id = p.tenant_id AND a.person_id = p.id
            WHERE p.tenant_id = :tenant AND (p.id = :person OR p.canonical_id = :person)
                AND a.key LIKE 'computed.%'
            ORDER BY a.key, a.occurred_at DESC, a.position DESC, a.person_id
            """,
            {"tenant": self._tenant, "person": person},
        )
        return {row.key: (row.value, row.occurred_at) for row in found if row.value is not None}

    async def numbers(self, key: str) -> dict[int, float]:
        """Return the numbers kept under canonical people themselves."""
        found = await self._uow.execute(
            """
            SELECT a.person_id, a.value FROM person_attribute a
            JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id AND p.canonical_id = p.id
            WHERE a.tenant_id = :tenant AND a.key LIKE 'computed.%' AND a.key = :key
                AND jsonb_typeof(a.value) = 'number'
            """,
            {"tenant": self._tenant, "key": attribute_key(key)},
        )
        return {row.person_id: row.value for row in found}

    async def counted(self, key: str, *, limit: int) -> list[tuple[Any, int]]:
        """Return the most frequent values with how many people have each."""
        found = await self._uow.execute(
            """
            SELECT a.value, count(*) AS people FROM person_attribute a
            JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id AND p.canonical_id = p.id
            WHERE a.tenant_id = :tenant AND a.key LIKE 'computed.%' AND a.key = :key AND a.value IS NOT NULL
            GROUP BY a.value ORDER BY people DESC, a.value LIMIT :limit
            """,
            {"tenant": self._tenant, "key": attribute_key(key), "limit": limit},
        )
        return [(row.value, int(row.people)) for row in found]

    async def page(self, key: str, *, after: int, limit: int) -> list[tuple[int, Any, datetime]]:
        """Return (person, value, since) of people who have a value, beyond the person ``after``."""
        found = await self._uow.execute(
            """
            SELECT a.person_id, a.value, a.occurred_at FROM person_attribute a
            JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id AND p.canonical_id = p.id
            WHERE a.tenant_id = :tenant AND a.key LIKE 'computed.%' AND a.key = :key AND a.value IS NOT NULL
                AND a.person_id > :after
            ORDER BY a.person_id LIMIT :limit
            """,
            {"tenant": self._tenant, "key": attribute_key(key), "after": after, "limit": limit},
        )
        return [(row.person_id, row.value, row.occurred_at) for row in found]
