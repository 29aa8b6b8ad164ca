"""Account tags, who carries them, changes on their way to the platform, and syncs of followers and tags."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0012_channel_tags"
down_revision = "0011_log_archive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tags()
    _changes()
    _syncs()
    for table in ("account_tag", "follower_tag", "tag_change", "account_sync"):
        tenant_table(table)


def _tags() -> None:
    op.execute(
        """
        CREATE TABLE account_tag (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            tag_id int NOT NULL,
            name text NOT NULL,
            platform_count int NOT NULL DEFAULT 0,
            synced_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, tag_id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    # sync_id is the last full listing that saw it.
    op.execute(
        """
        CREATE TABLE follower_tag (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            tag_id int NOT NULL,
            openid_token bytea NOT NULL,
            since timestamptz NOT NULL,
            sync_id bigint,
            PRIMARY KEY (tenant_id, account_id, tag_id, openid_token),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX follower_tag_follower ON follower_tag (tenant_id, account_id, openid_token)")


def _changes() -> None:
    # One wish per person and tag: the latest. asked_at tells it from the one a call is under way for.
    op.execute(
        """
        CREATE TABLE tag_change (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            tag_id int NOT NULL,
            openid_token bytea NOT NULL,
            wanted boolean NOT NULL,
            origin text NOT NULL,
            state text NOT NULL CHECK (state IN ('waiting', 'failed')),
            reason text NOT NULL DEFAULT '',
            attempts int NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            asked_at timestamptz NOT NULL,
            failed_at timestamptz,
            PRIMARY KEY (tenant_id, account_id, tag_id, openid_token),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX tag_change_due ON tag_change (tenant_id, due_at) WHERE state = 'waiting'")


def _syncs() -> None:
    # ``cursor`` is where the next page begins, sealed because it may name a follower.
    op.execute(
        """
        CREATE TABLE account_sync (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            account_id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('followers', 'tags')),
            state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
            stage text NOT NULL,
            cursor bytea,
            total int NOT NULL DEFAULT 0,
            listed int NOT NULL DEFAULT 0,
            next_step_at timestamptz NOT NULL,
            reason text NOT NULL DEFAULT '',
            started_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX account_sync_running ON account_sync (tenant_id, account_id, kind) "
        "WHERE state = 'running'"
    )
    op.execute(
        "CREATE INDEX account_sync_due ON account_sync (tenant_id, next_step_at) WHERE state = 'running'"
    )
    # Those a sync listed and nobody asked about yet come after those who just did something.
    op.execute("ALTER TABLE follower ADD COLUMN sync_id bigint")
    op.execute("ALTER TABLE follower ADD COLUMN sync_pending boolean NOT NULL DEFAULT false")
    op.execute(
        "CREATE INDEX follower_info_turn ON follower (tenant_id, account_id, sync_pending, info_due_at) "
        "WHERE info_due_at IS NOT NULL"
    )
