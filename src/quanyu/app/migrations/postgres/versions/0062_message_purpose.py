"""The purpose a message is sent for, where it names one."""

from alembic import op

revision = "0062_message_purpose"
down_revision = "0061_account_segments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty: that of its class, as it always was.
    op.execute("ALTER TABLE message_intent ADD COLUMN purpose text NOT NULL DEFAULT ''")
