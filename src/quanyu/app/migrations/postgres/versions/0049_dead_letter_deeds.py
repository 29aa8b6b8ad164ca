"""Dead letters that were discarded, and what was done to letters by whom."""

from alembic import op

from quanyu.app.migrations.support import system_table

revision = "0049_dead_letter_deeds"
down_revision = "0048_rights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE dead_letter ADD COLUMN discarded_at timestamptz, "
        "ADD COLUMN discard_reason text NOT NULL DEFAULT ''"
    )
    op.execute(
        """
        CREATE TABLE dead_letter_deed (
            tenant_id int NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            at timestamptz NOT NULL,
            who text NOT NULL,
            deed text NOT NULL CHECK (deed IN ('replay', 'discard')),
            subscriber text,
            error text,
            position bigint,
            reason text NOT NULL,
            done bigint NOT NULL,
            failed bigint NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    system_table("dead_letter_deed")
