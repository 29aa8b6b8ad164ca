"""The wizard of imports: uploaded files, saved mappings, and who started an import."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0058_import_wizard"
down_revision = "0057_company_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # findings: what a dry run found out about people (``flows.imports.contracts.ImportFindings``).
    op.execute("ALTER TABLE import_job ADD COLUMN findings json")
    op.execute("ALTER TABLE import_job ADD COLUMN actor text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE import_job DROP CONSTRAINT import_job_phase_check")
    op.execute(
        """
        ALTER TABLE import_job ADD CONSTRAINT import_job_phase_check CHECK (
            phase IN ('waiting', 'reading', 'mapping', 'sorting', 'comparing', 'writing', 'done')
        )
        """
    )
    op.execute(
        """
        CREATE TABLE import_file (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            size bigint NOT NULL,
            is_rejects boolean NOT NULL,
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    # plan: what an operator chose, as the wizard shows it (``flows.imports.wizard.contracts.ImportPlan``).
    op.execute(
        """
        CREATE TABLE import_mapping (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            kind text NOT NULL,
            plan jsonb NOT NULL,
            actor text NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, name)
        )
        """
    )
    for table in ("import_file", "import_mapping"):
        tenant_table(table)
