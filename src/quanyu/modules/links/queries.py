"""Every statement about links and their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId

_COLUMNS = "id, name, target, utm, made_for, campaign, node_id, code, expires_at, created_at"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it is stored."""

    id: int
    name: str
    target: str
    utm: Mapping[str, str]
    made_for: str | None  # What messages it came about by; None: made by hand.
    campaign: str
    node_id: str
    code: str | None
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One person's copy of a link."""

    code: str
    link_id: int
    person_id: int
    message_id: int
    target_sealed: bytes | None  # None: as the link says.


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code with its link."""

    link_id: int
    target: str
    target_sealed: bytes | None
    utm: Mapping[str, str]
    person_id: PersonId | None
    message_id: int | None
    campaign: str
    node_id: str
    expires_at: datetime | None
    link_expires_at: datetime | None


async def count_own(uow: UnitOfWork) -> int:
    """Return how many links were made by hand."""
    rows = await uow.execute(
        "SELECT count(*) FROM link WHERE tenant_id = :tenant AND made_for IS NULL", {"tenant": uow.tenant_id}
    )
    return int(rows.scalar_one())


async def insert_own(
    uow: UnitOfWork,
    link_id: int,
    *,
    name: str,
    target: str,
    utm: Mapping[str, str],
    code: str,
    expires_at: datetime | None,
) -> None:
    """Write a link made by hand, and the one code it has."""
    now = uow.clock.now()
    connection = await uow.raw()
    await connection.execute(
        "INSERT INTO link (tenant_id, id, name, target, utm, code, expires_at, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (uow.tenant_id, link_id, name, target, Jsonb(dict(utm)), code, expires_at, now, now),
    )
    await connection.execute(
        "INSERT INTO link_code (tenant_id, code, link_id, created_at) VALUES (%s, %s, %s, %s)",
        (uow.tenant_id, code, link_id, now),
    )


async def update_own(
    uow: UnitOfWork,
    link_id: int,
    *,
    name: str,
    target: str,
    utm: Mapping[str, str],
    expires_at: datetime | None,
) -> None:
    """Change a link made by hand."""
    connection = await uow.raw()
    await connection.execute(
        "UPDATE link SET name = %s, target = %s, utm = %s, expires_at = %s, updated_at = %s "
        "WHERE tenant_id = %s AND id = %s",
        (name, target, Jsonb(dict(utm)), expires_at, uow.clock.now(), uow.tenant_id, link_id),
    )


async def find(uow: UnitOfWork, link_id: int, *, lock: bool = False) -> LinkRow | None:
    """Return a link."""
    rows = await uow.execute(
        f"SELECT {_COLUMNS} FROM link WHERE tenant_id = :tenant AND id = :id"  # noqa: S608
        + (" FOR UPDATE" if lock else ""),
        {"tenant": uow.tenant_id, "id": link_id},
    )
    row = rows.first()
    return LinkRow(*row) if row is not None else None


async def list_links(
    uow: UnitOfWork, *, campaign: str, before_id: int | None, rows_max: int
) -> list[LinkRow]:
    """Return links, newest first; of one journey or broadcast where it is named."""
    rows = await uow.execute(
        f"SELECT {_COLUMNS} FROM link WHERE tenant_id = :tenant "  # noqa: S608
        "AND (:campaign = '' OR campaign = :campaign) "
        "AND (CAST(:before AS bigint) IS NULL OR id < :before) ORDER BY id DESC LIMIT :rows",
        {"tenant": uow.tenant_id, "campaign": campaign, "before": before_id, "rows": rows_max},
    )
    return [LinkRow(*row) for row in rows]


async def ensure(uow: UnitOfWork, rows: Sequence[LinkRow]) -> dict[tuple[str, str], LinkRow]:
    """Return the links of messages by (what they were made for, name); those missing are made."""
    connection = await uow.raw()
    values: dict[str, Any] = {
        "tenant": uow.tenant_id,
        "now": uow.clock.now(),
        "ids": [row.id for row in rows],
        "names": [row.name for row in rows],
        "targets": [row.target for row in rows],
        "utms": [Jsonb(dict(row.utm)) for row in rows],
        "made_for": [row.made_for for row in rows],
        "campaigns": [row.campaign for row in rows],
        "nodes": [row.node_id for row in rows],
    }
    await connection.execute(
        """
        INSERT INTO link
            (tenant_id, id, name, target, utm, made_for, campaign, node_id, created_at, updated_at)
        SELECT %(tenant)s, r.*, %(now)s, %(now)s
        FROM unnest(%(ids)s::bigint[], %(names)s::text[], %(targets)s::text[], %(utms)s::jsonb[],
            %(made_for)s::text[], %(campaigns)s::text[], %(nodes)s::text[])
            AS r (id, name, target, utm, made_for, campaign, node_id)
        ORDER BY made_for, name
        ON CONFLICT (tenant_id, made_for, name) WHERE made_for IS NOT NULL DO NOTHING
        """,
        values,
    )
    # A statement of its own: it sees what another transaction made while ours waited for it.
    cursor = await connection.execute(
        f"""
        SELECT {", ".join(f"l.{name}" for name in _COLUMNS.split(", "))}
        FROM link l JOIN unnest(%(made_for)s::text[], %(names)s::text[]) AS r (made_for, name)
            ON l.made_for = r.made_for AND l.name = r.name
        WHERE l.tenant_id = %(tenant)s
        """,  # noqa: S608
        values,
    )
    found = [LinkRow(*row) for row in await cursor.fetchall()]
    return {(row.made_for or "", row.name): row for row in found}


async def insert_codes(uow: UnitOfWork, rows: Sequence[CodeRow], *, expires_at: datetime) -> None:
    """Write people's copies of links."""
    connection = await uow.raw()
    await connection.execute(
        """
        INSERT INTO link_code
            (tenant_id, code, link_id, person_id, message_id, target_sealed, created_at, expires_at)
        SELECT %(tenant)s, r.*, %(now)s, %(expires)s
        FROM unnest(%(codes)b::text[], %(links)b::bigint[], %(people)b::int[], %(messages)b::bigint[],
            %(targets)b::bytea[]) AS r (code, link_id, person_id, message_id, target_sealed)
        """,
        {
            "tenant": uow.tenant_id,
            "now": uow.clock.now(),
            "expires": expires_at,
            "codes": [row.code for row in rows],
            "links": [row.link_id for row in rows],
            "people": [row.person_id for row in rows],
            "messages": [row.message_id for row in rows],
            "targets": [row.target_sealed for row in rows],
        },
    )


