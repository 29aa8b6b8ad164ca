"""Company accounts: companies, the people who are their contacts, and companies that turned out to be one."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0056_companies"
down_revision = "0055_segment_schedules"
branch_labels = None
depends_on = None

_TABLES = (
    # own: what was said of this very company, by key: [value, since when, source]. The other columns are what
    # counts of all that are known_as it, and hold where id = known_as.
    """
    CREATE TABLE company (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        known_as bigint NOT NULL,
        external_id text,
        own jsonb NOT NULL,
        name text NOT NULL,
        domain text NOT NULL,
        parent_id bigint,
        owner text NOT NULL,
        attributes jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        created_by text NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE UNIQUE INDEX company_external_id ON company (tenant_id, external_id)",
    "CREATE INDEX company_known_as ON company (tenant_id, known_as)",
    "CREATE INDEX company_parent ON company (tenant_id, parent_id) WHERE parent_id IS NOT NULL",
    """
    CREATE TABLE company_contact (
        tenant_id int NOT NULL,
        company_id bigint NOT NULL,
        origin_person_id int NOT NULL,
        person_id int NOT NULL,
        roles text[] NOT NULL,
        is_primary boolean NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz,
        source text NOT NULL,
        told_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, company_id, origin_person_id),
        FOREIGN KEY (tenant_id, company_id) REFERENCES company ON DELETE CASCADE
    )
    """,
    "CREATE INDEX company_contact_person ON company_contact (tenant_id, person_id)",
    # members: who was known as from_id when it was taken into into_id; they go back with it.
    """
    CREATE TABLE company_merge (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        from_id bigint NOT NULL,
        into_id bigint NOT NULL,
        members bigint[] NOT NULL,
        reason text NOT NULL,
        actor text NOT NULL,
        merged_at timestamptz NOT NULL,
        undone_at timestamptz,
        undone_by text NOT NULL DEFAULT '',
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, from_id) REFERENCES company ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, into_id) REFERENCES company ON DELETE CASCADE
    )
    """,
    "CREATE UNIQUE INDEX company_merge_once ON company_merge (tenant_id, from_id) WHERE undone_at IS NULL",
    """
    CREATE TABLE company_apart (
        tenant_id int NOT NULL,
        a bigint NOT NULL,
        b bigint NOT NULL,
        actor text NOT NULL,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, a, b),
        FOREIGN KEY (tenant_id, a) REFERENCES company ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, b) REFERENCES company ON DELETE CASCADE,
        CHECK (a < b)
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("company", "company_contact", "company_merge", "company_apart"):
        tenant_table(table)
