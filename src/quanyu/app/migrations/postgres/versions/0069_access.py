"""Access: roles and states of users, and the roles a brand makes itself."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0069_access"
down_revision = "0068_people_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now whoever could sign in could do everything: they stay owners. New rows say their role.
    op.execute(
        """
        ALTER TABLE user_account
            ADD COLUMN role text NOT NULL DEFAULT 'owner',
            ADD COLUMN state text NOT NULL DEFAULT 'active'
                CHECK (state IN ('invited', 'active', 'disabled')),
            ADD COLUMN staff_userid text,
            ADD COLUMN changed_at timestamptz
        """
    )
    op.execute("ALTER TABLE user_account ALTER COLUMN role SET DEFAULT 'staff'")
    op.execute(
        """
        CREATE TABLE custom_role (
            tenant_id int NOT NULL REFERENCES brand,
            key text NOT NULL,
            name text NOT NULL,
            permissions text[] NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, key)
        )
        """
    )
    tenant_table("custom_role")
