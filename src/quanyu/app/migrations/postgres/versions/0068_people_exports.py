"""Exports of people: what was asked for and why, how far each is, and who took it."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0068_people_exports"
down_revision = "0067_old_opt_outs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # people: who was meant when it was asked for, ascending, until the file is gone; meant: how many. The
    # first "done" of them are written. size: how many bytes of the sealed file count. removed: why it went.
    op.execute(
        """
        CREATE TABLE people_export (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done')),
            columns text[] NOT NULL,
            is_unmasked boolean NOT NULL,
            reason text NOT NULL,
            actor text NOT NULL,
            people int[] NOT NULL,
            meant int NOT NULL,
            done int NOT NULL DEFAULT 0,
            rows int NOT NULL DEFAULT 0,
            size bigint NOT NULL DEFAULT 0,
            removed text CHECK (removed IN ('expired', 'erased', 'by_hand')),
            removed_by text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX people_export_kept ON people_export (tenant_id, id) WHERE removed IS NULL")
    op.execute(
        """
        CREATE TABLE people_export_fetch (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            export_id bigint NOT NULL,
            actor text NOT NULL,
            fetched_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, export_id, id)
        )
        """
    )
    for table in ("people_export", "people_export_fetch"):
        tenant_table(table)
