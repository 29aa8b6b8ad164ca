"""Segments of companies."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0061_account_segments"
down_revision = "0060_dashboards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE account_segment (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            definition jsonb NOT NULL,
            size int,
            sized_at timestamptz,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, name)
        )
        """
    )
    tenant_table("account_segment")
