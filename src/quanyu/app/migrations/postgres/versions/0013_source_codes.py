"""Source codes: parameter QR codes of official accounts."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0013_source_codes"
down_revision = "0012_channel_tags"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A scene stays taken for good: its picture may hang on a wall somewhere.
    op.execute(
        """
        CREATE TABLE source_code (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            account_id bigint NOT NULL,
            scene text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('permanent', 'temporary')),
            days int NOT NULL,
            state text NOT NULL CHECK (state IN ('issuing', 'ready', 'failed', 'archived')),
            draft jsonb NOT NULL,
            ticket text NOT NULL DEFAULT '',
            url text NOT NULL DEFAULT '',
            expires_at timestamptz,
            redirect_id bigint,
            reason text NOT NULL DEFAULT '',
            attempts int NOT NULL DEFAULT 0,
            issue_due_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, account_id, scene),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute(
        "CREATE INDEX source_code_due ON source_code (tenant_id, issue_due_at) WHERE state = 'issuing'"
    )
    tenant_table("source_code")
