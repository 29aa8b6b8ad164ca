"""Customer lifetime: runs with their model cards, and everybody's figures."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0035_lifetime"
down_revision = "0034_event_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One row per run; figures are written in chunks, and the run counts once ``finished_at`` is set. The
    # card says on whom the models were fitted and how well they foretell, or why there are no figures.
    op.execute(
        """
        CREATE TABLE lifetime_run (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            as_of timestamptz NOT NULL,
            people int NOT NULL,
            currency text NOT NULL,
            card jsonb NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE lifetime_score (
            tenant_id int NOT NULL,
            run_id bigint NOT NULL,
            person_id int NOT NULL,
            place int NOT NULL CHECK (place > 0),
            days_bought int NOT NULL CHECK (days_bought > 0),
            last_on date NOT NULL,
            alive double precision CHECK (alive BETWEEN 0 AND 1),
            buys_soon double precision NOT NULL CHECK (buys_soon BETWEEN 0 AND 1),
            purchases double precision NOT NULL CHECK (purchases >= 0),
            next_on date,
            spend_minor bigint CHECK (spend_minor >= 0),
            value_minor bigint CHECK (value_minor >= 0),
            alive_band smallint NOT NULL CHECK (alive_band BETWEEN 0 AND 5),
            value_band smallint CHECK (value_band BETWEEN 1 AND 5),
            PRIMARY KEY (tenant_id, run_id, person_id),
            FOREIGN KEY (tenant_id, run_id) REFERENCES lifetime_run (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX lifetime_score_place ON lifetime_score (tenant_id, run_id, place)")
    op.execute("CREATE INDEX lifetime_score_alive ON lifetime_score (tenant_id, run_id, alive_band, place)")
    op.execute("CREATE INDEX lifetime_score_value ON lifetime_score (tenant_id, run_id, value_band, place)")
    for table in ("lifetime_run", "lifetime_score"):
        tenant_table(table)
