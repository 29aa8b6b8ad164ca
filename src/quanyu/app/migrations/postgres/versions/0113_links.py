"""Short links: what they lead to, and each person's copy of one."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0113_links"
down_revision = "0111_gateways"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # made_for: the journey's step or the broadcast whose messages carry it; null: made by hand, with a code.
    op.execute(
        """
        CREATE TABLE link (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL,
            target text NOT NULL,
            utm jsonb NOT NULL DEFAULT '{}',
            made_for text,
            campaign text NOT NULL DEFAULT '',
            node_id text NOT NULL DEFAULT '',
            code text,
            expires_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT link_is_by_hand_or_by_message CHECK ((made_for IS NULL) = (code IS NOT NULL))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX link_made_for ON link (tenant_id, made_for, name) WHERE made_for IS NOT NULL"
    )
    op.execute("CREATE INDEX link_campaign ON link (tenant_id, campaign, id) WHERE campaign <> ''")
    # target_sealed: where this person's copy leads if not where the link says.
    op.execute(
        """
        CREATE TABLE link_code (
            tenant_id int NOT NULL,
            code text NOT NULL,
            link_id bigint NOT NULL,
            person_id int,
            message_id bigint,
            target_sealed bytea,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            PRIMARY KEY (tenant_id, code),
            FOREIGN KEY (tenant_id, link_id) REFERENCES link,
            CONSTRAINT link_code_of_message_has_person CHECK ((message_id IS NULL) = (person_id IS NULL))
        )
        """
    )
    op.execute(
        "CREATE INDEX link_code_message ON link_code (tenant_id, message_id) WHERE message_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX link_code_person ON link_code (tenant_id, person_id) WHERE person_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX link_code_over ON link_code (tenant_id, expires_at) WHERE expires_at IS NOT NULL"
    )
    for table in ("link", "link_code"):
        tenant_table(table)
