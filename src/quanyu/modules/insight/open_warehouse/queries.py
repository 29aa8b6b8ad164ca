"""Kept questions, in PostgreSQL."""

from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.insight.open_warehouse.contracts import SavedQuery, SaveQuery

_PREFIX = "qry"


async def saved_queries(uow: UnitOfWork) -> tuple[SavedQuery, ...]:
    """Return every kept question, by name."""
    rows = await uow.execute(
        "SELECT id, name, sql, saved_by, saved_at FROM saved_query WHERE tenant_id = :tenant "
        "ORDER BY name, id",
        {"tenant": uow.tenant_id},
    )
    return tuple(
        SavedQuery(
            id=encode_id(_PREFIX, row.id),
            name=row.name,
            sql=row.sql,
            saved_by=row.saved_by,
            saved_at=row.saved_at,
        )
        for row in rows
    )


async def add_query(uow: UnitOfWork, command: SaveQuery, *, by: str, now: datetime) -> str:
    """Keep a question; return its outside id."""
    number = new_id()
    await uow.execute(
        "INSERT INTO saved_query (tenant_id, id, name, sql, saved_by, saved_at) "
        "VALUES (:tenant, :id, :name, :sql, :by, :now)",
        {
            "tenant": uow.tenant_id,
            "id": number,
            "name": command.name,
            "sql": command.sql,
            "by": by,
            "now": now,
        },
    )
    return encode_id(_PREFIX, number)


async def change_query(uow: UnitOfWork, query: str, command: SaveQuery, *, by: str, now: datetime) -> bool:
    """Replace a kept question; return whether there is one."""
    rows = await uow.execute(
        "UPDATE saved_query SET name = :name, sql = :sql, saved_by = :by, saved_at = :now "
        "WHERE tenant_id = :tenant AND id = :id RETURNING id",
        {"tenant": uow.tenant_id, "id": decode_id(_PREFIX, query), "name": command.name, "sql": command.sql,
         "by": by, "now": now},
    )  # fmt: skip
    return rows.first() is not None


async def drop_query(uow: UnitOfWork, query: str) -> None:
    """Keep a question no longer; nothing happens if there is none."""
    await uow.execute(
        "DELETE FROM saved_query WHERE tenant_id = :tenant AND id = :id",
        {"tenant": uow.tenant_id, "id": decode_id(_PREFIX, query)},
    )
