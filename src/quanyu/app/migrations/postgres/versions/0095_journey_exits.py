"""Journeys: what ended a passage wherever it stood, and when it reached its goal."""

from alembic import op

revision = "0095_journey_exits"
down_revision = "0094_message_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # entered_by: the entry's place in the log. Of events of one instant, those behind it come after it.
    # over_by is kept of those who completed, too: what they were told last may still wait to go out.
    op.execute(
        "ALTER TABLE enrolment ADD COLUMN entered_by bigint, ADD COLUMN over_by text, "
        "ADD COLUMN goal_at timestamptz"
    )
    op.execute("CREATE INDEX enrolment_goal ON enrolment (tenant_id, journey_id) WHERE goal_at IS NOT NULL")
