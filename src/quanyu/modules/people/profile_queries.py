"""What the pages of people read: from PostgreSQL who they are, from the warehouse what they did."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import QueryLimits, TenantWarehouse
from quanyu.modules.people.contracts import TimelineFilter
from quanyu.modules.people.profile.winning import WINNING

CONTEXT_COLUMNS: Final = (
    "channel", "app", "scene", "source_code", "campaign", "content", "staff", "store", "group_id", "session",
    "device",
)  # fmt: skip
NAME_CANDIDATES_MAX: Final = 500
# One that has written stays open meanwhile, and PostgreSQL ends it after five seconds.
_BESIDE_A_TRANSACTION: Final = QueryLimits(wait_s=3.0)
_ALONE: Final = QueryLimits(wait_s=30.0)


# Where the warehouse's instants begin and end.
_EARLIEST_MS: Final = -2_208_988_800_000
_LATEST_MS: Final = 10_413_791_999_999


@dataclass(frozen=True, slots=True)
class Member:
    """A person id and whose profile it belongs to."""

    profile: int
    id: int


@dataclass(frozen=True, slots=True)
class StoredAttribute:
    """The winning value of one attribute of one profile; ``sealed`` or ``value``, never both."""

    profile: int
    key: str
    attribute_class: str
    value: Any
    sealed: bytes | None
    source: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Purchases:
    """What one profile bought, and how many events it has.

    ``revenue`` is in ``currency`` alone: the brand's own if anything was bought in it, else the one most
    orders are in. Amounts of two currencies are never added; orders and events count all.
    """

    orders: int
    revenue: Decimal
    currency: str
    last_order_at: datetime | None
    events: int


async def find_canonical(uow: UnitOfWork, person_ids: Sequence[int]) -> dict[int, int]:
    """Return who each of ``person_ids`` is today; unknown ones are left out."""
    found = await uow.execute(
        "SELECT p.id, p.canonical_id FROM unnest(CAST(:people AS int[])) AS w (id) "
        "JOIN person p ON p.tenant_id = :tenant AND p.id = w.id",
        {"tenant": uow.tenant_id, "people": list(person_ids)},
    )
    return {row.id: row.canonical_id for row in found}


async def list_members(uow: UnitOfWork, profiles: Sequence[int]) -> list[Member]:
    """Return every person id that belongs to one of ``profiles``, themselves included."""
    found = await uow.execute(
        """
        WITH wanted AS (SELECT unnest(CAST(:people AS int[])) AS id)
        SELECT p.id AS profile, p.id FROM wanted w
        JOIN person p ON p.tenant_id = :tenant AND p.id = w.id AND p.canonical_id = p.id
        UNION ALL
        SELECT p.canonical_id, p.id FROM wanted w
        JOIN person p ON p.tenant_id = :tenant AND p.canonical_id = w.id AND p.canonical_id <> p.id
        ORDER BY profile, id
        """,
        {"tenant": uow.tenant_id, "people": list(profiles)},
    )
    return [Member(row.profile, row.id) for row in found]


async def list_newest(uow: UnitOfWork, *, before: int | None, limit: int) -> list[int]:
    """Return profiles, newest first, below the id ``before``."""
    found = await uow.execute(
        "SELECT id FROM person WHERE tenant_id = :tenant AND canonical_id = id AND id < :before "
        "ORDER BY id DESC LIMIT :limit",
        {"tenant": uow.tenant_id, "before": 2**31 - 1 if before is None else before, "limit": limit},
    )
    return [row.id for row in found]


async def count_people(uow: UnitOfWork) -> int:
    """Return how many profiles the brand has."""
    found = await uow.execute(
        "SELECT people FROM identity_version WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    row = found.first()
    return 0 if row is None else int(row.people)


async def count_created_since(uow: UnitOfWork, since: datetime) -> int:
    """Return how many of the profiles were first seen at or after ``since``."""
    found = await uow.execute(
        "SELECT count(*) AS people FROM person "
        "WHERE tenant_id = :tenant AND canonical_id = id AND first_seen_at >= :since",
        {"tenant": uow.tenant_id, "since": since},
    )
    return int(found.one().people)


async def seen_times(uow: UnitOfWork, members: Sequence[Member]) -> dict[int, tuple[datetime, datetime]]:
    """Return first and last seen per profile."""
    profile_of = {member.id: member.profile for member in members}
    found = await uow.execute(
        "SELECT p.id, p.first_seen_at, p.last_seen_at FROM unnest(CAST(:people AS int[])) AS w (id) "
        "JOIN person p ON p.tenant_id = :tenant AND p.id = w.id",
        {"tenant": uow.tenant_id, "people": list(profile_of)},
    )
    times: dict[int, tuple[datetime, datetime]] = {}
    for row in found:
        profile = profile_of[row.id]
        first, last = times.get(profile, (row.first_seen_at, row.last_seen_at))
        times[profile] = (min(first, row.first_seen_at), max(last, row.last_seen_at))
    return times


_ONLY: Final = """
    AND (CAST(:keys AS text[]) IS NULL OR a.key = ANY(CAST(:keys AS text[])))
    AND (CAST(:classes AS text[]) IS NULL OR a.class = ANY(CAST(:classes AS text[])))
