"""Messages: holding all of a brand's sending, as after a restore."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0017_message_hold"
down_revision = "0016_callback_refusals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE message_hold (
            tenant_id int PRIMARY KEY,
            reason text NOT NULL CHECK (reason IN ('restored', 'manual')),
            since timestamptz NOT NULL,
            made_at timestamptz,
            released_at timestamptz,
            dropped_upto timestamptz
        )
        """
    )
    tenant_table("message_hold")
