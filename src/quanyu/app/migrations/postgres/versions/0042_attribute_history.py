"""People: every statement about an attribute, and per attribute which of them counts."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0042_attribute_history"
down_revision = "0041_matching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # person_attribute holds the newest statement; first_at: when its source first told this value, where that
    # was before occurred_at. digest: of the value, keyed where it is sealed; NULL in rows of older releases.
    op.execute("ALTER TABLE person_attribute ADD COLUMN first_at timestamptz, ADD COLUMN digest bytea")
    # Grain: one value one source told of one attribute of one person id, other than the newest statement.
    # Kept under the id it was told of, so merging moves nothing and unmerging restores.
    op.execute(
        """
        CREATE TABLE person_attribute_past (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            key text NOT NULL,
            source text NOT NULL,
            digest bytea NOT NULL,
            class text NOT NULL,
            value jsonb,
            sealed bytea,
            first_at timestamptz NOT NULL,
            occurred_at timestamptz NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (tenant_id, person_id, key, source, digest)
        )
        """
    )
    # sources: which go first, by "priority". recopy_from: the person id from which on profiles in the
    # warehouse still have to follow a change of policy; NULL when they have.
    op.execute(
        """
        CREATE TABLE attribute_policy (
            tenant_id int NOT NULL,
            key text NOT NULL,
            policy text NOT NULL CHECK (policy IN ('newest', 'first', 'priority', 'max', 'union')),
            sources text[] NOT NULL DEFAULT '{}',
            actor text NOT NULL,
            changed_at timestamptz NOT NULL,
            recopy_from int,
            PRIMARY KEY (tenant_id, key)
        )
        """
    )
    tenant_table("person_attribute_past")
    tenant_table("attribute_policy")
