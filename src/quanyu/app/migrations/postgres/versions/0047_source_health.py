"""What the tracking door heard of each source, by hour."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0047_source_health"
down_revision = "0046_segment_sizes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE event_source_hour (
            tenant_id int NOT NULL,
            hour timestamptz NOT NULL,
            source text NOT NULL,
            accepted bigint NOT NULL,
            duplicates bigint NOT NULL,
            differs bigint NOT NULL,
            quarantined bigint NOT NULL,
            rejected bigint NOT NULL,
            late bigint NOT NULL,
            skewed bigint NOT NULL,
            skew_max_s int NOT NULL,
            last_at timestamptz,
            last_name text NOT NULL,
            PRIMARY KEY (tenant_id, hour, source)
        )
        """
    )
    tenant_table("event_source_hour")
