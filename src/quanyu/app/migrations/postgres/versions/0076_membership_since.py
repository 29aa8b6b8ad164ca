"""Since when people are in segments: the warehouse's copies are compared with the members once more."""

from alembic import op

revision = "0076_membership_since"
down_revision = "0072_rights_packages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Copies repaired, or written after a merge, held the instant of that; conditions now ask for since when.
    op.execute("UPDATE segment SET mirrored = -1")
