"""The event catalogue: how much of every event name was heard, by source and hour."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0034_event_catalogue"
down_revision = "0033_person_origins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Up to which batch the warehouse was asked for sums; moves in the commit that adds them.
    op.execute(
        """
        CREATE TABLE event_counted (
            tenant_id int PRIMARY KEY,
            batch_id bigint NOT NULL,
            events bigint NOT NULL,
            counted_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE event_seen (
            tenant_id int NOT NULL,
            source text NOT NULL,
            name text NOT NULL,
            kind text NOT NULL,
            events bigint NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, source, name)
        )
        """
    )
    # Begins with the hour, because old hours are deleted and new ones are added to.
    op.execute(
        """
        CREATE TABLE event_hour (
            tenant_id int NOT NULL,
            hour timestamptz NOT NULL,
            source text NOT NULL,
            name text NOT NULL,
            events bigint NOT NULL,
            PRIMARY KEY (tenant_id, hour, source, name)
        )
        """
    )
    op.execute("CREATE INDEX event_hour_name ON event_hour (tenant_id, name, hour)")
    for table in ("event_counted", "event_seen", "event_hour"):
        tenant_table(table)
