"""Copying changed profiles, merges and unmerges into the warehouse, where segments and queries read them."""

from collections.abc import Iterable
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.profile.winning import WINNING
from quanyu.modules.people.sql_text import int_array
from quanyu.modules.people.tags.carrying import CARRIED

CHANGES_MAX: Final = 20_000  # Of one transaction; the rest follows in the next.
PROFILE_COLUMNS: Final = (
    "tenant_id", "person", "attributes", "first_seen_at", "last_seen_at", "deleted", "version", "tags",
)  # fmt: skip
ALIAS_COLUMNS: Final = ("tenant_id", "person", "canonical", "version")

# PostgreSQL's COPY text is ClickHouse's TSV: profiles pass through without becoming Python values. A person
# who is known as somebody else by now has no profile any more.
_PROFILES: Final = """
COPY (
    WITH changed AS (
        SELECT p.id, p.canonical_id, p.first_seen_at, p.last_seen_at
        FROM unnest('{people}'::int[]) AS w (id) JOIN person p ON p.tenant_id = {tenant} AND p.id = w.id
    ), member AS (
        SELECT id AS profile, id FROM changed WHERE canonical_id = id
        UNION ALL
        SELECT p.canonical_id, p.id FROM unnest('{people}'::int[]) AS w (id)
        JOIN person p ON p.tenant_id = {tenant} AND p.canonical_id = w.id AND p.canonical_id <> p.id
    ), {winning}, told AS (
        SELECT profile, jsonb_object_agg(key, value) AS attributes FROM winning
        WHERE value IS NOT NULL GROUP BY profile
    ), seen AS (
        SELECT m.profile, min(p.first_seen_at) AS first_seen_at, max(p.last_seen_at) AS last_seen_at
        FROM member m JOIN person p ON p.tenant_id = {tenant} AND p.id = m.id GROUP BY m.profile
    ), {carried}, tagged AS (
        SELECT profile, '[' || string_agg(tag_id::text, ',' ORDER BY tag_id) || ']' AS tags
        FROM carried GROUP BY profile
    )
    SELECT {tenant}, s.profile, coalesce(t.attributes, '{{}}'), s.first_seen_at, s.last_seen_at, 0, {version},
        coalesce(g.tags, '[]')
    FROM seen s LEFT JOIN told t USING (profile) LEFT JOIN tagged g USING (profile)
    UNION ALL
    SELECT {tenant}, id, '{{}}', first_seen_at, last_seen_at, 1, {version}, '[]'
    FROM changed WHERE canonical_id <> id
) TO STDOUT
"""
_ALIASES: Final = """
COPY (
    SELECT p.tenant_id, p.id, p.canonical_id, {version}
    FROM unnest('{people}'::int[]) AS w (id) JOIN person p ON p.tenant_id = {tenant} AND p.id = w.id
) TO STDOUT
"""


class ProfileCopier:
    """Empties the list of changes into the warehouse. One copier per brand at a time."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse) -> None:
        self._uows = uows
        self._warehouse = warehouse

    async def copy_changes(self, tenant_id: TenantId) -> int:
        """Copy every profile and merge committed so far; return how many profiles.

        Copying again after a crash is harmless: a row's newest version counts. When it returns, the
        dictionary of canonical ids knows every merge and unmerge that was committed before the call.

        Raises:
            WarehouseUnavailable: nothing is lost; call again later.
        """
        copied = 0
        while True:
            async with self._uows.system(tenant_id) as uow:
                changes = await _read_changes(uow)
                profiles, aliases = await warehouse_rows(
                    uow,
                    profiles={person for _, person, profile, _ in changes if profile},
                    remapped={person for _, person, _, remapped in changes if remapped},
                )
            if not changes:
                return copied
            await self._insert(profiles, aliases)
            async with self._uows.system(tenant_id) as uow:
                await _forget_changes(uow, [seq for seq, *_ in changes])
            copied += profiles.count(b"\n")

    async def _insert(self, profiles: bytes, aliases: bytes) -> None:
        if aliases:
            await self._warehouse.insert_tsv("person_alias", ALIAS_COLUMNS, aliases)
            await self._warehouse.reload_people()
        if profiles:
            await self._warehouse.insert_tsv("profiles", PROFILE_COLUMNS, profiles)


async def warehouse_rows(
    uow: UnitOfWork, *, profiles: Iterable[int], remapped: Iterable[int]
) -> tuple[bytes, bytes]:
    """Return (profiles, aliases) of people as TSV of ``PROFILE_COLUMNS`` and ``ALIAS_COLUMNS``."""
    connection = await uow.raw()
    return (
        await _copy_out(connection, uow.tenant_id, _PROFILES, profiles),
        await _copy_out(connection, uow.tenant_id, _ALIASES, remapped),
    )


async def _copy_out(
    connection: Connection, tenant_id: TenantId, statement: str, people: Iterable[int]
) -> bytes:
    wanted = int_array(sorted(int(person) for person in people))
    if wanted == "{}":
        return b""
    carried = CARRIED.format(tenant=int(tenant_id))
    winning = WINNING.format(tenant=int(tenant_id), only="AND a.class IN ('free', 'none')")
    sql = statement.format(
        tenant=int(tenant_id), people=wanted, version=new_id(), carried=carried, winning=winning
    )
    chunks: list[bytes] = []
    async with connection.cursor() as cursor, cursor.copy(sql.encode()) as copy:
        async for chunk in copy:
            chunks.append(bytes(chunk))
    return b"".join(chunks)


async def _read_changes(uow: UnitOfWork) -> list[tuple[int, int, bool, bool]]:
    found = await uow.execute(
        "SELECT seq, person_id, profile, remapped FROM person_change WHERE tenant_id = :tenant "
        "ORDER BY seq LIMIT :most",
        {"tenant": uow.tenant_id, "most": CHANGES_MAX},
    )
    return [(row.seq, row.person_id, row.profile, row.remapped) for row in found]


async def _forget_changes(uow: UnitOfWork, seqs: list[int]) -> None:
    # Exactly what was read: a change noted meanwhile, also of the same person, stays for the next time.
    # Whoever changed is compared with others anew, unless the brand does not want people compared.
    connection = await uow.raw()
    await connection.execute(
        """
        WITH gone AS (
            DELETE FROM person_change c USING unnest(%(seqs)s::bigint[]) AS w (seq)
            WHERE c.tenant_id = %(tenant)s AND c.seq = w.seq RETURNING c.person_id
        )
        INSERT INTO match_pending (tenant_id, person_id) SELECT DISTINCT %(tenant)s::int, person_id FROM gone
        WHERE NOT EXISTS (SELECT 1 FROM match_setting WHERE tenant_id = %(tenant)s AND NOT is_on)
        ORDER BY 2 ON CONFLICT (tenant_id, person_id) DO UPDATE SET seq = excluded.seq
        """,
        {"seqs": int_array(seqs), "tenant": uow.tenant_id},
    )
