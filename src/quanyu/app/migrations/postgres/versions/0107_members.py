"""Members: e-mail addresses, passwords, links that invite and reset, devices, the pace of sign-ins."""

from alembic import op

from quanyu.app.migrations.support import system_table, tenant_table

revision = "0107_members"
down_revision = "0106_drafting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE user_account
            ADD COLUMN email text,
            ADD COLUMN password_phc text,
            ADD COLUMN last_seen_at timestamptz,
            ADD COLUMN machine_name text
        """
    )
    # Until now every account was the machine's own: found by its name, which members may now choose freely.
    op.execute(
        """
        UPDATE user_account u SET machine_name = name WHERE id = (
            SELECT min(id) FROM user_account o WHERE o.tenant_id = u.tenant_id AND o.name = u.name
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX user_account_email ON user_account (tenant_id, email)")
    op.execute("CREATE INDEX user_account_by_email ON user_account (email) WHERE email IS NOT NULL")
    op.execute("CREATE UNIQUE INDEX user_account_machine ON user_account (tenant_id, machine_name)")
    op.execute(
        """
        CREATE TABLE member_link (
            tenant_id int NOT NULL,
            user_id bigint NOT NULL,
            purpose text NOT NULL CHECK (purpose IN ('join', 'reset')),
            digest bytea NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, user_id, purpose),
            UNIQUE (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account ON DELETE CASCADE
        )
        """
    )
    tenant_table("member_link")
    op.execute("CREATE UNIQUE INDEX custom_role_name ON custom_role (tenant_id, lower(name))")
    op.execute(
        """
        ALTER TABLE login_session
            ADD COLUMN user_agent text NOT NULL DEFAULT '',
            ADD COLUMN address text NOT NULL DEFAULT '',
            ADD COLUMN last_seen_at timestamptz
        """
    )
    # Before somebody has signed in no brand is known: the platform itself counts, across brands.
    op.execute(
        """
        CREATE TABLE sign_in_pace (
            key bytea PRIMARY KEY,
            failures int NOT NULL,
            last_at timestamptz NOT NULL,
            blocked_until timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX sign_in_pace_old ON sign_in_pace (last_at)")
    system_table("sign_in_pace")
