"""How long events are kept, by name, and what was dropped because of it."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0070_event_retention"
down_revision = "0069_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An empty name stands for all names without a rule of their own; days that are null: for good.
    op.execute(
        """
        CREATE TABLE event_retention (
            tenant_id int NOT NULL,
            name text NOT NULL,
            warehouse_days int CHECK (warehouse_days > 0),
            archive_days int CHECK (archive_days > 0),
            changed_by text NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, name)
        )
        """
    )
    tenant_table("event_retention")
    # Up to when the warehouse let go of a name; a replay and a restore let go of it again.
    op.execute(
        """
        CREATE TABLE event_dropped (
            tenant_id int NOT NULL,
            name text NOT NULL,
            before timestamptz NOT NULL,
            events bigint NOT NULL,
            dropped_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, name)
        )
        """
    )
    tenant_table("event_dropped")
    op.execute(
        """
        CREATE TABLE event_retention_run (
            tenant_id int PRIMARY KEY,
            day date NOT NULL,
            state text NOT NULL,
            step text NOT NULL,
            done int NOT NULL DEFAULT 0,
            total int NOT NULL DEFAULT 0,
            events bigint NOT NULL DEFAULT 0,
            archived bigint NOT NULL DEFAULT 0,
            pending jsonb,
            error text,
            is_due boolean NOT NULL DEFAULT false,
            started_at timestamptz NOT NULL,
            finished_at timestamptz
        )
        """
    )
    tenant_table("event_retention_run")
    # How many of a batch the warehouse let go of, of a file the archive, and what a replay found of those.
    op.execute("ALTER TABLE log_batch ADD COLUMN dropped int NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE log_archive ADD COLUMN retired bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE log_archive ADD COLUMN judged text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE log_replay ADD COLUMN retired bigint NOT NULL DEFAULT 0")
