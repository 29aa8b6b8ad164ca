"""Counters of people: when each took a unit, so that any span can be counted exactly.

Taken for a whole batch by one statement, so that no two workers overshoot. Rows are locked in key order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.rules import CounterClaim

Connection = psycopg.AsyncConnection[Any]
CounterKey = tuple[PersonId, str]  # person, name of the counter
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counter:
    """What a counter holds: the instants its units were taken, and for which campaign it is kept."""

    taken: tuple[datetime, ...]
    holder: str | None


def hold_of(claim: CounterClaim, now: datetime) -> str:
    """Return by what a message remembers the unit it took, to give that very one back."""
    return f"{claim.name}@{(now - _EPOCH) // timedelta(microseconds=1)}"


async def take(
    connection: Connection, tenant_id: TenantId, claims: Sequence[CounterClaim], *, now: datetime
) -> set[CounterKey]:
    """Take one unit of each counter that has room; return the keys taken. Keys must differ."""
    if not claims:
        return set()
    cursor = await connection.execute(
        """
        INSERT INTO person_message_counter AS c
            (tenant_id, person_id, name, taken, counted_after, allowed, holder, expires_at)
        SELECT %(tenant)s, o.person_id, o.name, ARRAY[%(now)s::timestamptz], o.since, o.allowed, o.holder,
            o.expires_at
        FROM unnest(%(people)b::int[], %(names)b::text[], %(sinces)b::timestamptz[], %(limits)b::int[],
                %(holders)b::text[], %(expiries)b::timestamptz[])
            AS o (person_id, name, since, allowed, holder, expires_at)
        ORDER BY o.person_id, o.name
        ON CONFLICT (tenant_id, person_id, name) DO UPDATE SET
            taken = ARRAY(SELECT t FROM unnest(c.taken) AS t WHERE t > excluded.counted_after) || %(now)s,
            counted_after = excluded.counted_after, allowed = excluded.allowed, holder = excluded.holder,
            expires_at = greatest(c.expires_at, excluded.expires_at)
        WHERE (SELECT count(*) FROM unnest(c.taken) AS t WHERE t > excluded.counted_after)
            < CASE WHEN c.holder IS DISTINCT FROM excluded.holder THEN 1 ELSE excluded.allowed END
        RETURNING person_id, name
        """,
        {
            "tenant": tenant_id,
            "now": now,
            "people": [claim.person_id for claim in claims],
            "names": [claim.name for claim in claims],
            "sinces": [claim.since for claim in claims],
            "limits": [claim.limit for claim in claims],
            "holders": [claim.holder for claim in claims],
            "expiries": [claim.expires_at for claim in claims],
        },
    )
    return {(PersonId(person_id), name) for person_id, name in await cursor.fetchall()}


async def peek(
    connection: Connection, tenant_id: TenantId, keys: Iterable[CounterKey]
) -> Mapping[CounterKey, Counter]:
    """Return what counters hold; those nobody ever took from are left out."""
    wanted = list(keys)
    if not wanted:
        return {}
    cursor = await connection.execute(
        """
        SELECT c.person_id, c.name, c.taken, c.holder FROM person_message_counter c
        JOIN unnest(%(people)b::int[], %(names)b::text[]) AS k (person_id, name) USING (person_id, name)
        WHERE c.tenant_id = %(tenant)s
        """,
        {
            "tenant": tenant_id,
            "people": [person_id for person_id, _ in wanted],
            "names": [name for _, name in wanted],
        },
    )
    return {(row[0], row[1]): Counter(tuple(row[2]), row[3]) for row in await cursor.fetchall()}


async def refund(connection: Connection, tenant_id: TenantId, holds: Sequence[tuple[PersonId, str]]) -> None:
    """Give back the very units that (person, hold) took; a hold may occur several times."""
    if not holds:
        return
    await connection.execute(
        """
        WITH gone AS (
            SELECT person_id, split_part(hold, '@', 1) AS name,
                array_agg(
                    timestamptz 'epoch' + split_part(hold, '@', 2)::bigint * interval '1 microsecond'
                ) AS ats
            FROM unnest(%(people)b::int[], %(holds)b::text[]) AS h (person_id, hold)
            GROUP BY 1, 2
        ), held AS (
            SELECT c.person_id, c.name, ARRAY(
                SELECT at FROM (
                    SELECT at, row_number() OVER (PARTITION BY at) AS nth FROM unnest(c.taken) AS t (at)
                ) unit
                WHERE nth > (SELECT count(*) FROM unnest(gone.ats) AS g (at) WHERE g.at = unit.at)
                ORDER BY at
            ) AS taken
            FROM person_message_counter c JOIN gone USING (person_id, name)
            WHERE c.tenant_id = %(tenant)s
            ORDER BY c.person_id, c.name FOR UPDATE OF c
        )
        UPDATE person_message_counter c SET taken = held.taken FROM held
        WHERE c.tenant_id = %(tenant)s AND c.person_id = held.person_id AND c.name = held.name
        """,
        {
            "tenant": tenant_id,
            "people": [person_id for person_id, _ in holds],
            "holds": [hold for _, hold in holds],
        },
    )


async def follow_merges(
    connection: Connection, tenant_id: TenantId, moves: Mapping[PersonId, PersonId]
) -> None:
    """Count together what two took who turned out to be one; a repetition finds nothing left to move."""
    await connection.execute(
        """
        WITH moved AS (
            DELETE FROM person_message_counter c
            USING unnest(%(old)b::int[], %(new)b::int[]) AS m (old, new)
            WHERE c.tenant_id = %(tenant)s AND c.person_id = m.old
            RETURNING m.new, c.*
        ), joint AS (
            SELECT new, name, array_agg(at ORDER BY at) AS taken, max(counted_after) AS counted_after,
                max(allowed) AS allowed, max(holder) AS holder, max(expires_at) AS expires_at
            FROM moved, unnest(taken) AS t (at) GROUP BY new, name
        )
        INSERT INTO person_message_counter AS c
            (tenant_id, person_id, name, taken, counted_after, allowed, holder, expires_at)
        SELECT %(tenant)s, new, name, taken, counted_after, allowed, holder, expires_at FROM joint
        ORDER BY new, name
        ON CONFLICT (tenant_id, person_id, name) DO UPDATE SET
            taken = ARRAY(SELECT t FROM unnest(c.taken || excluded.taken) AS t ORDER BY t),
            expires_at = greatest(c.expires_at, excluded.expires_at)
        """,
        {"tenant": tenant_id, "old": list(moves), "new": list(moves.values())},
    )


async def follow_splits(
    connection: Connection, tenant_id: TenantId, splits: Sequence[tuple[int, int]]
) -> None:
    """Let who came apart (from, to) keep what both took: neither gets more than the rules allow."""
    await connection.execute(
        """
        INSERT INTO person_message_counter
            (tenant_id, person_id, name, taken, counted_after, allowed, holder, expires_at)
        SELECT DISTINCT ON (s.new, c.name) c.tenant_id, s.new, c.name, c.taken, c.counted_after, c.allowed,
            c.holder, c.expires_at
        FROM person_message_counter c
        JOIN unnest(%(old)b::int[], %(new)b::int[]) AS s (old, new) ON s.old = c.person_id
        WHERE c.tenant_id = %(tenant)s AND s.old <> s.new
        ORDER BY s.new, c.name
        ON CONFLICT (tenant_id, person_id, name) DO NOTHING
        """,
        {
            "tenant": tenant_id,
            "old": [old for old, _ in splits],
            "new": [new for _, new in splits],
        },
    )
