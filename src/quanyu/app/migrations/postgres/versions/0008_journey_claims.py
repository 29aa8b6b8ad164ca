"""Journeys: claims per journey, the event people came or left by, what still has to be let in."""

from alembic import op

revision = "0008_journey_claims"
down_revision = "0007_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ``came_by`` is the log position of the event that brought somebody to their node; ``matched_by`` that of
    # the event that lets them leave it, ``matched`` what messages may say of it.
    op.execute(
        """
        ALTER TABLE enrolment
            ADD COLUMN came_by bigint,
            ADD COLUMN matched_by bigint,
            ADD COLUMN matched jsonb
        """
    )
    op.execute("UPDATE enrolment SET entered_node_at = entered_at WHERE entered_node_at IS NULL")
    # ``entry_since``: what happened before starts nobody. ``let_in_after``: members of the segment with a
    # greater id still have to be let in; null when there is nothing to do.
    op.execute(
        """
        ALTER TABLE journey
            ADD COLUMN entry_since timestamptz,
            ADD COLUMN let_in_after int
        """
    )
    # Claims go journey by journey, so that a paused journey's overdue people cost nothing.
    op.execute(
        "CREATE INDEX enrolment_due_in_journey ON enrolment (tenant_id, journey_id, due_at) "
        "WHERE status = 'active'"
    )
    op.execute("DROP INDEX enrolment_due")
