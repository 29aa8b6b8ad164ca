"""Every statement on identities, edges and person ids. A handful per batch, none per row.

Sets are joined with ``unnest``, never tested with ``= ANY``: on a table without statistics the planner may
test every row of a brand against every member of the array, and twenty thousand times forty thousand takes
for ever.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import psycopg

from quanyu.kernel.ids import TenantId
from quanyu.modules.people.rules import EdgeKey
from quanyu.modules.people.sql_text import bytea_array, int_array, text_array, time_array

Connection = psycopg.AsyncConnection[Any]


class IdentityRow(NamedTuple):
    """An identifier as stored, with the times of the person id it owns."""

    token: bytes
    namespace: str
    scope: str
    person_id: int | None
    canonical_id: int
    flag: str | None
    first_seen_at: datetime
    person_first_seen_at: datetime | None
    person_last_seen_at: datetime | None


class EdgeRow(NamedTuple):
    """An edge as stored."""

    a: bytes
    b: bytes
    evidence: str
    source: str
    strength: int
    first_event_at: datetime
    state: str
    reason: str
    note: str


class PersonRowData(NamedTuple):
    """A person id as stored."""

    id: int
    canonical_id: int
    first_seen_at: datetime
    last_seen_at: datetime


_IDENTITY = """
SELECT i.token, i.namespace, i.scope, i.person_id, i.canonical_id, i.flag, i.first_seen_at,
    p.first_seen_at, p.last_seen_at
FROM unnest(%s::bytea[]) AS w (token) JOIN identity i ON i.token = w.token
LEFT JOIN person p ON p.tenant_id = i.tenant_id AND p.id = i.person_id
"""
PERSON_COLUMNS: Final = "tenant_id, id, canonical_id, created_at, first_seen_at, last_seen_at"
IDENTITY_COLUMNS: Final = (
    "tenant_id, token, namespace, scope, sealed, person_id, canonical_id, flag, first_seen_at"
)
_EDGE_COLUMNS: Final = "a, b, evidence, source, strength, first_event_at, state, reason, note"
EDGE_COLUMNS: Final = f"tenant_id, {_EDGE_COLUMNS}"
_EDGES_AT = f"""
SELECT {_EDGE_COLUMNS} FROM unnest(%(tokens)s::bytea[]) AS w (token) JOIN identity_edge e ON e.a = w.token
WHERE tenant_id = %(tenant)s AND state IN ('held', 'demoted')
UNION
SELECT {_EDGE_COLUMNS} FROM unnest(%(tokens)s::bytea[]) AS w (token) JOIN identity_edge e ON e.b = w.token
WHERE tenant_id = %(tenant)s AND state IN ('held', 'demoted')
"""  # noqa: S608


async def lock_version(connection: Connection, tenant_id: TenantId) -> int:
    """Become the one writer of this brand's identities until commit; return the stamp of the last one."""
    await connection.execute(
        "INSERT INTO identity_version (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,)
    )
    cursor = await connection.execute(
        "SELECT stamp FROM identity_version WHERE tenant_id = %s FOR UPDATE", (tenant_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def stamp_version(
    connection: Connection, tenant_id: TenantId, stamp: int, *, remapped: bool, new_people: int
) -> None:
    """Tell everybody who remembers identities that they changed."""
    await connection.execute(
        "UPDATE identity_version SET stamp = %s, version = version + %s, people = people + %s "
        "WHERE tenant_id = %s",
        (stamp, int(remapped), new_people, tenant_id),
    )


async def find_identities(
    connection: Connection, tenant_id: TenantId, tokens: Iterable[bytes]
) -> list[IdentityRow]:
    """Return the stored identities among ``tokens``."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            f"{_IDENTITY} WHERE i.tenant_id = %s",
            (bytea_array(tokens), tenant_id),
        )
        return [IdentityRow(*row) for row in await cursor.fetchall()]


async def find_edges(
    connection: Connection, tenant_id: TenantId, pairs: Iterable[tuple[bytes, bytes]]
) -> list[EdgeRow]:
    """Return every edge, of whatever evidence and state, between the given pairs."""
    pairs = list(pairs)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            f"SELECT {_EDGE_COLUMNS} FROM identity_edge "  # noqa: S608
            "JOIN unnest(%s::bytea[], %s::bytea[]) AS w (wa, wb) ON a = wa AND b = wb WHERE tenant_id = %s",
            (bytea_array(a for a, _ in pairs), bytea_array(b for _, b in pairs), tenant_id),
        )
        return [EdgeRow(*row) for row in await cursor.fetchall()]


async def find_edges_at(
    connection: Connection, tenant_id: TenantId, tokens: Iterable[bytes]
) -> list[EdgeRow]:
    """Return the edges at ``tokens`` that take part in deciding who is who."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_EDGES_AT, {"tenant": tenant_id, "tokens": bytea_array(tokens)})
        return [EdgeRow(*row) for row in await cursor.fetchall()]


async def find_people(
    connection: Connection, tenant_id: TenantId, person_ids: Iterable[int]
) -> list[PersonRowData]:
    """Return the stored rows of person ids, canonical or not."""
    cursor = await connection.execute(
        "SELECT p.id, canonical_id, first_seen_at, last_seen_at "
        "FROM unnest(%s::int[]) AS w (id) JOIN person p ON p.id = w.id WHERE tenant_id = %s",
        (int_array(person_ids), tenant_id),
    )
    return [PersonRowData(*row) for row in await cursor.fetchall()]


async def draw_person_ids(connection: Connection, count: int) -> list[int]:
    """Draw new person ids from the deployment's one sequence, ascending."""
    cursor = await connection.execute("SELECT nextval('person_id_seq') FROM generate_series(1, %s)", (count,))
    return sorted(row[0] for row in await cursor.fetchall())


async def copy_rows(connection: Connection, table: str, columns: str, lines: Sequence[str]) -> None:
    """Insert rows written as COPY text."""
    if not lines:
        return
    target = f"{table} ({columns})"
    is_guarded = await _is_guarded(connection)
    if is_guarded:  # PostgreSQL copies into no table with row-level security, so by way of one without.
        await connection.execute(
            f"CREATE TEMP TABLE stage_{table} ON COMMIT DROP AS SELECT {columns} FROM {table} WHERE false"  # noqa: S608
        )
        target = f"pg_temp.stage_{table}"
    async with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN".encode()) as copy:
        await copy.write("".join(lines).encode())
    if is_guarded:
        insert = f"INSERT INTO {table} ({columns}) SELECT * FROM {target}"  # noqa: S608
        await connection.execute(insert.encode())
        await connection.execute(f"DROP TABLE {target}".encode())


_guarded: "WeakKeyDictionary[Connection, bool]" = WeakKeyDictionary()


async def _is_guarded(connection: Connection) -> bool:
    """Whether this connection's role is under row-level security; asked once per connection."""
    known = _guarded.get(connection)
    if known is None:
        cursor = await connection.execute("SELECT row_security_active('identity')")
        row = await cursor.fetchone()
        assert row is not None
        known = _guarded[connection] = bool(row[0])
    return known


async def update_identities(
    connection: Connection,
    tenant_id: TenantId,
    rows: Sequence[tuple[bytes, int | None, int, str | None, datetime]],
) -> None:
    """Set (token → person id, canonical id, flag, first seen)."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE identity i SET person_id = u.person_id, canonical_id = u.canonical_id, flag = u.flag,
            first_seen_at = u.first_seen_at
        FROM unnest(%s::bytea[], %s::int[], %s::int[], %s::text[], %s::timestamptz[])
            AS u (token, person_id, canonical_id, flag, first_seen_at)
        WHERE i.tenant_id = %s AND i.token = u.token
        """,
        (
            bytea_array(row[0] for row in rows),
            int_array(row[1] for row in rows),
            int_array(row[2] for row in rows),
            text_array(row[3] for row in rows),
            time_array(row[4] for row in rows),
            tenant_id,
        ),
    )


async def update_canonical(
    connection: Connection, tenant_id: TenantId, remapped: Sequence[tuple[int, int]]
) -> None:
    """Set (person id → canonical id)."""
    if not remapped:
        return
    await connection.execute(
        "UPDATE person p SET canonical_id = u.canonical_id "
        "FROM unnest(%s::int[], %s::int[]) AS u (id, canonical_id) WHERE p.tenant_id = %s AND p.id = u.id",
        (int_array(one for one, _ in remapped), int_array(to for _, to in remapped), tenant_id),
    )


async def update_edges(
    connection: Connection,
    tenant_id: TenantId,
    rows: Sequence[tuple[EdgeKey, datetime, str, str, str]],
) -> None:
    """Set (edge → first event time, state, reason, note)."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE identity_edge e SET first_event_at = u.first_event_at, state = u.state, reason = u.reason,
            note = u.note
        FROM unnest(%s::bytea[], %s::bytea[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
                %s::text[])
            AS u (a, b, evidence, first_event_at, state, reason, note)
        WHERE e.tenant_id = %s AND e.a = u.a AND e.b = u.b AND e.evidence = u.evidence
        """,
        (
            bytea_array(key[0] for key, *_ in rows),
            bytea_array(key[1] for key, *_ in rows),
            text_array(key[2] for key, *_ in rows),
            time_array(row[1] for row in rows),
            text_array(row[2] for row in rows),
            text_array(row[3] for row in rows),
            text_array(row[4] for row in rows),
            tenant_id,
        ),
    )


