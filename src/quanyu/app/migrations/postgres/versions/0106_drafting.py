"""Drafting: the model a brand chose to draft with, and what it used of it by day."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0106_drafting"
down_revision = "0105_broadcasts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Prices are what a million tokens cost, in the currency the provider asks for.
    op.execute(
        """
        CREATE TABLE drafting_model (
            tenant_id int NOT NULL PRIMARY KEY,
            base_url text NOT NULL,
            model text NOT NULL,
            api_key_sealed bytea,
            timeout_s int NOT NULL CHECK (timeout_s BETWEEN 1 AND 120),
            price_in numeric(14, 4) NOT NULL CHECK (price_in >= 0),
            price_out numeric(14, 4) NOT NULL CHECK (price_out >= 0),
            currency text NOT NULL,
            daily_tokens_max bigint NOT NULL CHECK (daily_tokens_max >= 0),
            updated_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE drafting_usage (
            tenant_id int NOT NULL,
            day date NOT NULL,
            what text NOT NULL,
            calls int NOT NULL,
            failures int NOT NULL,
            tokens_in bigint NOT NULL,
            tokens_out bigint NOT NULL,
            cost numeric(18, 8) NOT NULL,
            PRIMARY KEY (tenant_id, day, what)
        )
        """
    )
    for table in ("drafting_model", "drafting_usage"):
        tenant_table(table)
