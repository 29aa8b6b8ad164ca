"""Staff: plans to pass customers and groups on, and every customer and group of them."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0027_inheritances"
down_revision = "0026_welcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE inheritance (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('on_job', 'resigned')),
            origin text NOT NULL CHECK (origin IN ('console', 'staff_left')),
            state text NOT NULL CHECK (state IN ('open', 'draft', 'running', 'stopped', 'done', 'dropped')),
            handover text NOT NULL,
            method text NOT NULL DEFAULT 'evenly' CHECK (method IN ('evenly', 'weight', 'capacity')),
            takers jsonb NOT NULL DEFAULT '[]',
            filter jsonb,
            message text NOT NULL DEFAULT '',
            trouble text NOT NULL DEFAULT '',
            created_by text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL,
            submitted_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute(
        "CREATE INDEX inheritance_working ON inheritance (tenant_id) WHERE state IN ('running', 'stopped')"
    )
    # Leaving twice opens one task.
    op.execute(
        "CREATE UNIQUE INDEX inheritance_open ON inheritance (tenant_id, corp_id, handover) WHERE "
        "state = 'open'"
    )
    # intended_at is written before the call. tried names those who could not take this customer over.
    op.execute(
        """
        CREATE TABLE inheritance_customer (
            tenant_id int NOT NULL,
            inheritance_id bigint NOT NULL,
            customer_token bytea NOT NULL,
            corp_id bigint NOT NULL,
            handover text NOT NULL,
            external_sealed bytea NOT NULL,
            taker text,
            tried text[] NOT NULL DEFAULT '{}',
            state text NOT NULL CHECK
                (state IN ('planned', 'submitted', 'waiting', 'done', 'refused', 'failed')),
            problem text NOT NULL DEFAULT '',
            reason text NOT NULL DEFAULT '',
            code int NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            polls int NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            intended_at timestamptz,
            submitted_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, inheritance_id, customer_token),
            FOREIGN KEY (tenant_id, inheritance_id) REFERENCES inheritance ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX inheritance_customer_due ON inheritance_customer (tenant_id, state, due_at) "
        "WHERE state IN ('planned', 'submitted', 'waiting')"
    )
    op.execute(
        "CREATE INDEX inheritance_customer_token ON inheritance_customer (tenant_id, corp_id, customer_token)"
    )
    op.execute(
        """
        CREATE TABLE inheritance_group (
            tenant_id int NOT NULL,
            inheritance_id bigint NOT NULL,
            chat_id text NOT NULL,
            corp_id bigint NOT NULL,
            handover text NOT NULL,
            name text NOT NULL DEFAULT '',
            taker text NOT NULL,
            state text NOT NULL CHECK (state IN ('planned', 'submitted', 'done', 'failed')),
            problem text NOT NULL DEFAULT '',
            reason text NOT NULL DEFAULT '',
            code int NOT NULL DEFAULT 0,
            attempts int NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            intended_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, inheritance_id, chat_id),
            FOREIGN KEY (tenant_id, inheritance_id) REFERENCES inheritance ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX inheritance_group_due ON inheritance_group (tenant_id, state, due_at) "
        "WHERE state IN ('planned', 'submitted')"
    )
    op.execute("CREATE INDEX inheritance_group_chat ON inheritance_group (tenant_id, corp_id, chat_id)")
    for table in ("inheritance", "inheritance_customer", "inheritance_group"):
        tenant_table(table)
