"""Studies of people: runs with their cards, everybody's group, movement between groups, and settings."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0044_studies"
down_revision = "0043_computed_attributes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One row per run of a kind (clusters, lifecycle, churn …); it counts once ``finished_at`` is set.
    op.execute(
        """
        CREATE TABLE study_run (
            tenant_id int NOT NULL,
            kind text NOT NULL,
            id bigint NOT NULL,
            as_of timestamptz NOT NULL,
            people int NOT NULL,
            card jsonb NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, kind, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE study_score (
            tenant_id int NOT NULL,
            kind text NOT NULL,
            run_id bigint NOT NULL,
            person_id int NOT NULL,
            place int NOT NULL CHECK (place > 0),
            label text NOT NULL,
            before text,
            score double precision,
            detail jsonb NOT NULL,
            PRIMARY KEY (tenant_id, kind, run_id, person_id),
            FOREIGN KEY (tenant_id, kind, run_id) REFERENCES study_run (tenant_id, kind, id)
        )
        """
    )
    op.execute("CREATE INDEX study_score_place ON study_score (tenant_id, kind, run_id, label, place)")
    # Kept longer than the runs themselves; '' is "not there".
    op.execute(
        """
        CREATE TABLE study_move (
            tenant_id int NOT NULL,
            kind text NOT NULL,
            run_id bigint NOT NULL,
            as_of timestamptz NOT NULL,
            came_from text NOT NULL,
            went_to text NOT NULL,
            people int NOT NULL,
            PRIMARY KEY (tenant_id, kind, run_id, came_from, went_to)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE study_settings (
            tenant_id int NOT NULL,
            kind text NOT NULL,
            settings jsonb NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, kind)
        )
        """
    )
    for table in ("study_run", "study_score", "study_move", "study_settings"):
        tenant_table(table)
