"""Every statement of quality: some people at a time, so that no transaction is long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.profile.winning import WINNING

# Told by computations, or derived from what is judged itself.
_OURS: Final = (
    "AND a.key <> ALL (:derived) AND a.key NOT LIKE 'computed.%' "
    "AND a.source NOT LIKE 'insight.%' AND a.source NOT LIKE 'computed:%'"
)
_DERIVED: Final = ["has_phone", "phone_carrier", "phone_region", "has_email", "surname"]
# Everybody between two ids, with the ids merged into them.
_MEMBER: Final = """
member AS (
    SELECT canonical_id AS profile, id FROM person
    WHERE tenant_id = :tenant AND id > :low AND id <= :high AND canonical_id = id
    UNION ALL
    SELECT canonical_id, id FROM person
    WHERE tenant_id = :tenant AND canonical_id > :low AND canonical_id <= :high AND canonical_id <> id
)
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """People from after one id up to another."""

    low: int
    high: int
    people: int


class Value(NamedTuple):
    """The value that counts of somebody; clear ones are counted together, sealed ones come one by one."""

    profile: int
    key: str
    attribute_class: str
    value: Any
    sealed: bytes | None
    source: str
    people: int
    stale: int


class Freshness(NamedTuple):
    """After how long a value is stale: keys with days of their own, and everybody else's."""

    now: datetime
    keys: Sequence[str]
    days: Sequence[int]
    default_days: int

    def bound(self) -> dict[str, Any]:
        """Return what the statements ask for."""
        return {
            "now": self.now,
            "fresh_keys": list(self.keys),
            "fresh_days": list(self.days),
            "fresh_default": self.default_days,
        }


async def next_stretch(uow: UnitOfWork, after: int, limit: int) -> Stretch | None:
    """Return the next people, in the order of ids; ``None`` after the last."""
    row = (
        await uow.execute(
            "SELECT max(id) AS high, count(*) AS people FROM "
            "(SELECT id FROM person WHERE tenant_id = :tenant AND canonical_id = id "
            "AND id > :after ORDER BY id LIMIT :limit) AS found",
            {"tenant": uow.tenant_id, "after": after, "limit": limit},
        )
    ).one()
    return Stretch(after, int(row.high), int(row.people)) if row.people else None


_WINNING: Final = WINNING.format(tenant=":tenant", only=_OURS)
_STALE: Final = (
    "(occurred_at < CAST(:now AS timestamptz) - make_interval(days => coalesce("
    "(SELECT f.days FROM unnest(CAST(:fresh_keys AS text[]), CAST(:fresh_days AS int[])) AS f (key, days) "
    "WHERE f.key = winning.key), CAST(:fresh_default AS int))))"
)
_COUNTED: Final = f"""
WITH {_MEMBER}, {_WINNING}, marked AS (
    SELECT profile, key, class, value, sealed, source, {_STALE} AS stale FROM winning
    WHERE value IS NOT NULL OR sealed IS NOT NULL
)
SELECT 0 AS profile, key, class, value, NULL::bytea AS sealed, source, count(*)::int,
    (count(*) FILTER (WHERE stale))::int
FROM marked WHERE sealed IS NULL GROUP BY key, class, value, source
UNION ALL
SELECT profile, key, class, NULL, sealed, source, 1, stale::int FROM marked WHERE sealed IS NOT NULL
"""  # noqa: S608 - put together from our own constants.


async def values(uow: UnitOfWork, stretch: Stretch, freshness: Freshness) -> list[Value]:
    """Return what is known of some people: clear values counted, sealed ones as they are."""
    found = await uow.execute(_COUNTED, {**_bound(uow, stretch), **freshness.bound()})
    return [Value(*row) for row in found]


_STATED: Final = f"""
WITH {_MEMBER}, said AS (
    SELECT m.profile, a.key, a.source, a.digest, row_number() OVER (
        PARTITION BY m.profile, a.key, a.source ORDER BY a.occurred_at DESC, a.position DESC) = 1 AS is_last
    FROM member m JOIN (
        SELECT tenant_id, person_id, key, source, digest, occurred_at, position FROM person_attribute
        UNION ALL
        SELECT tenant_id, person_id, key, source, digest, occurred_at, position FROM person_attribute_past
    ) a ON a.tenant_id = :tenant AND a.person_id = m.id
    WHERE a.digest IS NOT NULL {_OURS}
), slot AS (
    SELECT profile, key, count(DISTINCT digest) FILTER (WHERE is_last AND digest <> '') > 1 AS conflict,
        count(DISTINCT digest) FILTER (WHERE digest <> '') > 1 AS overwritten
    FROM said GROUP BY profile, key
)
"""  # noqa: S608 - as above.


async def disagreements(uow: UnitOfWork, stretch: Stretch) -> Mapping[str, tuple[int, int]]:
    """Return, by attribute, of how many people sources say different things, and values were replaced."""
    found = await uow.execute(
        f"{_STATED} SELECT key, count(*) FILTER (WHERE conflict), count(*) FILTER (WHERE overwritten) "  # noqa: S608
        "FROM slot WHERE overwritten GROUP BY key",
        _bound(uow, stretch),
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in found}


async def profiles(uow: UnitOfWork, stretch: Stretch) -> list[int]:
    """Return who a stretch holds."""
    found = await uow.execute(
        "SELECT id FROM person WHERE tenant_id = :tenant AND id > :low AND id <= :high "
        "AND canonical_id = id ORDER BY id",
        {"tenant": uow.tenant_id, "low": stretch.low, "high": stretch.high},
    )
    return [row[0] for row in found]


_OF_KEY: Final = WINNING.format(tenant=":tenant", only=f"{_OURS} AND a.key = :key")


async def values_of_key(
    uow: UnitOfWork, stretch: Stretch, key: str, freshness: Freshness
) -> dict[int, Value]:
    """Return the value of one attribute of whoever has one."""
    found = await uow.execute(
        f"WITH {_MEMBER}, {_OF_KEY} SELECT profile, key, class, value, sealed, source, 1, {_STALE}::int "  # noqa: S608
        "FROM winning WHERE value IS NOT NULL OR sealed IS NOT NULL",
        {**_bound(uow, stretch), **freshness.bound(), "key": key},
    )
    return {row[0]: Value(*row) for row in found}


async def in_conflict(uow: UnitOfWork, stretch: Stretch, key: str) -> frozenset[int]:
    """Return of whom sources say different things about one attribute."""
    found = await uow.execute(
        f"{_STATED} SELECT profile FROM slot WHERE conflict AND key = :key",  # noqa: S608
        {**_bound(uow, stretch), "key": key},
    )
    return frozenset(row[0] for row in found)


def _bound(uow: UnitOfWork, stretch: Stretch) -> dict[str, Any]:
    return {"tenant": uow.tenant_id, "low": stretch.low, "high": stretch.high, "derived": _DERIVED}
