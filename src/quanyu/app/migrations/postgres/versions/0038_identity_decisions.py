"""People: what somebody decided about who is who, so that it can be explained and taken back."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0038_identity_decisions"
down_revision = "0037_tracking_plan"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # edges: what each edge was before, [[a, b, evidence, state, reason, note], ...] with tokens in hex; one
    # that did not exist has no state. The tokens are those of the identifiers it was about.
    op.execute(
        """
        CREATE TABLE identity_decision (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('separated', 'shared', 'not_shared')),
            tokens bytea[] NOT NULL,
            edges jsonb NOT NULL DEFAULT '[]',
            actor text NOT NULL,
            reason text NOT NULL,
            decided_at timestamptz NOT NULL,
            undone_by text NOT NULL DEFAULT '',
            undone_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX identity_decision_tokens ON identity_decision USING gin (tokens)")
    tenant_table("identity_decision")
