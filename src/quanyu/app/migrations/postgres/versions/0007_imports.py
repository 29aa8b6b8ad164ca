"""Imports: one row per file that was, is or will be read."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0007_imports"
down_revision = "0006_journeys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE import_job (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('people', 'events', 'orders')),
            file text NOT NULL,
            map_name text NOT NULL,
            map_text text NOT NULL,
            identity bytea NOT NULL,
            dry_run boolean NOT NULL,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
            phase text NOT NULL
                CHECK (phase IN ('waiting', 'reading', 'mapping', 'sorting', 'writing', 'done')),
            share real NOT NULL DEFAULT 0,
            cancel_requested boolean NOT NULL DEFAULT false,
            rows_total bigint,
            rows_read bigint NOT NULL DEFAULT 0,
            rows_rejected bigint NOT NULL DEFAULT 0,
            rows_skipped bigint NOT NULL DEFAULT 0,
            rows_repeated bigint NOT NULL DEFAULT 0,
            reject_reasons json NOT NULL DEFAULT '{}',
            events_total bigint,
            events_by_name json NOT NULL DEFAULT '{}',
            events_of_nobody bigint NOT NULL DEFAULT 0,
            events_written bigint NOT NULL DEFAULT 0,
            events_duplicate bigint NOT NULL DEFAULT 0,
            events_differing bigint NOT NULL DEFAULT 0,
            chunks_total int,
            chunks_done int NOT NULL DEFAULT 0,
            last_xid xid8,
            last_position bigint,
            error json,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            finished_at timestamptz,
            queryable_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CHECK (chunks_done <= coalesce(chunks_total, 0)),
            CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')))
        )
        """
    )
    # The same file by the same map cannot run twice at once: the second call joins the first.
    op.execute(
        """
        CREATE UNIQUE INDEX import_job_open ON import_job (tenant_id, identity)
        WHERE status IN ('queued', 'running')
        """
    )
    op.execute(
        """
        CREATE INDEX import_job_settling ON import_job (tenant_id, id)
        WHERE status = 'completed' AND queryable_at IS NULL
        """
    )
    tenant_table("import_job")
