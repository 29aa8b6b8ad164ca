"""Insight: saved analyses, boards, and notes about days."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0060_dashboards"
down_revision = "0059_people_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE saved_analysis (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            asked jsonb NOT NULL,
            saved_by text NOT NULL,
            saved_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    tenant_table("saved_analysis")
    # One board for each role, also after it was deleted: the row keeps it from being made again.
    op.execute(
        """
        CREATE TABLE dashboard (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            role text,
            version int NOT NULL,
            draft jsonb NOT NULL,
            changed_by text NOT NULL,
            changed_at timestamptz NOT NULL,
            deleted_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, role)
        )
        """
    )
    tenant_table("dashboard")
    op.execute(
        """
        CREATE TABLE annotation (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            day date NOT NULL,
            text text NOT NULL,
            written_by text NOT NULL,
            written_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX annotation_by_day ON annotation (tenant_id, day)")
    tenant_table("annotation")
