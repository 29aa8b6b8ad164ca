"""Segments: how large they were, one row an hour with an evaluation."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0046_segment_sizes"
down_revision = "0045_forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ``at`` is the beginning of the hour; ``members`` are those of its last evaluation.
    op.execute(
        """
        CREATE TABLE segment_size (
            tenant_id int NOT NULL,
            segment_id bigint NOT NULL,
            at timestamptz NOT NULL,
            members int NOT NULL,
            entered int NOT NULL,
            departed int NOT NULL,
            PRIMARY KEY (tenant_id, segment_id, at),
            FOREIGN KEY (tenant_id, segment_id) REFERENCES segment (tenant_id, id)
        )
        """
    )
    tenant_table("segment_size")
