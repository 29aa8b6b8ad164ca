"""Every statement on who visited a code's page, and on who joined by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.community.codes.contracts import CodeId, GroupCodeDay, GroupCodeStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visitor was shown last on a day."""

    code_id: CodeId
    visitor: bytes
    day: date
    target_id: int
    outcome: str
    person_id: PersonId | None
    send_id: int | None
    source: str


class VisitQueries:
    """Visitors, and what codes brought."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def keep(self, visit: Visit) -> None:
        """Write what a visitor was shown; of one day the last time counts."""
        await self._uow.execute(
            "INSERT INTO group_code_visit AS v (tenant_id, code_id, visitor, day, target_id, outcome, "
            "person_id, send_id, source, seen_at) VALUES (:tenant, :code, :visitor, :day, :target, "
            ":outcome, :person, :send, :source, :now) "
            "ON CONFLICT (tenant_id, code_id, visitor, day) DO UPDATE SET target_id = excluded.target_id, "
            "outcome = excluded.outcome, person_id = coalesce(excluded.person_id, v.person_id), "
            "send_id = coalesce(excluded.send_id, v.send_id), seen_at = excluded.seen_at",
            {
                "tenant": self._uow.tenant_id,
                "code": visit.code_id,
                "visitor": visit.visitor,
                "day": visit.day,
                "target": visit.target_id,
                "outcome": visit.outcome,
                "person": visit.person_id,
                "send": visit.send_id,
                "source": visit.source,
                "now": self._uow.clock.now(),
            },
        )

    async def shown_before(self, code_id: CodeId, visitor: bytes) -> int | None:
        """Return the target a visitor was led to last."""
        rows = await self._uow.execute(
            "SELECT target_id FROM group_code_visit WHERE tenant_id = :tenant AND code_id = :code "
            "AND visitor = :visitor AND target_id <> 0 ORDER BY day DESC LIMIT 1",
            {"tenant": self._uow.tenant_id, "code": code_id, "visitor": visitor},
        )
        found: int | None = rows.scalar_one_or_none()
        return found

    async def shown(self, target_ids: Sequence[int]) -> Mapping[int, int]:
        """Return how many visitors each target was shown to."""
        rows = await self._uow.execute(
            "SELECT target_id, count(DISTINCT visitor) AS shown FROM group_code_visit "
            "WHERE tenant_id = :tenant AND target_id = ANY(:targets) GROUP BY target_id",
            {"tenant": self._uow.tenant_id, "targets": list(target_ids)},
        )
        return {row.target_id: row.shown for row in rows}

    async def groups_of(self, person_id: PersonId) -> frozenset[int]:
        """Return the groups a person is in, by whichever of their identities (GC-4)."""
        rows = await self._uow.execute(
            "SELECT DISTINCT group_id FROM group_member WHERE tenant_id = :tenant "
            "AND person_id = :person AND left_at IS NULL",
            {"tenant": self._uow.tenant_id, "person": person_id},
        )
        return frozenset(row.group_id for row in rows)

    async def brought(self, code_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
        """Return how many joins each code brought, and how many of those are still inside."""
        rows = await self._uow.execute(
            "SELECT code_id, count(*) AS joined, count(*) FILTER (WHERE left_at IS NULL) AS inside "
            "FROM group_member WHERE tenant_id = :tenant AND code_id = ANY(:codes) AND is_customer "
            "GROUP BY code_id",
            {"tenant": self._uow.tenant_id, "codes": list(code_ids)},
        )
        return {row.code_id: (row.joined, row.inside) for row in rows}

    async def statistics(self, code_id: CodeId, *, first: date, last: date, zone: str) -> GroupCodeStatistics:
        """Count a period by day, both days included."""
        params: dict[str, Any] = {
            "tenant": self._uow.tenant_id,
            "code": code_id,
            "first": first,
            "last": last,
            "zone": zone,
        }
        days = tuple(
            GroupCodeDay(date=row.day, visits=row.visits, joined=row.joined, left=row.left, inside=row.inside)
            for row in await self._uow.execute(_DAYS, params)
        )
        rows = await self._uow.execute(_WHOLE, params)
        whole = rows.one()
        return GroupCodeStatistics(
            days=days,
            visits=whole.visits,
            joined=sum(day.joined for day in days),
            left=sum(day.left for day in days),
            inside=whole.inside,
            standby=whole.standby,
            already=whole.already,
        )


_DAYS: Final = """
WITH stays AS (
    SELECT CAST(joined_at AT TIME ZONE :zone AS date) AS joined_on,
        CAST(left_at AT TIME ZONE :zone AS date) AS left_on
    FROM group_member WHERE tenant_id = :tenant AND code_id = :code AND is_customer
)
SELECT CAST(d AS date) AS day,
    (SELECT count(*) FROM group_code_visit v WHERE v.tenant_id = :tenant AND v.code_id = :code
        AND v.day = d) AS visits,
    (SELECT count(*) FROM stays WHERE joined_on = d) AS joined,
    (SELECT count(*) FROM stays WHERE left_on = d) AS left,
    (SELECT count(*) FROM stays WHERE joined_on <= d AND (left_on IS NULL OR left_on > d)) AS inside
FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d ORDER BY d
"""
_WHOLE: Final = """
SELECT count(DISTINCT visitor) AS visits,
    count(DISTINCT visitor) FILTER (WHERE outcome = 'standby') AS standby,
    count(DISTINCT visitor) FILTER (WHERE outcome = 'already') AS already,
    (SELECT count(*) FROM group_member WHERE tenant_id = :tenant AND code_id = :code AND is_customer
        AND left_at IS NULL) AS inside
FROM group_code_visit WHERE tenant_id = :tenant AND code_id = :code AND day BETWEEN :first AND :last
"""
