"""Refused deliveries of an account's callback address, summed by hour and reason."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0016_callback_refusals"
down_revision = "0015_menus"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE callback_refusal (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            hour timestamptz NOT NULL,
            reason text NOT NULL,
            count int NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, hour, reason),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    tenant_table("callback_refusal")
