"""Rights of people about their data: the register of requests, and what remembers erasures without names."""

from alembic import op

from quanyu.app.migrations.support import system_table, tenant_table

revision = "0048_rights"
down_revision = "0047_source_health"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # people, tokens: who an erasure is about. steps: what was done, by store, with counts.
    op.execute(
        """
        CREATE TABLE rights_request (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            person_id int NOT NULL,
            kind text NOT NULL,
            state text NOT NULL,
            verified_how text NOT NULL,
            note text NOT NULL DEFAULT '',
            outcome text NOT NULL DEFAULT '',
            opened_by bigint NOT NULL,
            opened_by_name text NOT NULL,
            handled_by_name text NOT NULL DEFAULT '',
            received_at timestamptz NOT NULL,
            due_on date NOT NULL,
            starts_at timestamptz,
            leased_until timestamptz,
            closed_at timestamptz,
            people int[] NOT NULL DEFAULT '{}',
            tokens bytea[] NOT NULL DEFAULT '{}',
            steps jsonb NOT NULL DEFAULT '{}',
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        "CREATE INDEX rights_request_due ON rights_request (tenant_id, starts_at) "
        "WHERE state IN ('confirmed', 'running')"
    )
    op.execute(
        """
        CREATE TABLE rights_setting (
            tenant_id int PRIMARY KEY,
            due_working_days int NOT NULL CHECK (due_working_days BETWEEN 1 AND 60),
            delay_hours int NOT NULL CHECK (delay_hours BETWEEN 0 AND 720)
        )
        """
    )
    for table in ("rights_request", "rights_setting"):
        tenant_table(table)
    op.execute(
        """
        CREATE TABLE erased_token (
            tenant_id int NOT NULL,
            token bytea NOT NULL,
            erased_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, token)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE erased_person (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            erased_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, person_id)
        )
        """
    )
    for table in ("erased_token", "erased_person"):
        system_table(table)
