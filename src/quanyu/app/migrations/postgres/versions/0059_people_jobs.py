"""Jobs about many people: what is asked, what was done to whom, and who was not treated."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0059_people_jobs"
down_revision = "0058_import_wizard"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # people: who was meant when it was asked for, ascending; the first "done" of them are treated.
    op.execute(
        """
        CREATE TABLE people_job (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            kind text NOT NULL,
            state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
            deed jsonb NOT NULL,
            people int[] NOT NULL,
            done int NOT NULL DEFAULT 0,
            changed int NOT NULL DEFAULT 0,
            failed int NOT NULL DEFAULT 0,
            actor text NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            undoes bigint,
            undone_by bigint,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX people_job_running ON people_job (tenant_id, id) WHERE state = 'running'")
    # before, after: what was said of a tag by hand; of an attribute only that something was said.
    op.execute(
        """
        CREATE TABLE people_job_step (
            tenant_id int NOT NULL,
            job_id bigint NOT NULL,
            person_id int NOT NULL,
            thing text NOT NULL,
            before jsonb,
            after jsonb,
            PRIMARY KEY (tenant_id, job_id, person_id, thing)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE people_job_failure (
            tenant_id int NOT NULL,
            job_id bigint NOT NULL,
            person_id int NOT NULL,
            reason text NOT NULL,
            PRIMARY KEY (tenant_id, job_id, person_id)
        )
        """
    )
    for table in ("people_job", "people_job_step", "people_job_failure"):
        tenant_table(table)
