"""Answers to forms that were refused, counted by form, reason and day of the brand."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0091_form_refusals"
down_revision = "0090_account_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE form_refusal (
            tenant_id int NOT NULL,
            form_id bigint NOT NULL,
            day date NOT NULL,
            reason text NOT NULL,
            n int NOT NULL CHECK (n > 0),
            PRIMARY KEY (tenant_id, form_id, day, reason),
            FOREIGN KEY (tenant_id, form_id) REFERENCES form
        )
        """
    )
    tenant_table("form_refusal")
