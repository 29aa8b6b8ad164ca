"""Replays of journeys on history."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0110_journey_replays"
down_revision = "0109_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE journey_replay (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            journey_id bigint NOT NULL,
            definition jsonb NOT NULL,
            days int NOT NULL,
            state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
            progress float8 NOT NULL DEFAULT 0,
            step text NOT NULL DEFAULT '',
            actor text NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            error text NOT NULL DEFAULT '',
            error_zh text NOT NULL DEFAULT '',
            report jsonb,
            samples jsonb NOT NULL DEFAULT '{}',
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, journey_id) REFERENCES journey ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX journey_replay_journey ON journey_replay (tenant_id, journey_id, id)")
    op.execute(
        "CREATE INDEX journey_replay_open ON journey_replay (tenant_id, id) "
        "WHERE state IN ('waiting', 'running')"
    )
    tenant_table("journey_replay")
