"""Payments are found by the platform's numbers, and notifications by ours."""

from alembic import op

revision = "0023_payment_numbers"
down_revision = "0022_customer_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE payment_notice ADD COLUMN number text NOT NULL DEFAULT ''")
    op.execute("CREATE INDEX payment_notice_number ON payment_notice (tenant_id, number)")
    op.execute("CREATE INDEX payment_attempt_transaction ON payment_attempt (tenant_id, transaction_id)")
    op.execute("CREATE INDEX payment_refund_platform ON payment_refund (tenant_id, refund_id)")