"""
_ATTRIBUTES: Final = f"""
WITH member AS (
    SELECT m.profile, m.id FROM unnest(CAST(:profiles AS int[]), CAST(:people AS int[])) AS m (profile, id)
), {WINNING.format(tenant=":tenant", only=_ONLY)}
SELECT profile, key, class, value, sealed, source, occurred_at FROM winning
WHERE value IS NOT NULL OR sealed IS NOT NULL
ORDER BY profile, key
"""  # noqa: S608 - put together from our own constants.


async def list_attributes(
    uow: UnitOfWork,
    members: Sequence[Member],
    *,
    keys: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> list[StoredAttribute]:
    """Return the value of each attribute that counts, per profile; cleared ones are left out."""
    found = await uow.execute(
        _ATTRIBUTES,
        {
            "tenant": uow.tenant_id,
            "profiles": [member.profile for member in members],
            "people": [member.id for member in members],
            "keys": None if keys is None else list(keys),
            "classes": None if classes is None else list(classes),
        },
    )
    return [
        StoredAttribute(row.profile, row.key, row[2], row.value, row.sealed, row.source, row.occurred_at)
        for row in found
    ]


async def list_scopes(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return every (namespace, scope) the brand has identifiers of."""
    found = await uow.execute(
        "SELECT namespace, scope FROM identity_scope WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
    )
    return [(row.namespace, row.scope) for row in found]


async def people_with_identity(uow: UnitOfWork, namespace: str, scope: str) -> set[int]:
    """Return the profiles with an identifier of a kind; without a ``scope``, of any account."""
    found = await uow.execute(
        "SELECT coalesce(array_agg(DISTINCT canonical_id), '{}') FROM identity WHERE tenant_id = :tenant "
        "AND namespace = :namespace AND (:scope = '' OR scope = :scope) AND flag IS NULL",
        {"tenant": uow.tenant_id, "namespace": namespace, "scope": scope},
    )
    return set(found.scalar_one())


async def people_by_token(uow: UnitOfWork, tokens: Iterable[bytes]) -> dict[bytes, int]:
    """Return the profile each stored token belongs to."""
    found = await uow.execute(
        "SELECT i.token, i.canonical_id FROM unnest(CAST(:tokens AS bytea[])) AS w (token) "
        "JOIN identity i ON i.tenant_id = :tenant AND i.token = w.token",
        {"tenant": uow.tenant_id, "tokens": list(tokens)},
    )
    return {bytes(row.token): row.canonical_id for row in found}


async def people_with_grams(uow: UnitOfWork, grams: Sequence[int]) -> list[int]:
    """Return person ids with a name that contains all ``grams``: candidates, to be compared unsealed."""
    found = await uow.execute(
        "SELECT people_with_grams(CAST(:grams AS bigint[]), :most) AS id",
        {"grams": list(grams), "most": NAME_CANDIDATES_MAX},
    )
    return [row.id for row in found]


