"""RFM by a brand's definitions; how much history each computation about people saw."""

from alembic import op

revision = "0054_rfm_definitions"
down_revision = "0053_people_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE rfm_run ADD COLUMN settings jsonb")
    # Events of the brand when it was computed; NULL for computations of before.
    for table in ("rfm_run", "lifetime_run", "study_run"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN history bigint")
