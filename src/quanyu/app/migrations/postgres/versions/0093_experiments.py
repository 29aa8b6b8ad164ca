"""Experiments, who was exposed to which arm, what was read at each look, and the share that is held out."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0093_experiments"
down_revision = "0092_form_pace"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE experiment (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            status text NOT NULL CHECK (status IN ('draft', 'running', 'stopped', 'decided')),
            plan jsonb NOT NULL,
            seed text NOT NULL,
            hash_version smallint NOT NULL,
            layer text NOT NULL DEFAULT '',
            layer_from int,
            layer_to int,
            winner text,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CHECK ((status = 'decided') = (winner IS NOT NULL)),
            CHECK ((layer_from IS NULL) = (layer_to IS NULL))
        )
        """
    )
    # A row stays under the id that was exposed, whoever that is today, so that people can come apart again.
    op.execute(
        """
        CREATE TABLE experiment_exposure (
            tenant_id int NOT NULL,
            experiment_id bigint NOT NULL,
            origin_person_id int NOT NULL,
            person_id int NOT NULL,
            arm text NOT NULL,
            exposed_at timestamptz NOT NULL,
            cause text NOT NULL,
            PRIMARY KEY (tenant_id, experiment_id, origin_person_id),
            FOREIGN KEY (tenant_id, experiment_id) REFERENCES experiment
        )
        """
    )
    op.execute(
        "CREATE INDEX experiment_exposure_person ON experiment_exposure (tenant_id, person_id, experiment_id)"
    )
    op.execute(
        """
        CREATE TABLE experiment_reading (
            tenant_id int NOT NULL,
            experiment_id bigint NOT NULL,
            look int NOT NULL,
            read_at timestamptz NOT NULL,
            reading jsonb NOT NULL,
            PRIMARY KEY (tenant_id, experiment_id, look),
            FOREIGN KEY (tenant_id, experiment_id) REFERENCES experiment
        )
        """
    )
    op.execute(
        """
        CREATE TABLE holdout (
            tenant_id int NOT NULL PRIMARY KEY,
            share_bps int NOT NULL CHECK (share_bps BETWEEN 0 AND 1000),
            seed text NOT NULL,
            since timestamptz NOT NULL
        )
        """
    )
    for table in ("experiment", "experiment_exposure", "experiment_reading", "holdout"):
        tenant_table(table)
