"""Journeys: graphs, immutable versions, enrolments, the log of steps, counts per node."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0006_journeys"
down_revision = "0005_segments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Graphs are json, not jsonb: nodes keep the order they were drawn in.
    op.execute(
        """
        CREATE TABLE journey (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            status text NOT NULL CHECK (status IN ('draft', 'active', 'paused', 'stopped')),
            draft json NOT NULL,
            version int NOT NULL DEFAULT 0,
            entry_kind text,
            entry_name text,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX journey_entry ON journey (tenant_id, entry_kind, entry_name) WHERE status = 'active'"
    )
    op.execute(
        """
        CREATE TABLE journey_version (
            tenant_id int NOT NULL,
            journey_id bigint NOT NULL,
            version int NOT NULL,
            definition json NOT NULL,
            published_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, journey_id, version),
            FOREIGN KEY (tenant_id, journey_id) REFERENCES journey
        )
        """
    )
    # One row a passage. The unique key makes a second entry of the same occasion impossible (JN-1).
    op.execute(
        """
        CREATE TABLE enrolment (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            journey_id bigint NOT NULL,
            version int NOT NULL,
            person_id int NOT NULL,
            entry_key text NOT NULL DEFAULT '',
            ordinal int NOT NULL,
            cause text NOT NULL,
            variables jsonb NOT NULL DEFAULT '{}',
            entered_at timestamptz NOT NULL,
            node text NOT NULL,
            seq int NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'completed', 'exited')),
            entered_node_at timestamptz,
            wake_at timestamptz,
            due_at timestamptz,
            awaits text,
            matched_at timestamptz,
            exit_reason text,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, journey_id, person_id, entry_key, ordinal),
            UNIQUE (tenant_id, journey_id, person_id, cause),
            CHECK ((status = 'active') = (wake_at IS NOT NULL AND due_at IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX enrolment_due ON enrolment (tenant_id, due_at) WHERE status = 'active'")
    op.execute(
        "CREATE INDEX enrolment_awaits ON enrolment (tenant_id, awaits, person_id) "
        "WHERE status = 'active' AND awaits IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX enrolment_node ON enrolment (tenant_id, journey_id, node) WHERE status = 'active'"
    )
    op.execute(
        """
        CREATE TABLE journey_step (
            tenant_id int NOT NULL,
            enrolment_id bigint NOT NULL,
            seq int NOT NULL,
            node text NOT NULL,
            entered_at timestamptz NOT NULL,
            left_at timestamptz NOT NULL,
            outcome text NOT NULL,
            PRIMARY KEY (tenant_id, enrolment_id, seq)
        )
        """
    )
    # What somebody may begin to wait for a moment after it happened: kept for an hour (JN-9).
    op.execute(
        """
        CREATE TABLE awaited_event (
            tenant_id int NOT NULL,
            name text NOT NULL,
            person_id int NOT NULL,
            position bigint NOT NULL,
            occurred_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            body text NOT NULL,
            PRIMARY KEY (tenant_id, name, person_id, position)
        )
        """
    )
    op.execute("CREATE INDEX awaited_event_age ON awaited_event (tenant_id, seen_at)")
    # Sums of journey_step, kept in the same commits; a scheduled check compares them.
    op.execute(
        """
        CREATE TABLE journey_node_count (
            tenant_id int NOT NULL,
            journey_id bigint NOT NULL,
            node text NOT NULL,
            outcome text NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (tenant_id, journey_id, node, outcome)
        )
        """
    )
    for table in (
        "journey",
        "journey_version",
        "enrolment",
        "journey_step",
        "awaited_event",
        "journey_node_count",
    ):
        tenant_table(table)
