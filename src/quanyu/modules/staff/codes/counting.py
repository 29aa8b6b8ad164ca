"""Counting who was added: once per customer, member and day, looking at the cap as it counts (CW-3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.staff.codes.states import LiveCodeId

_NO_CAP: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """A customer added a member by a code."""

    code_id: LiveCodeId
    userid: str
    token: bytes
    day: date  # In the brand's zone.
    at: datetime
    cap: int | None  # The member's daily cap.


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAdd:
    """An add that was not counted before."""

    code_id: LiveCodeId
    userid: str
    token: bytes
    day: date
    is_returning: bool  # The member had the customer on an earlier day: does not count for caps.
    adds: int  # Of the member and day, this statement's included.
    over_cap: int


class AddCounter:
    """``live_code_add`` and ``live_code_day``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def count(self, adds: Sequence[Add]) -> tuple[CountedAdd, ...]:
        """Count adds and return those that were new; idempotent, in any order."""
        if not adds:
            return ()
        rows = await self._uow.execute(
            _COUNT,
            {
                "tenant": self._uow.tenant_id,
                "codes": [add.code_id for add in adds],
                "userids": [add.userid for add in adds],
                "tokens": [add.token for add in adds],
                "days": [add.day for add in adds],
                "times": [add.at for add in adds],
                "caps": [_NO_CAP if add.cap is None else add.cap for add in adds],
            },
        )
        return tuple(
            CountedAdd(
                code_id=LiveCodeId(row.code_id),
                userid=row.userid,
                token=bytes(row.customer_token),
                day=row.day,
                is_returning=row.is_returning,
                adds=row.adds or 0,
                over_cap=row.over_cap or 0,
            )
            for row in rows
        )

    async def of_day(
        self, code_ids: Sequence[LiveCodeId], day: date
    ) -> Mapping[LiveCodeId, Mapping[str, tuple[int, int]]]:
        """Return adds and how many of them were over the cap, of each code's members on a day."""
        rows = await self._uow.execute(
            "SELECT code_id, userid, adds, over_cap FROM live_code_day "
            "WHERE tenant_id = :tenant AND code_id = ANY(:codes) AND day = :day",
            {"tenant": self._uow.tenant_id, "codes": list(code_ids), "day": day},
        )
        found: dict[LiveCodeId, dict[str, tuple[int, int]]] = {}
        for row in rows:
            found.setdefault(LiveCodeId(row.code_id), {})[row.userid] = (row.adds, row.over_cap)
        return found

    async def over_cap(self, code_id: LiveCodeId, first: date, last: date) -> int:
        """Return how many adds were over a cap in these days."""
        rows = await self._uow.execute(
            "SELECT coalesce(sum(over_cap), 0) FROM live_code_day WHERE tenant_id = :tenant "
            "AND code_id = :code AND day BETWEEN :first AND :last",
            {"tenant": self._uow.tenant_id, "code": code_id, "first": first, "last": last},
        )
        return int(rows.scalar_one())


_COUNT: Final = """
WITH offered AS (
    SELECT DISTINCT ON (code_id, userid, day, token) *
    FROM unnest(
        CAST(:codes AS bigint[]), CAST(:userids AS text[]), CAST(:tokens AS bytea[]), CAST(:days AS date[]),
        CAST(:times AS timestamptz[]), CAST(:caps AS int[])
    ) AS o (code_id, userid, token, day, added_at, cap)
    ORDER BY code_id, userid, day, token, added_at
), kept AS (
    INSERT INTO live_code_add (tenant_id, code_id, userid, day, customer_token, is_returning, added_at)
    SELECT :tenant, o.code_id, o.userid, o.day, o.token, EXISTS (
        SELECT FROM live_code_add e WHERE e.tenant_id = :tenant AND e.customer_token = o.token
        AND e.userid = o.userid AND e.day < o.day
    ), o.added_at
    FROM offered o
    ON CONFLICT DO NOTHING
    RETURNING code_id, userid, day, customer_token, is_returning
), counted AS (
    INSERT INTO live_code_day AS d (tenant_id, code_id, day, userid, adds, over_cap)
    SELECT :tenant, k.code_id, k.day, k.userid, count(*), greatest(count(*) - min(o.cap), 0)
    FROM kept k
    JOIN offered o ON o.code_id = k.code_id AND o.userid = k.userid AND o.day = k.day
        AND o.token = k.customer_token
    WHERE NOT k.is_returning
    GROUP BY k.code_id, k.day, k.userid
    ORDER BY k.code_id, k.day, k.userid
    ON CONFLICT (tenant_id, code_id, day, userid) DO UPDATE SET
        adds = d.adds + excluded.adds,
        over_cap = d.over_cap + greatest(
            least(excluded.adds, d.adds + excluded.adds - (
                SELECT min(o.cap) FROM offered o
                WHERE o.code_id = d.code_id AND o.userid = d.userid AND o.day = d.day
            )), 0
        )
    RETURNING d.code_id, d.day, d.userid, d.adds, d.over_cap
)
SELECT k.*, c.adds, c.over_cap
FROM kept k LEFT JOIN counted c ON c.code_id = k.code_id AND c.userid = k.userid AND c.day = k.day
ORDER BY k.code_id, k.userid, k.day, k.customer_token
"""
