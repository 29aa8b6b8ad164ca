"""Exports as workbooks: which format, and how far the workbook has come; lists that people are taken from."""

from alembic import op

revision = "0071_export_books"
down_revision = "0070_event_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # book: what is written of a workbook, so that it is gone on with; null for the other formats.
    op.execute(
        """
        ALTER TABLE people_export
            ADD COLUMN format text NOT NULL DEFAULT 'csv' CHECK (format IN ('csv', 'xlsx')),
            ADD COLUMN book jsonb
        """
    )
    op.execute(
        """
        ALTER TABLE segment_list_version
            DROP CONSTRAINT segment_list_version_mode_check,
            ADD CONSTRAINT segment_list_version_mode_check CHECK (mode IN ('replace', 'add', 'remove'))
        """
    )
    # The version that took an entry away; such entries count no more, and can be given back.
    op.execute("ALTER TABLE segment_list_entry ADD COLUMN taken_by int")
