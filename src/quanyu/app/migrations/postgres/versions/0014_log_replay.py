"""Replay: how far the rebuilding of a brand's history has come."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0014_log_replay"
down_revision = "0013_source_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE log_replay (
            tenant_id int PRIMARY KEY,
            id bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('running', 'stopped', 'exchanging', 'done', 'failed')),
            upto_batch bigint NOT NULL,
            done_batch bigint NOT NULL DEFAULT 0,
            events_total bigint NOT NULL,
            events_done bigint NOT NULL DEFAULT 0,
            error text,
            started_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            finished_at timestamptz
        )
        """
    )
    tenant_table("log_replay")
