"""What was said of whom, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.tags.carrying import CARRIED
from quanyu.modules.people.tags.contracts import Origin
from quanyu.modules.people.tags.rules import Carrying

_CARRIED: Final = """
WITH member AS (
    SELECT p.canonical_id AS profile, p.id FROM unnest(CAST(:profiles AS int[])) AS w (id)
    JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id
), {carried}
SELECT profile, tag_id, group_id, tag, group_name, color, origin, actor, given_at, expires_at FROM carried
ORDER BY profile, group_position, group_id, position, tag_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """A tag to be given by hand."""

    tag_id: int
    origin: Origin
    actor: str
    given_at: datetime
    expires_at: datetime | None


class ClaimQueries:
    """Reads and writes of one unit of work. ``profiles`` are canonical ids; whoever else they are follows."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def carried(self, profiles: Sequence[int]) -> list[Carrying]:
        """Return everything these people carry."""
        sql = _CARRIED.format(carried=CARRIED.format(tenant=int(self._uow.tenant_id)))
        return [
            Carrying(
                profile=row.profile,
                tag_id=row.tag_id,
                group_id=row.group_id,
                tag=row.tag,
                group=row.group_name,
                color=row.color,
                origin=row.origin,
                actor=row.actor,
                given_at=row.given_at,
                expires_at=row.expires_at,
            )
            for row in await self._run(sql, profiles=list(profiles))
        ]

    async def give(self, profiles: Sequence[int], claim: NewClaim) -> None:
        """Say by hand that people carry a tag; said already, only when it ends is changed."""
        await self._run(
            """
            INSERT INTO person_tag_claim AS c
                (tenant_id, person_id, tag_id, by_rule, holds, origin, actor, given_at, expires_at)
            SELECT :tenant, id, :tag, false, true, :origin, :actor, :at, :expires
            FROM unnest(CAST(:profiles AS int[])) AS w (id)
            ON CONFLICT (tenant_id, person_id, tag_id, by_rule) DO UPDATE
            SET holds = true, expires_at = excluded.expires_at,
                origin = CASE WHEN c.holds THEN c.origin ELSE excluded.origin END,
                actor = CASE WHEN c.holds THEN c.actor ELSE excluded.actor END,
                given_at = excluded.given_at
            """,
            profiles=list(profiles),
            tag=claim.tag_id,
            origin=claim.origin.value,
            actor=claim.actor,
            at=claim.given_at,
            expires=claim.expires_at,
        )

    async def by_hand(self, profiles: Sequence[int], tag_ids: Sequence[int]) -> dict[tuple[int, int], Any]:
        """Return what was said by hand of these tags, by person id and tag, as plain values to compare."""
        found = await self._run(
            """
            SELECT c.person_id, c.tag_id, jsonb_build_array(c.holds, c.origin, c.actor,
                (c.given_at AT TIME ZONE 'UTC')::text, (c.expires_at AT TIME ZONE 'UTC')::text) AS said
            FROM unnest(CAST(:profiles AS int[])) AS w (id)
            JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id
            JOIN person_tag_claim c ON c.tenant_id = :tenant AND c.person_id = p.id AND NOT c.by_rule
            WHERE c.tag_id = ANY(CAST(:tags AS bigint[]))
            """,
            profiles=list(profiles),
            tags=list(tag_ids),
        )
        return {(row.person_id, row.tag_id): row.said for row in found}

    async def put_back(self, said: Mapping[tuple[int, int], Any]) -> None:
        """Let stand what ``by_hand`` told before, by person id and tag; ``None``: nothing was said."""
        keys = list(said)
        await self._run(
            "DELETE FROM person_tag_claim c USING unnest(CAST(:people AS int[]), CAST(:tags AS bigint[])) "
            "AS w (person_id, tag_id) WHERE c.tenant_id = :tenant AND c.person_id = w.person_id "
            "AND c.tag_id = w.tag_id AND NOT c.by_rule",
            people=[person for person, _ in keys],
            tags=[tag for _, tag in keys],
        )
        kept = [(person, tag, one) for (person, tag), one in said.items() if one is not None]
        if kept:
            await self._run(
                """
                INSERT INTO person_tag_claim
                    (tenant_id, person_id, tag_id, by_rule, holds, origin, actor, given_at, expires_at)
                SELECT :tenant, w.person_id, w.tag_id, false, (w.said->>0)::boolean, w.said->>1, w.said->>2,
                    (w.said->>3)::timestamp AT TIME ZONE 'UTC', (w.said->>4)::timestamp AT TIME ZONE 'UTC'
                FROM (
                    SELECT u.person_id, u.tag_id, u.said::jsonb AS said
                    FROM unnest(CAST(:people AS int[]), CAST(:tags AS bigint[]), CAST(:said AS text[]))
                        AS u (person_id, tag_id, said)
                ) w
                """,
                people=[person for person, *_ in kept],
                tags=[tag for _, tag, _ in kept],
                said=[msgspec.json.encode(one).decode() for *_, one in kept],
            )

    async def refuse(self, profiles: Sequence[int], claim: NewClaim) -> None:
        """Say by hand that people are not to carry a tag, whatever its rule says."""
        await self._run(
            """
            INSERT INTO person_tag_claim AS c
                (tenant_id, person_id, tag_id, by_rule, holds, origin, actor, given_at)
            SELECT :tenant, id, :tag, false, false, :origin, :actor, :at
            FROM unnest(CAST(:profiles AS int[])) AS w (id)
            ON CONFLICT (tenant_id, person_id, tag_id, by_rule) DO UPDATE
            SET holds = false, expires_at = NULL, origin = excluded.origin, actor = excluded.actor,
                given_at = excluded.given_at
            """,
            profiles=list(profiles),
            tag=claim.tag_id,
            origin=claim.origin.value,
            actor=claim.actor,
            at=claim.given_at,
        )

    async def unsay(self, profiles: Sequence[int], tag_ids: Sequence[int]) -> None:
        """Take back what was said by hand of these tags."""
        await self._run(
            "DELETE FROM person_tag_claim c USING person p WHERE c.tenant_id = :tenant "
            "AND p.tenant_id = :tenant AND p.id = c.person_id "
            "AND p.canonical_id = ANY(CAST(:profiles AS int[])) "
            "AND c.tag_id = ANY(CAST(:tags AS bigint[])) AND NOT c.by_rule",
            profiles=list(profiles),
            tags=list(tag_ids),
        )

    async def take_rivals(self, profiles: Sequence[int], *, tag_id: int, group_id: int) -> None:
        """Take back what was given by hand of the other tags of a group where one counts."""
        await self._run(
            "DELETE FROM person_tag_claim c USING person p, person_tag t WHERE c.tenant_id = :tenant "
            "AND p.tenant_id = :tenant AND p.id = c.person_id "
            "AND p.canonical_id = ANY(CAST(:profiles AS int[])) "
            "AND t.tenant_id = :tenant AND t.id = c.tag_id AND t.group_id = :group AND t.id <> :tag "
            "AND c.holds AND NOT c.by_rule",
            profiles=list(profiles),
            tag=tag_id,
            group=group_id,
        )

    async def add_by_rule(self, profiles: Sequence[int], tag_id: int) -> None:
        """Say by rule that people carry a tag; idempotent."""
        await self._run(
            "INSERT INTO person_tag_claim (tenant_id, person_id, tag_id, by_rule, holds, origin, given_at) "
            "SELECT :tenant, id, :tag, true, true, 'rule', :now "
            "FROM unnest(CAST(:profiles AS int[])) AS w (id) "
            "ON CONFLICT DO NOTHING",
            profiles=list(profiles),
            tag=tag_id,
            now=self._uow.clock.now(),
        )

    async def drop_by_rule(self, people: Sequence[int], tag_id: int) -> None:
        """Take back what a rule said of these person ids."""
        await self._run(
            "DELETE FROM person_tag_claim WHERE tenant_id = :tenant AND tag_id = :tag AND by_rule "
            "AND person_id = ANY(CAST(:people AS int[]))",
            people=list(people),
            tag=tag_id,
        )

    async def by_rule(self, tag_id: int) -> list[tuple[int, int]]:
        """Return (person id, whose profile it is today) of everybody a rule has named."""
        found = await self._run(
            "SELECT c.person_id, p.canonical_id FROM person_tag_claim c "
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id "
            "WHERE c.tenant_id = :tenant AND c.tag_id = :tag AND c.by_rule",
            tag=tag_id,
        )
        return [(row.person_id, row.canonical_id) for row in found]

    async def expired(self, limit: int) -> list[tuple[int, int, int]]:
        """Return (profile, tag, group) of claims whose time is over, oldest first."""
        found = await self._run(
            "SELECT p.canonical_id AS profile, c.tag_id, t.group_id FROM person_tag_claim c "
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id "
            "JOIN person_tag t ON t.tenant_id = c.tenant_id AND t.id = c.tag_id "
            "WHERE c.tenant_id = :tenant AND c.expires_at <= :now ORDER BY c.expires_at LIMIT :limit",
            now=self._uow.clock.now(),
            limit=limit,
        )
        return [(row.profile, row.tag_id, row.group_id) for row in found]

    async def drop_expired(self, profiles: Sequence[int]) -> None:
        """Take back what is over by now of these people."""
        await self._run(
            "DELETE FROM person_tag_claim c USING person p WHERE c.tenant_id = :tenant "
            "AND p.tenant_id = :tenant AND p.id = c.person_id "
            "AND p.canonical_id = ANY(CAST(:profiles AS int[])) AND c.expires_at <= :now",
            profiles=list(profiles),
            now=self._uow.clock.now(),
        )

    async def some_of_tag(self, tag_id: int, limit: int) -> list[int]:
        """Return some profiles something was said of, for one tag."""
        found = await self._run(
            "SELECT DISTINCT p.canonical_id AS profile FROM (SELECT person_id FROM person_tag_claim "
            "WHERE tenant_id = :tenant AND tag_id = :tag ORDER BY person_id LIMIT :limit) c "
            "JOIN person p ON p.tenant_id = :tenant AND p.id = c.person_id",
            tag=tag_id,
            limit=limit,
        )
        return [row.profile for row in found]

    async def drop_tag(self, profiles: Sequence[int], tag_id: int) -> None:
        """Take back all that was said of these people and one tag."""
        await self._run(
            "DELETE FROM person_tag_claim c USING person p WHERE c.tenant_id = :tenant AND c.tag_id = :tag "
            "AND p.tenant_id = :tenant AND p.id = c.person_id "
            "AND p.canonical_id = ANY(CAST(:profiles AS int[]))",
            profiles=list(profiles),
            tag=tag_id,
        )

    async def claimed_by_several_rules(self, group_id: int, limit: int) -> list[int]:
        """Return profiles that several rules of one group name."""
        found = await self._run(
            "SELECT p.canonical_id AS profile FROM person_tag t "
            "JOIN person_tag_claim c ON c.tenant_id = t.tenant_id AND c.tag_id = t.id AND c.by_rule "
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id "
            "WHERE t.tenant_id = :tenant AND t.group_id = :group "
            "GROUP BY p.canonical_id HAVING count(DISTINCT c.tag_id) > 1 LIMIT :limit",
            group=group_id,
            limit=limit,
        )
        return [row.profile for row in found]

    async def holding(self, profiles: Sequence[int], tag_ids: Sequence[int]) -> dict[int, int]:
        """Return how many of the people were given each tag, by hand or by rule."""
        found = await self._run(
            "SELECT c.tag_id, count(DISTINCT p.canonical_id) AS people "
            "FROM unnest(CAST(:profiles AS int[])) AS w (id) "
            "JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id "
            "JOIN person_tag_claim c ON c.tenant_id = :tenant AND c.person_id = p.id AND c.holds "
            "WHERE c.tag_id = ANY(CAST(:tags AS bigint[])) GROUP BY c.tag_id",
            profiles=list(profiles),
            tags=list(tag_ids),
        )
        return {row.tag_id: row.people for row in found}

    async def carriers(self, tag_id: int) -> list[int]:
        """Return every profile that may carry a tag, to be looked at by ``carried``."""
        found = await self._run(
            "SELECT coalesce(array_agg(DISTINCT p.canonical_id), '{}') FROM person_tag_claim c "
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id "
            "WHERE c.tenant_id = :tenant AND c.tag_id = :tag AND c.holds",
            tag=tag_id,
        )
        return list(found.scalar_one())

    async def given(self, tag_id: int, *, after: int, limit: int) -> list[int]:
        """Return profiles somebody said carry a tag, behind one, in order."""
        found = await self._run(
            "WITH said AS MATERIALIZED (SELECT p.canonical_id FROM person_tag_claim c "
            "JOIN person p ON p.tenant_id = c.tenant_id AND p.id = c.person_id "
            "WHERE c.tenant_id = :tenant AND c.tag_id = :tag AND c.holds AND p.canonical_id > :after) "
            "SELECT DISTINCT canonical_id AS profile FROM said ORDER BY profile LIMIT :limit",
            tag=tag_id,
            after=after,
            limit=limit,
        )
        return [row.profile for row in found]

    async def _run(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
