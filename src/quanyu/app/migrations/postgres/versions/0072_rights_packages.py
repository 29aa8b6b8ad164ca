"""Packages of everything held about somebody: how far each is, and who took it."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0072_rights_packages"
down_revision = "0071_export_books"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # people: whom it is about, with every id they had, until the file is gone. The first "done" of "sources"
    # are gone through; place: where the next one is at. gathered: rows by section and store. gathered_size,
    # size: how many bytes of the sealed files count. due_at: when somebody is to go on.
    op.execute(
        """
        CREATE TABLE rights_package (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            request_id bigint NOT NULL,
            language text NOT NULL CHECK (language IN ('zh', 'en')),
            actor text NOT NULL,
            people int[] NOT NULL,
            done int NOT NULL DEFAULT 0,
            sources int NOT NULL,
            place jsonb,
            gathered jsonb NOT NULL DEFAULT '{}',
            gathered_size bigint NOT NULL DEFAULT 0,
            size bigint NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            trouble text NOT NULL DEFAULT '',
            due_at timestamptz NOT NULL,
            removed text CHECK (removed IN ('expired', 'erased', 'replaced', 'by_hand', 'refused')),
            removed_by text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, request_id) REFERENCES rights_request
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX rights_package_kept ON rights_package (tenant_id, request_id) "
        "WHERE removed IS NULL"
    )
    op.execute("CREATE INDEX rights_package_request ON rights_package (tenant_id, request_id, id)")
    op.execute(
        """
        CREATE TABLE rights_package_fetch (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            package_id bigint NOT NULL,
            actor text NOT NULL,
            fetched_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, package_id, id)
        )
        """
    )
    for table in ("rights_package", "rights_package_fetch"):
        tenant_table(table)
