"""Forms: what they ask, versions that were published, answers, counters of limits, visits."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0045_forms"
down_revision = "0044_studies"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE form (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        token text NOT NULL UNIQUE,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('form', 'vote', 'questionnaire')),
        state text NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'archived')),
        draft jsonb NOT NULL,
        published int,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        CHECK ((state = 'draft') = (published IS NULL))
    )
    """,
    """
    CREATE TABLE form_version (
        tenant_id int NOT NULL,
        form_id bigint NOT NULL,
        version int NOT NULL CHECK (version > 0),
        definition jsonb NOT NULL,
        published_at timestamptz NOT NULL,
        published_by text NOT NULL,
        PRIMARY KEY (tenant_id, form_id, version),
        FOREIGN KEY (tenant_id, form_id) REFERENCES form
    )
    """,
    # person_id: who the answer was stamped with; known_as: who that is today. Both come with the event when
    # the answer itself does not say who it is of. device_counts: nobody else may answer from this browser.
    # is_repeat: another answer of the same person came before, as merging showed later.
    """
    CREATE TABLE form_answer (
        tenant_id int NOT NULL,
        form_id bigint NOT NULL,
        id bigint NOT NULL,
        version int NOT NULL,
        person_id int,
        known_as int,
        device bytea NOT NULL,
        device_counts boolean NOT NULL,
        once text NOT NULL CHECK (once IN ('person', 'device', 'many')),
        is_repeat boolean NOT NULL DEFAULT false,
        answers jsonb NOT NULL,
        sealed bytea,
        score int NOT NULL,
        result text NOT NULL,
        source text NOT NULL,
        seconds int NOT NULL,
        submitted_at timestamptz NOT NULL,
        edited_at timestamptz,
        PRIMARY KEY (tenant_id, form_id, id),
        FOREIGN KEY (tenant_id, form_id, version) REFERENCES form_version
    )
    """,
    # One answer per person, and per browser where that stands for the person: whatever comes at once.
    """
    CREATE UNIQUE INDEX form_answer_once ON form_answer (tenant_id, form_id, known_as)
        WHERE once = 'person' AND NOT is_repeat AND known_as IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX form_answer_device ON form_answer (tenant_id, form_id, device)
        WHERE device_counts
    """,
    "CREATE INDEX form_answer_person ON form_answer (tenant_id, known_as, form_id)",
    # Every submission for good: sent again, it is answered and changes nothing.
    """
    CREATE TABLE form_submission (
        tenant_id int NOT NULL,
        form_id bigint NOT NULL,
        submission text NOT NULL,
        answer_id bigint NOT NULL,
        body_hash bytea NOT NULL,
        submitted_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, form_id, submission)
    )
    """,
    # Answers counted towards a limit; counted anew from the answers whenever a version is published.
    """
    CREATE TABLE form_counter (
        tenant_id int NOT NULL,
        form_id bigint NOT NULL,
        key text NOT NULL,
        n int NOT NULL CHECK (n >= 0),
        PRIMARY KEY (tenant_id, form_id, key)
    )
    """,
    """
    CREATE TABLE form_visit (
        tenant_id int NOT NULL,
        form_id bigint NOT NULL,
        device bytea NOT NULL,
        source text NOT NULL,
        page int NOT NULL DEFAULT 0,
        opened_at timestamptz NOT NULL,
        submitted_at timestamptz,
        PRIMARY KEY (tenant_id, form_id, device)
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("form", "form_version", "form_answer", "form_submission", "form_counter", "form_visit"):
        tenant_table(table)
