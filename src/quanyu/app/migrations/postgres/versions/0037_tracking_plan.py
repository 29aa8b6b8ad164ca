"""The tracking plan: what events should hold, what was not so, and events kept aside."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0037_tracking_plan"
down_revision = "0036_person_tags"
branch_labels = None
depends_on = None

_MODES = "('off', 'warn', 'quarantine', 'reject')"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE event_plan (
            tenant_id int NOT NULL,
            name text NOT NULL,
            mode text NOT NULL CHECK (mode IN {_MODES}),
            rules json NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, name)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE event_source_rule (
            tenant_id int NOT NULL,
            source text NOT NULL,
            unknown text NOT NULL CHECK (unknown IN {_MODES}),
            PRIMARY KEY (tenant_id, source)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE event_issue (
            tenant_id int NOT NULL,
            hour timestamptz NOT NULL,
            source text NOT NULL,
            name text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('warned', 'quarantined', 'rejected', 'refused')),
            problem text NOT NULL,
            key text NOT NULL,
            count bigint NOT NULL,
            sample text NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, hour, source, name, outcome, problem, key)
        )
        """
    )
    # Written in the commit that accepts an event, emptied in the one that appends it to the log.
    op.execute(
        """
        CREATE TABLE event_quarantine (
            tenant_id int NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            received_at timestamptz NOT NULL,
            source text NOT NULL,
            message_id text NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            occurred_at timestamptz NOT NULL,
            violations json NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    for table in ("event_plan", "event_source_rule", "event_issue", "event_quarantine"):
        tenant_table(table)
