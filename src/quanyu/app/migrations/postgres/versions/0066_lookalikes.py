"""Lists filled with lookalikes: the search of each, and versions that wait for a yes."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0066_lookalikes"
down_revision = "0065_form_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE segment_list_version DROP CONSTRAINT segment_list_version_state_check")
    op.execute(
        "ALTER TABLE segment_list_version ADD CONSTRAINT segment_list_version_state_check "
        "CHECK (state IN ('writing', 'done', 'refused', 'failed', 'proposed', 'dropped'))"
    )
    # ``version``: the one that waits for a yes, or was used.
    op.execute(
        """
        CREATE TABLE segment_lookalike (
            tenant_id int NOT NULL,
            list_id bigint NOT NULL,
            segment_id bigint NOT NULL,
            search jsonb NOT NULL,
            state text NOT NULL CHECK (state IN
                ('wanted', 'running', 'proposed', 'used', 'refused', 'stopped', 'failed')),
            version int,
            card jsonb,
            error text,
            wanted_by text NOT NULL,
            wanted_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, list_id),
            FOREIGN KEY (tenant_id, list_id) REFERENCES segment_list (tenant_id, id)
        )
        """
    )
    tenant_table("segment_lookalike")