async def find_code(uow: UnitOfWork, code: str) -> FoundCode | None:
    """Return where a code leads."""
    rows = await uow.execute(
        """
        SELECT c.link_id, l.target, c.target_sealed, l.utm, c.person_id, c.message_id, l.campaign, l.node_id,
            c.expires_at, l.expires_at
        FROM link_code c JOIN link l ON l.tenant_id = c.tenant_id AND l.id = c.link_id
        WHERE c.tenant_id = :tenant AND c.code = :code
        """,
        {"tenant": uow.tenant_id, "code": code},
    )
    row = rows.first()
    return FoundCode(*row) if row is not None else None


async def follow_messages(uow: UnitOfWork, moved: Mapping[int, PersonId]) -> None:
    """Give the copies in messages to whom the messages belong now."""
    connection = await uow.raw()
    await connection.execute(
        """
        UPDATE link_code c SET person_id = m.person_id
        FROM unnest(%(messages)b::bigint[], %(people)b::int[]) AS m (message_id, person_id)
        WHERE c.tenant_id = %(tenant)s AND c.message_id = m.message_id
        """,
        {"tenant": uow.tenant_id, "messages": list(moved), "people": list(moved.values())},
    )


async def forget_over(uow: UnitOfWork, *, before: datetime, rows_max: int) -> int:
    """Delete copies that ended some time ago; return how many."""
    rows = await uow.execute(
        """
        DELETE FROM link_code WHERE tenant_id = :tenant AND code IN (
            SELECT code FROM link_code WHERE tenant_id = :tenant AND expires_at < :before
            ORDER BY expires_at LIMIT :rows
        )
        """,
        {"tenant": uow.tenant_id, "before": before, "rows": rows_max},
    )
    return int(rows.rowcount)
