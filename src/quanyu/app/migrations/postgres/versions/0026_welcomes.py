"""Welcomes: rules, block-lists, files, and the ledger of every code that came with a new customer."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0026_welcomes"
down_revision = "0025_staff"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE welcome_rule (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        scope text NOT NULL CHECK (scope IN ('code', 'store', 'staff', 'corp')),
        enabled boolean NOT NULL,
        draft jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX welcome_rule_corp ON welcome_rule (tenant_id, corp_id)",
    """
    CREATE TABLE welcome_block_list (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        content jsonb NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, corp_id)
    )
    """,
    # Every change of rules, block-list or files counts one on: what is kept in memory is compared with it.
    """
    CREATE TABLE welcome_version (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        version bigint NOT NULL,
        PRIMARY KEY (tenant_id, corp_id)
    )
    """,
    """
    CREATE TABLE welcome_media (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('image', 'video', 'file')),
        name text NOT NULL,
        content_type text NOT NULL,
        size int NOT NULL CHECK (size > 0),
        digest bytea NOT NULL,
        media_id text NOT NULL DEFAULT '',
        uploaded_at timestamptz,
        expires_at timestamptz,
        refresh_at timestamptz NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        reason text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, corp_id, kind, digest)
    )
    """,
    "CREATE INDEX welcome_media_due ON welcome_media (tenant_id, refresh_at)",
    # The bytes by themselves: lists of files never touch them.
    """
    CREATE TABLE welcome_media_content (
        tenant_id int NOT NULL,
        media_id bigint NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (tenant_id, media_id),
        FOREIGN KEY (tenant_id, media_id) REFERENCES welcome_media ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE welcome (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        delivery bytea NOT NULL,
        code_token bytea NOT NULL,
        customer_token bytea NOT NULL,
        userid text NOT NULL,
        code_state text NOT NULL,
        sealed bytea,
        state text NOT NULL CHECK (state IN ('received', 'rendering', 'handed', 'sent', 'expired',
            'already_used', 'withheld', 'error', 'unknown')),
        reason text NOT NULL DEFAULT '',
        attempts int NOT NULL DEFAULT 0,
        happened_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        handed_at timestamptz,
        settled_at timestamptz,
        rule_id bigint,
        rule_name text NOT NULL DEFAULT '',
        scope text NOT NULL DEFAULT '',
        slot text NOT NULL DEFAULT '',
        slot_kind text NOT NULL DEFAULT '',
        variant text NOT NULL DEFAULT '',
        fallback text NOT NULL DEFAULT '',
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, corp_id, delivery),
        UNIQUE (tenant_id, corp_id, code_token),
        -- What opens nothing any more is not kept: the code and who it was for, beside the blind token.
        CHECK ((state IN ('received', 'rendering', 'handed')) = (sealed IS NOT NULL)),
        CHECK ((state IN ('received', 'rendering', 'handed')) = (settled_at IS NULL))
    )
    """,
    """
    CREATE INDEX welcome_due ON welcome (tenant_id, due_at)
        WHERE state IN ('received', 'rendering', 'handed')
    """,
    "CREATE INDEX welcome_customer ON welcome (tenant_id, corp_id, customer_token)",
    "CREATE INDEX welcome_corp ON welcome (tenant_id, corp_id, received_at)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in (
        "welcome_rule",
        "welcome_block_list",
        "welcome_version",
        "welcome_media",
        "welcome_media_content",
        "welcome",
    ):
        tenant_table(table)
