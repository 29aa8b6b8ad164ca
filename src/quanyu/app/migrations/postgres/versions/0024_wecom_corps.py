"""Channels: companies of WeCom beside the other accounts, and a token for each of their secrets."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0024_wecom_corps"
down_revision = "0023_payment_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The account's own secret is the one of the app ``agent_id``; a corp has up to three more.
    op.execute("ALTER TABLE official_account DROP CONSTRAINT official_account_kind_check")
    op.execute(
        """
        ALTER TABLE official_account
            ADD CONSTRAINT official_account_kind_check
                CHECK (kind IN ('official_account', 'mini_program', 'wecom')),
            ADD COLUMN agent_id int NOT NULL DEFAULT 0
        """
    )
    op.execute(
        """
        CREATE TABLE corp_secret (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('contacts', 'service', 'archive')),
            sealed bytea NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, kind),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    tenant_table("corp_secret")
    op.execute("ALTER TABLE access_token DROP CONSTRAINT access_token_use_check")
    op.execute(
        """
        ALTER TABLE access_token ADD CONSTRAINT access_token_use_check
            CHECK (use IN ('call', 'js', 'agent_js', 'contacts', 'service', 'archive'))
        """
    )
