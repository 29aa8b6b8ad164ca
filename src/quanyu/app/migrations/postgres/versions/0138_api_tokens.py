"""Tokens by which a member's programs call the API."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0138_api_tokens"
down_revision = "0119_message_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE api_token (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            user_id bigint NOT NULL,
            digest bytea NOT NULL,
            name text NOT NULL,
            hint text NOT NULL,
            permissions text[] NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            last_used_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX api_token_by_member ON api_token (tenant_id, user_id)")
    tenant_table("api_token")
