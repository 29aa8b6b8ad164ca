"""Segments: when they are evaluated."""

from alembic import op

revision = "0055_segment_schedules"
down_revision = "0054_rfm_definitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ``wanted_at``: somebody asked for an evaluation then; one as of that instant or later has answered.
    op.execute(
        """
        ALTER TABLE segment
            ADD COLUMN schedule jsonb NOT NULL DEFAULT '{"kind": "live"}',
            ADD COLUMN wanted_at timestamptz
        """
    )
