"""Broadcasts: what is said, its runs, their people and why some were left out, and who did what."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0105_broadcasts"
down_revision = "0104_message_campaigns"
branch_labels = None
depends_on = None

_STATUSES = "'draft', 'scheduled', 'snapshotting', 'sending', 'paused', 'cancelling', 'cancelled', 'done'"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE broadcast (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            status text NOT NULL CHECK (status IN ({_STATUSES})),
            plan jsonb NOT NULL,
            run int NOT NULL DEFAULT 0,
            next_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT broadcast_scheduled_has_time CHECK (status <> 'scheduled' OR next_at IS NOT NULL)
        )
        """
    )
    op.execute(
        "CREATE INDEX broadcast_open ON broadcast (tenant_id, id) "
        "WHERE status IN ('scheduled', 'snapshotting', 'sending', 'cancelling')"
    )
    # Who moved it from which state to which, and why.
    op.execute(
        """
        CREATE TABLE broadcast_move (
            tenant_id int NOT NULL,
            broadcast_id bigint NOT NULL,
            id bigint NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            from_status text NOT NULL,
            to_status text NOT NULL,
            reason text,
            PRIMARY KEY (tenant_id, broadcast_id, id)
        )
        """
    )
    # cursor: the last person of the audience that is written down. wave_at: when the first wave was planned.
    op.execute(
        """
        CREATE TABLE broadcast_run (
            tenant_id int NOT NULL,
            broadcast_id bigint NOT NULL,
            run int NOT NULL,
            started_at timestamptz NOT NULL,
            cursor bigint NOT NULL DEFAULT 0,
            counted_at timestamptz,
            wave smallint NOT NULL DEFAULT 0,
            wave_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, broadcast_id, run)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE broadcast_person (
            tenant_id int NOT NULL,
            broadcast_id bigint NOT NULL,
            run int NOT NULL,
            person_id int NOT NULL,
            state text NOT NULL CHECK (state IN
                ('waiting', 'planned', 'control', 'held_out', 'excluded', 'duplicate', 'cancelled')),
            due_at timestamptz NOT NULL,
            wave smallint NOT NULL DEFAULT 0,
            timing text NOT NULL DEFAULT '',
            message_id bigint,
            PRIMARY KEY (tenant_id, broadcast_id, run, person_id),
            CONSTRAINT broadcast_person_planned_has_message
                CHECK ((state = 'planned') = (message_id IS NOT NULL))
        ) WITH (fillfactor = 85)
        """
    )
    op.execute(
        "CREATE INDEX broadcast_person_due ON broadcast_person (tenant_id, broadcast_id, run, wave, due_at) "
        "WHERE state = 'waiting'"
    )
    for table in ("broadcast", "broadcast_move", "broadcast_run", "broadcast_person"):
        tenant_table(table)
