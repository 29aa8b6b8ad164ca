"""What journeys change of people, written down with the move and done once."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0115_journey_changes"
down_revision = "0114_content_templates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE journey_change (
            tenant_id int NOT NULL,
            enrolment_id bigint NOT NULL,
            seq int NOT NULL,
            journey_id bigint NOT NULL,
            node text NOT NULL,
            person_id int NOT NULL,
            change jsonb NOT NULL,
            at timestamptz NOT NULL,
            failed text,
            PRIMARY KEY (tenant_id, enrolment_id, seq),
            FOREIGN KEY (tenant_id, enrolment_id) REFERENCES enrolment ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX journey_change_due ON journey_change (tenant_id, at, enrolment_id, seq) "
        "WHERE failed IS NULL"
    )
    op.execute("CREATE INDEX journey_change_person ON journey_change (tenant_id, person_id)")
    op.execute(
        "CREATE INDEX journey_change_failed ON journey_change (tenant_id, journey_id) "
        "WHERE failed IS NOT NULL"
    )
    tenant_table("journey_change")