async def update_seen(
    connection: Connection, tenant_id: TenantId, rows: Sequence[tuple[int, datetime, datetime]]
) -> None:
    """Widen (person id → first seen, last seen)."""
    if not rows:
        return
    await connection.execute(
        """
        UPDATE person p SET first_seen_at = least(p.first_seen_at, u.first_seen_at),
            last_seen_at = greatest(p.last_seen_at, u.last_seen_at)
        FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS u (id, first_seen_at, last_seen_at)
        WHERE p.tenant_id = %s AND p.id = u.id
        """,
        (
            int_array(row[0] for row in rows),
            time_array(row[1] for row in rows),
            time_array(row[2] for row in rows),
            tenant_id,
        ),
    )


async def note_changes(
    connection: Connection, tenant_id: TenantId, *, profiles: Iterable[int], remapped: Iterable[int]
) -> None:
    """Put people on the copier's list."""
    lines = [f"{tenant_id}\t{person}\tt\tf\n" for person in sorted(profiles)]
    lines += [f"{tenant_id}\t{person}\tf\tt\n" for person in sorted(remapped)]
    await copy_rows(connection, "person_change", "tenant_id, person_id, profile, remapped", lines)


async def keep_scopes(connection: Connection, tenant_id: TenantId, scopes: Iterable[tuple[str, str]]) -> None:
    """Remember which (namespace, scope) pairs this brand has: a search by value tries each."""
    scopes = sorted(scopes)
    await connection.execute(
        "INSERT INTO identity_scope (tenant_id, namespace, scope) "
        "SELECT %s, * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
        (tenant_id, text_array(one for one, _ in scopes), text_array(scope for _, scope in scopes)),
    )
