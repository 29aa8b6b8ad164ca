"""Words to colleagues that are sent or given up are emptied: they name customers."""

from alembic import op

revision = "0064_notice_words"
down_revision = "0063_import_undo"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE staff_notice SET content_sealed = '' WHERE state <> 'waiting' AND content_sealed <> ''"
    )
