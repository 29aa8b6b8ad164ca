"""People on the way in an older version of a journey, moved to the present one."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0118_journey_migrations"
down_revision = "0117_journey_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE journey_migration (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            journey_id bigint NOT NULL,
            before int NOT NULL,
            after int NOT NULL,
            nodes jsonb NOT NULL,
            spread_s int NOT NULL,
            state text NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
            people int NOT NULL,
            moved int NOT NULL DEFAULT 0,
            let_out int NOT NULL DEFAULT 0,
            actor text NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, journey_id) REFERENCES journey ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX journey_migration_running ON journey_migration (tenant_id, journey_id) "
        "WHERE state = 'running'"
    )
    tenant_table("journey_migration")
