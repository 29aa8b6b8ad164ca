"""Computed attributes: definitions, versions, how far values follow history, whom merges touched."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0043_computed_attributes"
down_revision = "0042_attribute_history"
branch_labels = None
depends_on = None

_TABLES = (
    # draft: what is being written; definition: what is published. full_at: when everybody was last computed;
    # NULL: everybody is next. people, changed, took_ms, error: what the last computation found.
    """
    CREATE TABLE computed_attribute (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        key text NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        state text NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'deleted')),
        draft jsonb,
        definition jsonb,
        version int NOT NULL DEFAULT 0,
        value_type text,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        published_at timestamptz,
        as_of timestamptz,
        full_at timestamptz,
        people int NOT NULL DEFAULT 0,
        changed int NOT NULL DEFAULT 0,
        took_ms int NOT NULL DEFAULT 0,
        error text,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, key),
        CHECK (draft IS NOT NULL OR definition IS NOT NULL)
    )
    """,
    """
    CREATE TABLE computed_attribute_version (
        tenant_id int NOT NULL,
        attribute_id bigint NOT NULL,
        version int NOT NULL,
        definition jsonb NOT NULL,
        actor text NOT NULL,
        published_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, attribute_id, version),
        FOREIGN KEY (tenant_id, attribute_id) REFERENCES computed_attribute
    )
    """,
    # Values are exact for all that was stored up to batch_id, copied up to profile_version, as of as_of.
    """
    CREATE TABLE computed_progress (
        tenant_id int NOT NULL,
        as_of timestamptz NOT NULL,
        batch_id bigint NOT NULL,
        profile_version bigint NOT NULL,
        PRIMARY KEY (tenant_id)
    )
    """,
    # Person ids that merged or parted since; removed once their values were computed again.
    """
    CREATE TABLE computed_touch (
        tenant_id int NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        person_id int NOT NULL,
        PRIMARY KEY (tenant_id, seq)
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in (
        "computed_attribute",
        "computed_attribute_version",
        "computed_progress",
        "computed_touch",
    ):
        tenant_table(table)
    # Coverage and distribution of one attribute; nobody else's rows are in it.
    op.execute(
        "CREATE INDEX person_attribute_computed ON person_attribute (tenant_id, key, person_id) "
        "WHERE key LIKE 'computed.%'"
    )
