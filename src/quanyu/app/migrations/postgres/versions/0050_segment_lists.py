"""Lists: segments whose people were uploaded or held fast, version by version."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0050_segment_lists"
down_revision = "0049_dead_letter_deeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ``base`` is the version that last replaced everything: entries of finished versions from it on count.
    # ``changed`` counts changes of the entries, ``mirrored`` those the warehouse has.
    op.execute(
        """
        CREATE TABLE segment_list (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            segment_id bigint NOT NULL,
            version int NOT NULL DEFAULT 0,
            base int NOT NULL DEFAULT 1,
            entries int NOT NULL DEFAULT 0,
            changed bigint NOT NULL DEFAULT 0,
            mirrored bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, segment_id),
            FOREIGN KEY (tenant_id, segment_id) REFERENCES segment (tenant_id, id)
        )
        """
    )
    # ``rejects_sealed``: rows that named nobody in particular, with their values; emptied after a while.
    op.execute(
        """
        CREATE TABLE segment_list_version (
            tenant_id int NOT NULL,
            list_id bigint NOT NULL,
            version int NOT NULL,
            mode text NOT NULL CHECK (mode IN ('replace', 'add')),
            origin text NOT NULL,
            state text NOT NULL CHECK (state IN ('writing', 'done', 'refused', 'failed')),
            detail jsonb NOT NULL,
            lines int NOT NULL DEFAULT 0,
            matched int NOT NULL DEFAULT 0,
            repeated int NOT NULL DEFAULT 0,
            rejected jsonb NOT NULL DEFAULT '{}',
            entries int NOT NULL DEFAULT 0,
            as_of timestamptz NOT NULL,
            made_by text NOT NULL,
            made_at timestamptz NOT NULL,
            rejects_sealed bytea,
            PRIMARY KEY (tenant_id, list_id, version),
            FOREIGN KEY (tenant_id, list_id) REFERENCES segment_list (tenant_id, id)
        )
        """
    )
    # ``entry_token``: the identifier that was named, where it has no person id of its own and so may go
    # to somebody else when people come apart.
    op.execute(
        """
        CREATE TABLE segment_list_entry (
            tenant_id int NOT NULL,
            list_id bigint NOT NULL,
            version int NOT NULL,
            person_id int NOT NULL,
            entry_token bytea,
            FOREIGN KEY (tenant_id, list_id) REFERENCES segment_list (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX segment_list_entry_list ON segment_list_entry (tenant_id, list_id, version)")
    op.execute("CREATE INDEX segment_list_entry_person ON segment_list_entry (tenant_id, person_id)")
    op.execute(
        "CREATE INDEX segment_list_entry_token ON segment_list_entry (tenant_id, entry_token) "
        "WHERE entry_token IS NOT NULL"
    )
    for table in ("segment_list", "segment_list_version", "segment_list_entry"):
        tenant_table(table)
