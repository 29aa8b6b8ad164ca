"""Channels: what all processes together called within the windows of published limits."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0031_call_windows"
down_revision = "0030_corp_tags"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One row per window that is counted; a new one takes the place of the one before.
    op.execute(
        """
        CREATE TABLE call_window (
            tenant_id int NOT NULL,
            key text NOT NULL,
            path text NOT NULL,
            span text NOT NULL CHECK (span IN ('minute', 'hour', 'day', 'month')),
            began_at timestamptz NOT NULL,
            used int NOT NULL,
            PRIMARY KEY (tenant_id, key, path, span)
        ) WITH (fillfactor = 50)
        """
    )
    tenant_table("call_window")
