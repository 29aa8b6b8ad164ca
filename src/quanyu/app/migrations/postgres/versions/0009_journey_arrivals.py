"""Journeys: arrivals are counted as departures are, so that nobody has to count who waits."""

from alembic import op

revision = "0009_journey_arrivals"
down_revision = "0008_journey_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The empty outcome counts arrivals: who came to a node and did not leave it waits there.
    op.execute(
        """
        INSERT INTO journey_node_count (tenant_id, journey_id, node, outcome, count)
        SELECT tenant_id, journey_id, node, '', sum(count)
        FROM (
            SELECT tenant_id, journey_id, node, count FROM journey_node_count
            UNION ALL
            SELECT tenant_id, journey_id, node, count(*) FROM enrolment
            WHERE status = 'active' GROUP BY 1, 2, 3
        ) came
        GROUP BY 1, 2, 3
        """
    )
    op.execute("DROP INDEX enrolment_node")
