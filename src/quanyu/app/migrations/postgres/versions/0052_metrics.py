"""Insight: metrics a brand defines, as versions."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0052_metrics"
down_revision = "0051_rights_console"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE metric (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            version int NOT NULL,
            created_at timestamptz NOT NULL,
            archived_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    tenant_table("metric")
    op.execute(
        """
        CREATE TABLE metric_version (
            tenant_id int NOT NULL,
            metric_id bigint NOT NULL,
            version int NOT NULL,
            draft jsonb NOT NULL,
            changed_at timestamptz NOT NULL,
            changed_by text NOT NULL,
            PRIMARY KEY (tenant_id, metric_id, version)
        )
        """
    )
    tenant_table("metric_version")
