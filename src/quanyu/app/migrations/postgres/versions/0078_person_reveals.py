"""Who saw identifiers of whom in full, when and why."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0078_person_reveals"
down_revision = "0077_tag_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # fields: what was asked for, by name; never a value.
    op.execute(
        """
        CREATE TABLE person_reveal (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            person_id int NOT NULL,
            user_id bigint NOT NULL,
            actor text NOT NULL,
            fields text[] NOT NULL,
            reason text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX person_reveal_user ON person_reveal (tenant_id, user_id, at)")
    op.execute("CREATE INDEX person_reveal_person ON person_reveal (tenant_id, person_id, at)")
    tenant_table("person_reveal")
