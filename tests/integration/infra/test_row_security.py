"""Every table of a brand is closed to other brands: asked of the database's own catalogue."""

import pytest
from sqlalchemy.exc import DBAPIError

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId

# The log is not read by the app role; it appends facts, and their keys must be compared.
_WITHOUT_POLICY = {"log_event": {"INSERT"}, "event_key": {"SELECT", "INSERT"}}
_POLICY = "(tenant_id = (NULLIF(current_setting('quanyu.tenant'::text, true), ''::text))::integer)"
_TABLES = """
SELECT c.relname, c.relrowsecurity,
    array(
        SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
        WHERE has_table_privilege('quanyu_app', c.oid, p)
    ),
    array(
        SELECT polpermissive || ' ' || polcmd::text || ' ' || pg_get_expr(polqual, polrelid)
        FROM pg_policy WHERE polrelid = c.oid
    ),
    pg_get_userbyid(c.relowner)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_NOT_A_BRANDS = {"alembic_version"}


async def test_the_app_role_reaches_no_other_brands_rows(database: Database) -> None:
    async with await database.connect_system() as connection:
        tables = await (await connection.execute(_TABLES)).fetchall()
        roles = await connection.execute(
            "SELECT rolname, rolbypassrls, rolsuper FROM pg_roles "
            "WHERE rolname IN ('quanyu_app', 'quanyu_system')"
        )
        assert sorted(await roles.fetchall()) == [
            ("quanyu_app", False, False),
            ("quanyu_system", True, False),
        ]
    assert {"brand", "person", "segment", "journey", "message_intent"} <= {table[0] for table in tables}
    for name, is_closed, rights, policies, owner in tables:
        assert owner not in ("quanyu_app", "quanyu_system"), name
        if name in _NOT_A_BRANDS or not is_closed:
            assert set(rights) == _WITHOUT_POLICY.get(name, set()), name
        else:
            assert policies == [f"true * {_POLICY}"], name


async def test_rows_of_other_brands_can_be_neither_seen_nor_written(
    uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    async with uows.app(TenantId(tenant_id + 500)) as uow:
        seen = await uow.execute("SELECT count(*) FROM brand")
        changed = await uow.execute("UPDATE brand SET name = 'mine' WHERE tenant_id = :t", {"t": tenant_id})
        assert (seen.scalar_one(), changed.rowcount) == (0, 0)


async def test_an_error_does_not_tell_what_people_told_us(
    uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with uows.app(tenant_id) as uow:
            await uow.execute("SELECT length(:phone) / 0", {"phone": "13812345678"})
    assert "13812345678" not in str(failed.value)
