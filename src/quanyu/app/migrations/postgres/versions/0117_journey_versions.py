"""Who published a version of a journey."""

from alembic import op

revision = "0117_journey_versions"
down_revision = "0115_journey_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE journey_version ADD COLUMN published_by text NOT NULL DEFAULT ''")
