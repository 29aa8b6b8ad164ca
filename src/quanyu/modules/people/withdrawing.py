"""Taking back what one source told of people's attributes by certain events.

Statements of others stand, and so does what the same source said before or has said since: of an attribute
what is newest of the rest counts again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.contracts import AttributeClass

_COLUMNS: Final = (
    "tenant_id, person_id, key, source, digest, class, value, sealed, first_at, occurred_at, position, "
    "before_at, before_position"
)
_MINE: Final = "a.source = :source AND a.position BETWEEN :first AND :last"
# When the source told the same value before these events: the last time, else (where these told it more than
# once) the first time. NULL: it never did.
_EARLIER_POSITION: Final = """
CASE WHEN a.before_position NOT BETWEEN :first AND :last THEN a.before_position
    WHEN a.first_at < w.since THEN 0 END
"""
_EARLIER_AT: Final = """
CASE WHEN a.before_position NOT BETWEEN :first AND :last THEN a.before_at
    WHEN a.first_at < w.since THEN a.first_at END
"""
_TOLD_OF: Final = "unnest(CAST(:people AS int[]), CAST(:since AS timestamptz[])) AS w (id, since)"

# What told the same before goes to the past at its earlier time; the newest of the past comes back after it.
_WITHDRAW_NEWEST: Final = f"""
WITH gone AS (
    DELETE FROM person_attribute a USING {_TOLD_OF}
    WHERE a.tenant_id = :tenant AND a.person_id = w.id AND {_MINE}
    RETURNING a.*, {_EARLIER_AT} AS earlier_at, {_EARLIER_POSITION} AS earlier_position
), kept AS (
    INSERT INTO person_attribute_past AS p ({_COLUMNS})
    SELECT tenant_id, person_id, key, source, digest, class, value, sealed,
        least(coalesce(first_at, earlier_at), earlier_at), earlier_at, earlier_position, NULL, NULL
    FROM gone WHERE earlier_at IS NOT NULL
    ON CONFLICT (tenant_id, person_id, key, source, digest) DO UPDATE SET
        first_at = least(p.first_at, excluded.first_at),
        occurred_at = greatest(p.occurred_at, excluded.occurred_at),
        position = CASE WHEN (excluded.occurred_at, excluded.position) >= (p.occurred_at, p.position)
            THEN excluded.position ELSE p.position END
)
SELECT person_id, key FROM gone
"""  # noqa: S608 - put together from our own constants.
_WITHDRAW_PAST: Final = f"""
WITH gone AS (
    DELETE FROM person_attribute_past a USING {_TOLD_OF}
    WHERE a.tenant_id = :tenant AND a.person_id = w.id AND {_MINE} AND {_EARLIER_AT} IS NULL
    RETURNING a.person_id, a.key
), earlier AS (
    UPDATE person_attribute_past a SET occurred_at = {_EARLIER_AT}, position = {_EARLIER_POSITION},
        before_at = NULL, before_position = NULL
    FROM {_TOLD_OF}
    WHERE a.tenant_id = :tenant AND a.person_id = w.id AND {_MINE} AND {_EARLIER_AT} IS NOT NULL
    RETURNING a.person_id, a.key
)
SELECT * FROM gone UNION ALL SELECT * FROM earlier
"""  # noqa: S608 - as above.
# Said again since: only what would be gone back to is forgotten.
_FORGET_BEFORE: Final = """
UPDATE {table} a SET before_at = CASE WHEN a.first_at < w.since THEN a.first_at END,
    before_position = CASE WHEN a.first_at < w.since THEN 0 END,
    first_at = CASE WHEN a.first_at < w.since THEN a.first_at ELSE a.occurred_at END
FROM {told} WHERE a.tenant_id = :tenant AND a.person_id = w.id AND a.source = :source
    AND a.before_position BETWEEN :first AND :last
