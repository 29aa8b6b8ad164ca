"""The ledger: lines are added and read, never changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.rules import Said

# Everybody somebody is: the id itself, also one no person row stands for, and those merged into it.
MEMBERS: Final = """
member AS (
    SELECT id AS profile, id FROM unnest(CAST(:people AS int[])) AS w (id)
    UNION ALL
    SELECT p.canonical_id, p.id FROM unnest(CAST(:people AS int[])) AS w (id)
    JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id AND p.canonical_id <> p.id
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger as it was written."""

    operation_id: str
    purpose: str
    channel: str
    state: str
    text_version: int | None
    source: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    valid_until: datetime | None
    evidence: dict[str, Any]


async def latest(uow: UnitOfWork, people: Sequence[int]) -> dict[int, list[Said]]:
    """Return the newest line per purpose and channel of each canonical person; silent ones are left out."""
    rows = await uow.execute(
        f"""
        WITH {MEMBERS}
        SELECT DISTINCT ON (m.profile, e.purpose, e.channel) m.profile, e.purpose, e.channel, e.state,
            e.occurred_at, e.valid_until, e.text_version, e.source
        FROM member m JOIN consent_entry e ON e.tenant_id = :tenant AND e.person_id = m.id
        ORDER BY m.profile, e.purpose, e.channel, e.occurred_at DESC,
            array_position(ARRAY['withdrawn', 'expired', 'granted'], e.state)
        """,  # noqa: S608 - made of the constant above.
        {"tenant": uow.tenant_id, "people": sorted(set(people))},
    )
    found: dict[int, list[Said]] = {}
    for row in rows:
        said = Said(
            purpose=row.purpose,
            channel=row.channel,
            state=ConsentState(row.state),
            occurred_at=row.occurred_at,
            valid_until=row.valid_until,
            text_version=row.text_version,
            source=ConsentSource(row.source),
        )
        found.setdefault(row.profile, []).append(said)
    return found


async def lines(uow: UnitOfWork, person: int, *, limit: int) -> list[Line]:
    """Return a canonical person's lines, newest first; what was said once is told once."""
    rows = await uow.execute(
        f"""
        WITH {MEMBERS}
        SELECT DISTINCT ON (e.occurred_at, array_position(ARRAY['withdrawn', 'expired', 'granted'], e.state),
            e.operation_id) e.*
        FROM member m JOIN consent_entry e ON e.tenant_id = :tenant AND e.person_id = m.id
        ORDER BY e.occurred_at DESC, array_position(ARRAY['withdrawn', 'expired', 'granted'], e.state),
            e.operation_id, e.person_id
        LIMIT :limit
        """,  # noqa: S608 - made of the constant above.
        {"tenant": uow.tenant_id, "people": [person], "limit": limit},
    )
    return [read_line(row) for row in rows]


async def members(uow: UnitOfWork, person: int) -> list[int]:
    """Return the ids a canonical person is made of."""
    rows = await uow.execute(
        f"WITH {MEMBERS} SELECT id FROM member ORDER BY id",  # noqa: S608 - made of the constant above.
        {"tenant": uow.tenant_id, "people": [person]},
    )
    return [row.id for row in rows]


async def find_operation(uow: UnitOfWork, operation_id: str) -> tuple[Line, list[int]] | None:
    """Return what an operation said and the person ids it is kept under."""
    rows = (
        await uow.execute(
            "SELECT * FROM consent_entry WHERE tenant_id = :tenant AND operation_id = :operation "
            "ORDER BY person_id",
            {"tenant": uow.tenant_id, "operation": operation_id},
        )
    ).all()
    return (read_line(rows[0]), [row.person_id for row in rows]) if rows else None


async def append(
    uow: UnitOfWork, saying: Saying, people: Sequence[int], *, valid_until: datetime | None
) -> bool:
    """Add a line under each of the person ids; tell whether there was none of this operation yet."""
    rows = await uow.execute(
        """
        INSERT INTO consent_entry (tenant_id, operation_id, person_id, purpose, channel, state, text_version,
            source, actor, occurred_at, recorded_at, valid_until, evidence)
        SELECT :tenant, :operation, id, :purpose, :channel, :state, :version, :source, :actor, :at, :now,
            :until, CAST(:evidence AS jsonb)
        FROM unnest(CAST(:people AS int[])) AS w (id) ORDER BY id
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant": uow.tenant_id,
            "operation": saying.operation_id,
            "people": sorted(people),
            "purpose": saying.purpose,
            "channel": str(saying.channel),
            "state": str(saying.state),
            "version": saying.text_version,
            "source": str(saying.source),
            "actor": saying.actor,
            "at": saying.occurred_at,
            "now": uow.clock.now(),
            "until": valid_until,
            "evidence": json.dumps(saying.evidence, ensure_ascii=False),
        },
    )
    return rows.rowcount > 0


async def said_together(
    uow: UnitOfWork, partings: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int, Line]]:
    """Return (who they left, who they are, line) of what was said while those who part were one.

    ``partings`` are (own id, who they were, who they are now).
    """
    own, left, now = zip(*partings, strict=True)
    rows = await uow.execute(
        """
        SELECT DISTINCT ON (w.left_id, w.now_id, e.operation_id) w.left_id, w.now_id, e.*
        FROM unnest(CAST(:own AS int[]), CAST(:left AS int[]), CAST(:now AS int[]))
            AS w (own, left_id, now_id)
        JOIN consent_entry e ON e.tenant_id = :tenant AND e.person_id = w.own
        WHERE EXISTS (
            SELECT FROM consent_entry o
            WHERE o.tenant_id = :tenant AND o.operation_id = e.operation_id AND o.person_id = w.left_id
        )
        ORDER BY w.left_id, w.now_id, e.operation_id
        """,
        {"tenant": uow.tenant_id, "own": list(own), "left": list(left), "now": list(now)},
    )
    return [(row.left_id, row.now_id, read_line(row)) for row in rows]


async def count_kept_under(uow: UnitOfWork, people: Sequence[int]) -> int:
    """Return how many things were said under these person ids."""
    rows = await uow.execute(
        "SELECT count(DISTINCT operation_id) FROM consent_entry WHERE tenant_id = :tenant "
        "AND person_id = ANY(CAST(:people AS int[]))",
        {"tenant": uow.tenant_id, "people": list(people)},
    )
    return int(rows.scalar_one())


def read_line(row: Any) -> Line:
    """Return a row of the ledger as a line."""
    return Line(
        operation_id=row.operation_id,
        purpose=row.purpose,
        channel=ConsentChannel(row.channel).value,
        state=row.state,
        text_version=row.text_version,
        source=row.source,
        actor=row.actor,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        valid_until=row.valid_until,
        evidence=row.evidence,
    )
