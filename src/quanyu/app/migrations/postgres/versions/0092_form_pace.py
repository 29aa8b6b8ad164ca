"""When a browser last sent an answer: the next one may not come faster than a form allows."""

from alembic import op

revision = "0092_form_pace"
down_revision = "0091_form_refusals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE form_visit ADD COLUMN last_sent_at timestamptz")
