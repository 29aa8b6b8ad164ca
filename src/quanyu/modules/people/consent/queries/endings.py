"""Grants that ended: their time is over, or a new text asks everybody again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.consent.queries.ledger import Line, read_line

# Whoever said something later about all the grant was about has moved on: nothing of it is left to end.
_STANDS: Final = """
    NOT EXISTS (
        SELECT FROM consent_entry w
        WHERE w.tenant_id = e.tenant_id AND w.person_id = e.person_id AND w.purpose IN (e.purpose, '*')
            AND w.channel IN (e.channel, '*') AND w.occurred_at > e.occurred_at AND w.occurred_at <= {end}
    )
"""
# People who came apart are told apart: each has an operation of their own, named after who it is about.
_TOLD: Final = """
    EXISTS (
        SELECT FROM consent_entry x WHERE x.tenant_id = e.tenant_id AND x.person_id = e.person_id
            AND (x.operation_id = {told} OR starts_with(x.operation_id, {told} || '#per_'))
    )
"""
# Whoever was erased is nobody; what they said stays as it is.
_KNOWN: Final = "EXISTS (SELECT FROM person p WHERE p.tenant_id = e.tenant_id AND p.id = e.person_id)"


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant that ended: under whom, for which purpose, when, and how operations about it begin."""

    person_id: int
    line: Line
    purpose: str
    ends_at: datetime
    operation_id: str


async def run_out(uow: UnitOfWork, *, after: tuple[str, int], limit: int) -> list[Ended]:
    """Return grants whose time is over and of which the ledger does not say so, by (operation, person)."""
    told = "'ended:' || e.operation_id"
    rows = await uow.execute(
        f"""
        SELECT e.* FROM consent_entry e
        WHERE e.tenant_id = :tenant AND e.valid_until <= :now AND e.state = 'granted'
            AND (e.operation_id, e.person_id) > (:operation, :person)
            AND {_KNOWN} AND NOT {_TOLD.format(told=told)} AND {_STANDS.format(end="e.valid_until")}
        ORDER BY e.operation_id, e.person_id LIMIT :limit
        """,  # noqa: S608 - made of constants.
        {
            "tenant": uow.tenant_id, "now": uow.clock.now(), "limit": limit,
            "operation": after[0], "person": after[1],
        },
    )  # fmt: skip
    return [
        Ended(row.person_id, read_line(row), row.purpose, row.valid_until, f"ended:{row.operation_id}")
        for row in rows
    ]


async def superseded(uow: UnitOfWork, *, after: tuple[str, int], limit: int) -> list[Ended]:
    """Return grants said before the newest text that ends earlier ones was published, and not ended yet."""
    told = "'renewed:' || t.purpose || '@' || t.version || ':' || e.operation_id"
    rows = await uow.execute(
        f"""
        WITH text AS (
            SELECT DISTINCT ON (purpose) purpose, version, published_at FROM consent_text
            WHERE tenant_id = :tenant AND ends_earlier ORDER BY purpose, version DESC
        )
        SELECT e.*, t.purpose AS about, t.published_at, {told} AS told
        FROM text t JOIN consent_entry e ON e.tenant_id = :tenant AND e.purpose IN (t.purpose, '*')
        WHERE e.state = 'granted' AND e.occurred_at < t.published_at
            AND (e.valid_until IS NULL OR e.valid_until > t.published_at)
            AND (e.operation_id, e.person_id) > (:operation, :person)
            AND {_KNOWN} AND NOT {_TOLD.format(told=told)} AND {_STANDS.format(end="t.published_at")}
        ORDER BY e.operation_id, e.person_id LIMIT :limit
        """,  # noqa: S608 - made of constants.
        {
            "tenant": uow.tenant_id, "limit": limit,
            "operation": after[0], "person": after[1],
        },
    )  # fmt: skip
    return [Ended(row.person_id, read_line(row), row.about, row.published_at, row.told) for row in rows]
