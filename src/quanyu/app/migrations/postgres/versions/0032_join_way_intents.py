"""Customer groups: what a join way is to say is computed from its groups, never kept."""

from alembic import op

revision = "0032_join_way_intents"
down_revision = "0031_call_windows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE group_code_target DROP COLUMN wanted")
