"""The audit log: what people did, chained."""

from alembic import op

revision = "0109_audit"
down_revision = "0107_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE audit_entry (
            tenant_id int NOT NULL REFERENCES brand,
            id bigint NOT NULL,
            at timestamptz NOT NULL,
            user_id bigint NOT NULL,
            actor text NOT NULL,
            role text NOT NULL,
            address text NOT NULL,
            method text NOT NULL,
            path text NOT NULL,
            action text NOT NULL,
            permission text NOT NULL,
            objects jsonb NOT NULL,
            fields text[] NOT NULL,
            said jsonb NOT NULL,
            number bigint,
            digest bytea,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, number),
            CHECK ((number IS NULL) = (digest IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX audit_entry_unsealed ON audit_entry (tenant_id, id) WHERE number IS NULL")
    op.execute("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant_isolation ON audit_entry TO quanyu_app "
        "USING (tenant_id = nullif(current_setting('quanyu.tenant', true), '')::int)"
    )
    # Nobody may change or remove an entry: doors write and read, the platform itself gives them their place.
    op.execute("GRANT SELECT, INSERT ON audit_entry TO quanyu_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (number, digest) ON audit_entry TO quanyu_system")
