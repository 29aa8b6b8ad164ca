"""Messages of any kind and channel: the table of capabilities knows them, not the database."""

from alembic import op

revision = "0094_message_kinds"
down_revision = "0092_form_pace"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message_intent DROP CONSTRAINT message_intent_kind_check")
