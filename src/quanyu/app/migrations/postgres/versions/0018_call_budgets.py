"""Channels: budgets of calls, shared by all processes; tickets beside access tokens."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0018_call_budgets"
down_revision = "0017_message_hold"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _budgets()
    _tickets()


def _budgets() -> None:
    # The platform counts by app and call. ``lent`` of ``used`` lies in store in some process.
    op.execute(
        """
        CREATE TABLE call_budget (
            tenant_id int NOT NULL,
            app_id text NOT NULL,
            path text NOT NULL,
            daily_limit int,
            day text NOT NULL DEFAULT '',
            used int NOT NULL DEFAULT 0,
            burst int,
            refill_s float8 NOT NULL DEFAULT 0,
            tokens float8 NOT NULL DEFAULT 0,
            filled_at timestamptz,
            closed_until timestamptz,
            lent int NOT NULL DEFAULT 0,
            epoch int NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant_id, app_id, path)
        ) WITH (fillfactor = 50)
        """
    )
    tenant_table("call_budget")


def _tickets() -> None:
    op.execute(
        "ALTER TABLE access_token ADD COLUMN use text NOT NULL DEFAULT 'call' CHECK (use IN ('call', 'js'))"
    )
    op.execute("ALTER TABLE access_token DROP CONSTRAINT access_token_pkey")
    op.execute("ALTER TABLE access_token ADD PRIMARY KEY (tenant_id, account_id, use)")
