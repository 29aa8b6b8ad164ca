"""Lists of people that are kept under a name."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0053_people_views"
down_revision = "0052_metrics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # list: filter, order and columns as the API takes them.
    op.execute(
        """
        CREATE TABLE people_view (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            owner_id bigint NOT NULL,
            name text NOT NULL,
            shared boolean NOT NULL,
            list jsonb NOT NULL,
            made_by text NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    tenant_table("people_view")
