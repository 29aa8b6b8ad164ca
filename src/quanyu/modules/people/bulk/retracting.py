"""Taking back what a job said of an attribute: the statement goes, what was told before counts again."""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork

# The newest of the past comes back; without a past the attribute was never told.
_RETRACT: Final = """
WITH gone AS (
    DELETE FROM person_attribute a USING unnest(CAST(:people AS int[])) AS w (id)
    WHERE a.tenant_id = :tenant AND a.person_id = w.id AND a.key = :key AND a.source = :source
        AND a.position = :position
    RETURNING a.person_id
)
SELECT person_id FROM gone
"""
_RESTORE: Final = """
WITH newest AS (
    SELECT DISTINCT ON (p.person_id) p.* FROM unnest(CAST(:people AS int[])) AS w (id)
    JOIN person_attribute_past p ON p.tenant_id = :tenant AND p.person_id = w.id AND p.key = :key
    ORDER BY p.person_id, p.occurred_at DESC, p.position DESC
), moved AS (
    DELETE FROM person_attribute_past p USING newest n
    WHERE p.tenant_id = :tenant AND p.person_id = n.person_id AND p.key = n.key AND p.source = n.source
        AND p.digest = n.digest
    RETURNING p.*
)
INSERT INTO person_attribute (tenant_id, person_id, key, class, value, sealed, source, first_at, occurred_at,
    position, digest)
SELECT tenant_id, person_id, key, class, value, sealed, source, first_at, occurred_at, position, digest
FROM moved
"""


async def retract(
    uow: UnitOfWork, people: Sequence[int], key: str, *, source: str, position: int
) -> set[int]:
    """Take one statement back from the person ids of whom it is still the newest; return those.

    Not for names and identifiers: what finds them is not kept with their past.
    """
    asked = {"tenant": uow.tenant_id, "key": key}
    found = await uow.execute(
        _RETRACT, {**asked, "people": list(people), "source": source, "position": position}
    )
    gone = {row.person_id for row in found}
    if gone:
        await uow.execute(_RESTORE, {**asked, "people": sorted(gone)})
    return gone
