"""What migrations share. Migrations are expand-only and work with the previous release."""

from alembic import op


def tenant_table(table: str) -> None:
    """Close ``table`` to other brands: row-level security for the app role, full use for the system role."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant_isolation ON {table} TO quanyu_app "
        "USING (tenant_id = nullif(current_setting('quanyu.tenant', true), '')::int)"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quanyu_app, quanyu_system")


def system_table(table: str) -> None:
    """Leave ``table`` to the platform itself: the app role cannot see it."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quanyu_system")
