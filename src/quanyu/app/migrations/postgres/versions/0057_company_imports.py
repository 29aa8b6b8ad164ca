"""Files may hold companies."""

from alembic import op

revision = "0057_company_imports"
down_revision = "0056_companies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE import_job DROP CONSTRAINT import_job_kind_check")
    op.execute(
        "ALTER TABLE import_job ADD CONSTRAINT import_job_kind_check "
        "CHECK (kind IN ('people', 'events', 'orders', 'companies'))"
    )
