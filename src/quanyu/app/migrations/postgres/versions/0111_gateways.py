"""Gateways: accounts that carry messages outside WeChat."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0111_gateways"
down_revision = "0110_journey_replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE gateway (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            channel text NOT NULL,
            key text NOT NULL,
            name text NOT NULL,
            settings jsonb NOT NULL,
            secret_sealed bytea NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, channel, key)
        )
        """
    )
    tenant_table("gateway")
