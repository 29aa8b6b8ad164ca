"""Automatic replies: rules, their version, the answer kept with each callback, and what goes out later."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0010_channel_replies"
down_revision = "0009_journey_arrivals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE reply_rule (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            account_id bigint NOT NULL,
            trigger text NOT NULL CHECK (trigger IN ('keyword', 'follow', 'default', 'menu')),
            draft jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX reply_rule_account ON reply_rule (tenant_id, account_id, id)")
    # Counted up by every change of what an account answers; processes read their books by it.
    op.execute(
        """
        CREATE TABLE reply_version (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            version bigint NOT NULL,
            PRIMARY KEY (tenant_id, account_id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    # What was answered, so that the same delivery is answered alike when the platform repeats it.
    op.execute("ALTER TABLE raw_callback ADD COLUMN reply jsonb")
    _late_replies()
    for table in ("reply_rule", "reply_version", "late_reply"):
        tenant_table(table)


def _late_replies() -> None:
    # ``delivery`` and ``part`` make a message unique, whatever is repeated.
    op.execute(
        """
        CREATE TABLE late_reply (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            delivery bytea NOT NULL,
            part int NOT NULL,
            openid_token bytea NOT NULL,
            reference text NOT NULL,
            content jsonb NOT NULL,
            state text NOT NULL
                CHECK (state IN ('waiting', 'handed', 'sent', 'rejected', 'unknown', 'expired')),
            reason text NOT NULL DEFAULT '',
            attempts int NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, delivery, part),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX late_reply_due ON late_reply (tenant_id, due_at) WHERE state = 'waiting'")
    op.execute("CREATE INDEX late_reply_handed ON late_reply (tenant_id, updated_at) WHERE state = 'handed'")
    op.execute("CREATE INDEX late_reply_account ON late_reply (tenant_id, account_id, created_at)")
