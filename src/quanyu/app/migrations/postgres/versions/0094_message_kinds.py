"""Messages of any kind and channel, which the table of capabilities knows; credits of subscribe messages."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0094_message_kinds"
down_revision = "0093_experiments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message_intent DROP CONSTRAINT message_intent_kind_check")
    op.execute("ALTER TABLE message_intent ADD COLUMN credit_since timestamptz")
    op.execute("ALTER TABLE message_lane ADD COLUMN channel text NOT NULL DEFAULT 'official_account'")
    op.execute(
        """
        ALTER TABLE message_template
            ADD COLUMN kind text NOT NULL DEFAULT 'template',
            ADD COLUMN names jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN choices jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN long_term boolean NOT NULL DEFAULT false
        """
    )
    # What a person lets an account send by one template; ``since`` is when its count began.
    op.execute(
        """
        CREATE TABLE message_credit (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            recipient bytea NOT NULL,
            template_id text NOT NULL,
            person_id int NOT NULL,
            granted int NOT NULL CHECK (granted >= 0),
            used int NOT NULL CHECK (used >= 0),
            long_term boolean NOT NULL,
            since timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            position bigint NOT NULL,
            PRIMARY KEY (tenant_id, account_id, recipient, template_id),
            CONSTRAINT message_credit_not_overspent CHECK (long_term OR used <= granted)
        ) WITH (fillfactor = 80)
        """
    )
    tenant_table("message_credit")
    op.execute("CREATE INDEX message_credit_person ON message_credit (tenant_id, person_id)")
