"""Insight: questions in SQL that a brand keeps."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0040_saved_queries"
down_revision = "0039_consent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE saved_query (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            sql text NOT NULL,
            saved_by text NOT NULL,
            saved_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    tenant_table("saved_query")
