"""Segments, their members and listeners; runs and scores of RFM."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0005_segments"
down_revision = "0004_messaging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _segments()
    _rfm()


def _segments() -> None:
    # ``generation`` counts committed changes of the membership, ``mirrored`` those the warehouse has:
    # where they differ, the warehouse is brought in line before the next evaluation. ``revision`` counts
    # edits of the definition; ``evaluated_revision`` is the one the members and ``as_of`` belong to.
    op.execute(
        """
        CREATE TABLE segment (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            description text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
            definition jsonb NOT NULL,
            revision int NOT NULL DEFAULT 1,
            evaluated_revision int NOT NULL DEFAULT 0,
            member_count int NOT NULL DEFAULT 0,
            as_of timestamptz,
            took_ms int,
            error text,
            generation bigint NOT NULL DEFAULT 0,
            mirrored bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            deleted_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX segment_name ON segment (tenant_id, name) WHERE deleted_at IS NULL")
    op.execute(
        """
        CREATE TABLE segment_member (
            tenant_id int NOT NULL,
            segment_id bigint NOT NULL,
            person_id int NOT NULL,
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, segment_id, person_id),
            FOREIGN KEY (tenant_id, segment_id) REFERENCES segment (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX segment_member_person ON segment_member (tenant_id, person_id)")
    # Whoever needs a segment fresh within a second, for example a running journey.
    op.execute(
        """
        CREATE TABLE segment_listener (
            tenant_id int NOT NULL,
            segment_id bigint NOT NULL,
            listener text NOT NULL,
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, segment_id, listener),
            FOREIGN KEY (tenant_id, segment_id) REFERENCES segment (tenant_id, id)
        )
        """
    )
    for table in ("segment", "segment_member", "segment_listener"):
        tenant_table(table)


def _rfm() -> None:
    # One row per run; scores are written in chunks, and the run counts once ``finished_at`` is set.
    op.execute(
        """
        CREATE TABLE rfm_run (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            as_of timestamptz NOT NULL,
            people int NOT NULL,
            currency text NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE rfm_score (
            tenant_id int NOT NULL,
            run_id bigint NOT NULL,
            person_id int NOT NULL,
            recency_days int NOT NULL CHECK (recency_days >= 0),
            frequency int NOT NULL CHECK (frequency > 0),
            monetary numeric(38, 8) NOT NULL,
            r smallint NOT NULL CHECK (r BETWEEN 1 AND 5),
            f smallint NOT NULL CHECK (f BETWEEN 1 AND 5),
            m smallint NOT NULL CHECK (m BETWEEN 1 AND 5),
            class text NOT NULL,
            PRIMARY KEY (tenant_id, run_id, person_id),
            FOREIGN KEY (tenant_id, run_id) REFERENCES rfm_run (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX rfm_score_value ON rfm_score (tenant_id, run_id, monetary DESC, person_id)")
    op.execute(
        "CREATE INDEX rfm_score_class ON rfm_score (tenant_id, run_id, class, monetary DESC, person_id)"
    )
    for table in ("rfm_run", "rfm_score"):
        tenant_table(table)
