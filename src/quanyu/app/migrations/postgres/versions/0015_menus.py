"""Menus of official accounts, and the history of what was published."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0015_menus"
down_revision = "0014_log_replay"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE menu (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            account_id bigint NOT NULL,
            is_default boolean NOT NULL,
            draft jsonb NOT NULL,
            published jsonb,
            published_at timestamptz,
            platform_id text NOT NULL DEFAULT '',
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX menu_default ON menu (tenant_id, account_id) WHERE is_default")
    op.execute("CREATE INDEX menu_account ON menu (tenant_id, account_id)")
    op.execute(
        """
        CREATE TABLE menu_publication (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            account_id bigint NOT NULL,
            menu_id bigint NOT NULL,
            action text NOT NULL CHECK (action IN ('publish', 'withdraw')),
            state text NOT NULL CHECK (state IN ('asking', 'done', 'failed', 'unknown')),
            reason text NOT NULL DEFAULT '',
            reason_zh text NOT NULL DEFAULT '',
            draft jsonb NOT NULL,
            actor text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX menu_publication_account ON menu_publication (tenant_id, account_id, id)")
    for table in ("menu", "menu_publication"):
        tenant_table(table)
