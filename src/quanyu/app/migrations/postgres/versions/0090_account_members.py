"""Which companies are in segments of companies, stored."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0090_account_members"
down_revision = "0078_person_reveals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE account_segment ADD COLUMN as_of timestamptz")
    op.execute(
        """
        CREATE TABLE account_segment_member (
            tenant_id int NOT NULL,
            segment_id bigint NOT NULL,
            company_id bigint NOT NULL,
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, segment_id, company_id),
            FOREIGN KEY (tenant_id, segment_id) REFERENCES account_segment ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, company_id) REFERENCES company ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX account_segment_member_company ON account_segment_member (tenant_id, company_id)"
    )
    tenant_table("account_segment_member")
