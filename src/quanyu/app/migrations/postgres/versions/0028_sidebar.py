"""Staff: sessions of members at the page beside chats, and what they did there."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0028_sidebar"
down_revision = "0027_inheritances"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE sidebar_session (
            tenant_id int NOT NULL,
            digest bytea NOT NULL,
            corp_id bigint NOT NULL,
            userid text NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, digest),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX sidebar_session_member ON sidebar_session (tenant_id, corp_id, userid)")
    # What a member wrote is not kept here, only which fields; the platform has the text.
    op.execute(
        """
        CREATE TABLE sidebar_deed (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            userid text NOT NULL,
            what text NOT NULL CHECK (what IN ('signed_in', 'notes', 'tags', 'online', 'offline')),
            customer_token bytea,
            person_id int,
            fields text[] NOT NULL DEFAULT '{}',
            state text NOT NULL CHECK (state IN ('intended', 'done', 'refused', 'unknown')),
            reason text NOT NULL DEFAULT '',
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    for table in ("sidebar_session", "sidebar_deed"):
        tenant_table(table)