async def list_sealed(
    uow: UnitOfWork, people: Sequence[int], *, namespace: str | None, scope: str | None
) -> list[tuple[int, str, str, bytes, datetime, bytes]]:
    """Return (profile, namespace, scope, sealed, first seen, token) of people's identifiers, oldest first."""
    found = await uow.execute(
        """
        SELECT canonical_id, namespace, scope, sealed, first_seen_at, token
        FROM unnest(CAST(:people AS int[])) AS w (id)
        JOIN identity i ON i.tenant_id = :tenant AND i.canonical_id = w.id
        WHERE (CAST(:namespace AS text) IS NULL OR namespace = CAST(:namespace AS text))
            AND (CAST(:scope AS text) IS NULL OR scope = CAST(:scope AS text))
        ORDER BY canonical_id, first_seen_at, token
        """,
        {"tenant": uow.tenant_id, "people": list(people), "namespace": namespace, "scope": scope},
    )
    return [
        (row.canonical_id, row.namespace, row.scope, row.sealed, row.first_seen_at, bytes(row.token))
        for row in found
    ]


async def list_evidence(uow: UnitOfWork, tokens: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    """Return by what each identifier is held to its person: evidence and source of its holding edges."""
    found = await uow.execute(
        """
        SELECT t.token, e.evidence, e.source, min(e.first_event_at) AS since
        FROM unnest(CAST(:tokens AS bytea[])) AS t (token)
        JOIN LATERAL (
            SELECT evidence, source, first_event_at FROM identity_edge
            WHERE tenant_id = :tenant AND a = t.token AND state = 'held'
            UNION ALL
            SELECT evidence, source, first_event_at FROM identity_edge
            WHERE tenant_id = :tenant AND b = t.token AND state = 'held'
        ) e ON true
        GROUP BY t.token, e.evidence, e.source ORDER BY since, e.evidence, e.source
        """,
        {"tenant": uow.tenant_id, "tokens": list(tokens)},
    )
    evidence: dict[bytes, tuple[str, ...]] = {}
    for row in found:
        token = bytes(row.token)
        evidence[token] = (*evidence.get(token, ()), f"{row.evidence}: {row.source}")
    return evidence


_TIMELINE: Final = f"""
SELECT position, name, kind, occurred_at, received_at, source, toJSONString(properties), revenue, currency,
    order_id,
    arrayMap((id, sku, name, price, quantity) -> (id, sku, name, toString(price), toString(quantity)),
        items.product_id, items.sku, items.name, items.price, items.quantity),
    {", ".join(CONTEXT_COLUMNS)}
FROM events
WHERE tenant_id = {{tenant:UInt32}} AND person IN {{people:Array(UInt32)}}
    AND ({{name:String}} = '' OR name = {{name:String}})
    AND ({{kind:String}} = '' OR kind = {{kind:String}})
    AND ({{channel:String}} = '' OR channel = {{channel:String}})
    AND occurred_at >= fromUnixTimestamp64Milli({{since_ms:Int64}}, 'UTC')
    AND occurred_at < fromUnixTimestamp64Milli({{until_ms:Int64}}, 'UTC')
    AND (occurred_at, position) < (fromUnixTimestamp64Milli({{before_ms:Int64}}, 'UTC'), {{before:UInt64}})
ORDER BY occurred_at DESC, position DESC
LIMIT {{limit:UInt32}}
"""  # noqa: S608 - the columns are ours.
# Orders that state no currency are in the brand's.
_PURCHASES: Final = """
SELECT person, if(currency = '', {own:String}, currency) AS money,
    uniqExactIf(order_id, name = 'Order Completed'), sumIf(revenue, name LIKE 'Order %'),
    maxIf(occurred_at, name = 'Order Completed'), count()
FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
GROUP BY person, money
"""


async def ask_history(
    uow: UnitOfWork, gate: TenantWarehouse, sql: str, params: Mapping[str, Any], *, patient: bool = False
) -> Sequence[tuple[Any, ...]]:
    """Ask the warehouse, with no transaction open meanwhile unless it has written.

    ``patient`` where nothing can be shown without the answer: a large history, asked of a busy machine,
    takes a while.
    """
    async with uow.apart() as alone:
        limits = _ALONE if alone and patient else _BESIDE_A_TRANSACTION
        return await gate.query(sql, params, limits=limits)


async def timeline(
    uow: UnitOfWork,
    gate: TenantWarehouse,
    people: Sequence[int],
    *,
    wanted: TimelineFilter,
    before: tuple[int, int],
    limit: int,
) -> list[tuple[Any, ...]]:
    """Return events of ``people`` before (milliseconds, position), newest first."""
    found = await ask_history(
        uow,
        gate,
        _TIMELINE,
        {
            "people": list(people),
            "name": wanted.name,
            "kind": wanted.kind,
            "channel": wanted.channel,
            "since_ms": _instant(wanted.since, _EARLIEST_MS),
            "until_ms": _instant(wanted.until, _LATEST_MS),
            "before_ms": before[0],
            "before": before[1],
            "limit": limit,
        },
        patient=True,
    )
    return list(found)


def _instant(at: datetime | None, otherwise: int) -> int:
    return otherwise if at is None else min(max(round(at.timestamp() * 1000), _EARLIEST_MS), _LATEST_MS)


async def purchases(
    uow: UnitOfWork, gate: TenantWarehouse, members: Sequence[Member], *, own_currency: str
) -> Mapping[int, Purchases]:
    """Return what each profile bought; ``own_currency`` is the brand's."""
    profile_of = {member.id: member.profile for member in members}
    rows = await ask_history(uow, gate, _PURCHASES, {"people": list(profile_of), "own": own_currency})
    found: dict[int, list[Purchases]] = {}
    for person, currency, orders, revenue, last_order_at, events in rows:
        one = Purchases(orders, revenue or Decimal(0), currency, last_order_at if orders else None, events)
        found.setdefault(profile_of[person], []).append(one)
    return {profile: _together(parts, own_currency) for profile, parts in found.items()}


async def people_of_order(uow: UnitOfWork, gate: TenantWarehouse, order_id: str) -> list[int]:
    """Return the person ids an order's events are stamped with."""
    rows = await ask_history(
        uow,
        gate,
        "SELECT DISTINCT person FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND order_id = {order:String} AND person > 0 LIMIT 100",
        {"order": order_id},
    )
    return [int(person) for (person,) in rows]


async def count_events(uow: UnitOfWork, gate: TenantWarehouse, people: Sequence[int]) -> dict[int, int]:
    """Return how many events are stamped with each id; ids without any are left out."""
    rows = await ask_history(
        uow,
        gate,
        "SELECT person, count() FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} GROUP BY person",
        {"people": list(people)},
    )
    return {int(person): int(events) for person, events in rows}


def _together(parts: Sequence[Purchases], own_currency: str) -> Purchases:
    """Add up what the ids of one profile bought, money in one currency only."""
    orders_in: dict[str, int] = {}
    for one in parts:
        orders_in[one.currency] = orders_in.get(one.currency, 0) + one.orders
    by_use = sorted(orders_in, key=lambda currency: (-orders_in[currency], currency))
    chosen = own_currency if orders_in.get(own_currency) or not orders_in[by_use[0]] else by_use[0]
    times = [one.last_order_at for one in parts if one.last_order_at is not None]
    return Purchases(
        orders=sum(orders_in.values()),
        revenue=sum((one.revenue for one in parts if one.currency == chosen), Decimal(0)),
        currency=chosen,
        last_order_at=max(times, default=None),
        events=sum(one.events for one in parts),
    )


def decode_properties(text: str) -> dict[str, Any]:
    """Read the warehouse's JSON text of an event's properties."""
    properties: dict[str, Any] = json.loads(text)
    return properties