RETURNING a.person_id, a.key
"""
_RESTORE: Final = f"""
WITH newest AS (
    SELECT DISTINCT ON (p.person_id, p.key) p.*
    FROM unnest(CAST(:people AS int[]), CAST(:keys AS text[])) AS w (id, key)
    JOIN person_attribute_past p ON p.tenant_id = :tenant AND p.person_id = w.id AND p.key = w.key
    ORDER BY p.person_id, p.key, p.occurred_at DESC, p.position DESC
), moved AS (
    DELETE FROM person_attribute_past p USING newest n
    WHERE p.tenant_id = :tenant AND p.person_id = n.person_id AND p.key = n.key AND p.source = n.source
        AND p.digest = n.digest
    RETURNING p.*
)
INSERT INTO person_attribute ({_COLUMNS}) SELECT {_COLUMNS} FROM moved
RETURNING person_id, key, class AS attribute_class, sealed
"""  # noqa: S608 - as above.


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The events of one source: between two positions of the log, and per person id since when."""

    source: str
    first: int
    last: int
    since: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whose attributes count anew, and how often something newer stands instead of what was told."""

    counting: frozenset[tuple[int, str]]  # Person id, key.
    newer: int

    @property
    def people(self) -> frozenset[int]:
        """The person ids of whom something counts anew."""
        return frozenset(person for person, _ in self.counting)


async def withdraw(uow: UnitOfWork, keyring: KeyRing, telling: Telling) -> Withdrawn:
    """Take the statements back. Idempotent: what is gone is not found again."""
    values = {
        "tenant": uow.tenant_id,
        "source": telling.source,
        "first": telling.first,
        "last": telling.last,
        "people": list(telling.since),
        "since": list(telling.since.values()),
    }
    # The past first: what comes back from it must not be of these events either.
    past = {tuple(row) for row in await uow.execute(_WITHDRAW_PAST, values)}
    newest = {tuple(row) for row in await uow.execute(_WITHDRAW_NEWEST, values)}
    again: set[Any] = set()
    for table in ("person_attribute", "person_attribute_past"):
        sql = _FORGET_BEFORE.format(table=table, told=_TOLD_OF)
        again |= {tuple(row) for row in await uow.execute(sql, values)}
    if newest:
        await _restore(uow, keyring, sorted(newest))
    return Withdrawn(frozenset(newest), len((past | again) - newest))


async def _restore(uow: UnitOfWork, keyring: KeyRing, slots: list[Any]) -> None:
    values = {
        "tenant": uow.tenant_id,
        "people": [person for person, _ in slots],
        "keys": [key for _, key in slots],
    }
    for row in (await uow.execute(_RESTORE, values)).all():
        if row.attribute_class != AttributeClass.NAME or row.sealed is None:
            continue
        name = msgspec.json.decode(keyring.open(bytes(row.sealed)))
        if isinstance(name, str):  # What finds a name is not kept with its past.
            await uow.execute(
                "UPDATE person_attribute SET grams = CAST(:grams AS bigint[]) "
                "WHERE tenant_id = :tenant AND person_id = :person AND key = :key",
                {
                    "tenant": uow.tenant_id,
                    "person": row.person_id,
                    "key": row.key,
                    "grams": list(keyring.bigrams(name)),
                },
            )


async def count_told(uow: UnitOfWork, telling: Telling) -> tuple[int, int]:
    """Return (attributes that would count anew, attributes of which something newer stands)."""
    sql = (
        "SELECT count(*) FROM {table} a JOIN {told} ON a.person_id = w.id "
        "WHERE a.tenant_id = :tenant AND {mine}"
    )
    found = []
    for table in ("person_attribute", "person_attribute_past"):
        rows = await uow.execute(
            sql.format(table=table, told=_TOLD_OF, mine=_MINE),
            {
                "tenant": uow.tenant_id,
                "source": telling.source,
                "first": telling.first,
                "last": telling.last,
                "people": list(telling.since),
                "since": list(telling.since.values()),
            },
        )
        found.append(int(rows.scalar_one()))
    return found[0], found[1]
