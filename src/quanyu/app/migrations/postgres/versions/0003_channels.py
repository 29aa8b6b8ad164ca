"""Channels: connected official accounts, their access tokens, their followers, and raw callbacks."""

from alembic import op

from quanyu.app.migrations.support import system_table, tenant_table

revision = "0003_channels"
down_revision = "0002_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _followers()
    _raw_callbacks()


def _accounts() -> None:
    op.execute(
        """
        CREATE TABLE official_account (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            app_id text NOT NULL,
            name text NOT NULL,
            account_key text NOT NULL UNIQUE,
            base_url text NOT NULL,
            secret_sealed bytea NOT NULL,
            token_sealed bytea NOT NULL,
            aes_key_sealed bytea NOT NULL,
            last_callback_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, app_id)
        )
        """
    )
    # The lease makes fetching a single flight among processes. It runs on real time, the token's life on
    # the business clock.
    op.execute(
        """
        CREATE TABLE access_token (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            sealed bytea,
            fetched_at timestamptz,
            expires_at timestamptz,
            lease_holder text,
            lease_until timestamptz,
            PRIMARY KEY (tenant_id, account_id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    tenant_table("official_account")
    tenant_table("access_token")


def _followers() -> None:
    # One row per openid, known by its blind token. changed_at is the platform's second of the change
    # ``subscribed`` comes from; is_disputed says that both changes happened in that second.
    op.execute(
        """
        CREATE TABLE follower (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            openid_token bytea NOT NULL,
            openid_sealed bytea,
            person_id int,
            subscribed boolean,
            changed_at timestamptz,
            is_disputed boolean NOT NULL DEFAULT false,
            subscribed_at timestamptz,
            unionid_sealed bytea,
            first_seen_at timestamptz NOT NULL,
            info_due_at timestamptz,
            info_attempts int NOT NULL DEFAULT 0,
            info_fetched_at timestamptz,
            info_digest bytea,
            PRIMARY KEY (tenant_id, account_id, openid_token),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX follower_person ON follower (tenant_id, person_id, account_id)")
    op.execute(
        "CREATE INDEX follower_info_due ON follower (tenant_id, account_id, info_due_at) "
        "WHERE info_due_at IS NOT NULL"
    )
    tenant_table("follower")


def _raw_callbacks() -> None:
    op.execute(
        """
        CREATE TABLE raw_callback (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            delivery bytea NOT NULL,
            openid_token bytea,
            received_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (tenant_id, account_id, delivery)
        )
        """
    )
    # Rows arrive in time order, so a few pages of index find a day among months.
    op.execute("CREATE INDEX raw_callback_received ON raw_callback USING brin (received_at)")
    system_table("raw_callback")
