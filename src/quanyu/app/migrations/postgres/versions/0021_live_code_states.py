"""State texts of staff live codes."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0021_live_code_states"
down_revision = "0020_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Kept for good: a printed picture brings its state back years later.
    op.execute(
        """
        CREATE TABLE live_code_state (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            code_id bigint NOT NULL,
            source text NOT NULL DEFAULT '',
            campaign text NOT NULL DEFAULT '',
            inviter_id bigint,
            staff text NOT NULL DEFAULT '',
            store text NOT NULL DEFAULT '',
            expires_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX live_code_state_code ON live_code_state (tenant_id, code_id)")
    tenant_table("live_code_state")
