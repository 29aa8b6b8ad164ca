"""Message templates of the brand's own, with every version of what they say."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0114_content_templates"
down_revision = "0113_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ``message_template`` is what the platform lists for an account.
    op.execute(
        """
        CREATE TABLE content_template (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            note text NOT NULL DEFAULT '',
            version int NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE content_template_version (
            tenant_id int NOT NULL,
            template_id bigint NOT NULL,
            version int NOT NULL,
            variants jsonb NOT NULL,
            saved_at timestamptz NOT NULL,
            saved_by text NOT NULL,
            PRIMARY KEY (tenant_id, template_id, version),
            FOREIGN KEY (tenant_id, template_id) REFERENCES content_template
        )
        """
    )
    for table in ("content_template", "content_template_version"):
        tenant_table(table)
