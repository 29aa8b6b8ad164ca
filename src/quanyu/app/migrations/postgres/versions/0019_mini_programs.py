"""Channels: mini programs beside official accounts, and the sessions of people in them."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0019_mini_programs"
down_revision = "0018_call_budgets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Tokens, deliveries, refusals and openids hang on an account's row, of whichever product it is.
    op.execute(
        """
        ALTER TABLE official_account
            ADD COLUMN kind text NOT NULL DEFAULT 'official_account'
                CHECK (kind IN ('official_account', 'mini_program')),
            ADD COLUMN mode text NOT NULL DEFAULT 'secure'
                CHECK (mode IN ('plain', 'compatible', 'secure')),
            ADD COLUMN data_format text NOT NULL DEFAULT 'xml' CHECK (data_format IN ('xml', 'json')),
            ADD COLUMN hands_over boolean NOT NULL DEFAULT false
        """
    )
    op.execute(
        """
        CREATE TABLE mini_session (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            openid_token bytea NOT NULL,
            key_sealed bytea NOT NULL,
            opened_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, openid_token),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    tenant_table("mini_session")
