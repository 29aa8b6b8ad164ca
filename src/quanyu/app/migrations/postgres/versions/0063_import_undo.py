"""Taking an import back: where its events lie in the log, what it did to tags, and how far the undo is."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0063_import_undo"
down_revision = "0062_message_purpose"
branch_labels = None
depends_on = None

_TABLES = (
    # counts: what was taken back and what was kept (``flows.imports.undo.contracts.UndoCounts``).
    # batch_id: the last batch of the log that was gone through in this phase; batch_to: the last there is.
    """
    CREATE TABLE import_undo (
        tenant_id int NOT NULL,
        import_id bigint NOT NULL,
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done')),
        phase text NOT NULL DEFAULT 'gathering'
            CHECK (phase IN ('gathering', 'people', 'log', 'history', 'done')),
        batch_id bigint NOT NULL DEFAULT 0,
        batch_to bigint NOT NULL,
        people int NOT NULL DEFAULT 0,
        done int NOT NULL DEFAULT 0,
        counts jsonb NOT NULL DEFAULT '{}',
        actor text NOT NULL,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        PRIMARY KEY (tenant_id, import_id)
    )
    """,
    # Grain: a person id an import told of. fate: what became of it; NULL: its turn has not come. Work tables:
    # emptied when the undo is done.
    """
    CREATE TABLE import_undo_person (
        tenant_id int NOT NULL,
        import_id bigint NOT NULL,
        person_id int NOT NULL,
        fate text CHECK (fate IN ('removed', 'restored', 'untouched', 'gone')),
        PRIMARY KEY (tenant_id, import_id, person_id)
    )
    """,
    """
    CREATE TABLE import_undo_event (
        tenant_id int NOT NULL,
        import_id bigint NOT NULL,
        person_id int NOT NULL,
        position bigint NOT NULL,
        message_id text NOT NULL,
        occurred_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, import_id, person_id, position)
    )
    """,
    # Grain: a tag an import gave to a person id or took from it. before, after: what was said of it by hand.
    """
    CREATE TABLE import_step (
        tenant_id int NOT NULL,
        import_id bigint NOT NULL,
        person_id int NOT NULL,
        tag_id bigint NOT NULL,
        before jsonb,
        after jsonb,
        PRIMARY KEY (tenant_id, import_id, person_id, tag_id)
    )
    """,
)


def upgrade() -> None:
    # NULL first_position: written by an earlier release, which did not note where.
    op.execute("ALTER TABLE import_job ADD COLUMN first_xid xid8, ADD COLUMN first_position bigint")
    # When the same source told the same value the last time before occurred_at, and by which event.
    for table in ("person_attribute", "person_attribute_past"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN before_at timestamptz, ADD COLUMN before_position bigint")
    for statement in _TABLES:
        op.execute(statement)
    op.execute(
        "CREATE INDEX import_undo_turn ON import_undo_person (tenant_id, import_id, person_id) "
        "WHERE fate IS NULL"
    )
    for table in ("import_undo", "import_undo_person", "import_undo_event", "import_step"):
        tenant_table(table)
