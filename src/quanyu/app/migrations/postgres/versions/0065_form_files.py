"""Forms: files sent with answers."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0065_form_files"
down_revision = "0064_notice_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without an answer a file waits for it. It goes with its answer, whatever takes that away.
    op.execute("""
        CREATE TABLE form_file (
            tenant_id int NOT NULL,
            form_id bigint NOT NULL,
            id bigint NOT NULL,
            question text NOT NULL,
            device bytea NOT NULL,
            answer_id bigint,
            name_sealed bytea NOT NULL,
            kind text NOT NULL,
            size int NOT NULL,
            content_sealed bytea NOT NULL,
            uploaded_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, form_id, id),
            FOREIGN KEY (tenant_id, form_id) REFERENCES form,
            FOREIGN KEY (tenant_id, form_id, answer_id) REFERENCES form_answer ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX form_file_answer ON form_file (tenant_id, form_id, answer_id)")
    op.execute("CREATE INDEX form_file_waiting ON form_file (tenant_id, uploaded_at) WHERE answer_id IS NULL")
    tenant_table("form_file")
