"""Messages by campaign and priority, so that none waits for another's million; rates all processes share."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0104_message_campaigns"
down_revision = "0095_journey_exits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # campaign_key: '' for messages of their own. priority: the lower goes first; 1 is what marketing has.
    op.execute(
        "ALTER TABLE message_intent ADD COLUMN campaign_key text NOT NULL DEFAULT '', "
        "ADD COLUMN priority smallint NOT NULL DEFAULT 1"
    )
    op.execute("UPDATE message_intent SET priority = 0 WHERE class = 'transactional' AND wake_at IS NOT NULL")
    # One index serves what the one before did, and lets each campaign's next message be found at once.
    op.execute(
        "CREATE INDEX message_intent_queue ON message_intent "
        "(tenant_id, account_id, state, priority, campaign_key, wake_at) WHERE wake_at IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX message_intent_held ON message_intent (tenant_id, wake_at) WHERE state = 'planned'"
    )
    op.execute("DROP INDEX message_intent_open")
    op.execute(
        "CREATE INDEX message_intent_campaign ON message_intent (tenant_id, campaign_key, state) "
        "WHERE campaign_key <> ''"
    )
    # Only campaigns somebody paused, slowed down or stopped have a row.
    op.execute(
        """
        CREATE TABLE message_campaign (
            tenant_id int NOT NULL,
            campaign_key text NOT NULL,
            paused_at timestamptz,
            stopped_at timestamptz,
            rate_per_s double precision CHECK (rate_per_s > 0),
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, campaign_key)
        )
        """
    )
    tenant_table("message_campaign")
    # What may be sent at once by all processes together; filled_s counts real seconds since 1970.
    op.execute(
        """
        CREATE TABLE message_rate (
            tenant_id int NOT NULL,
            name text NOT NULL,
            tokens double precision NOT NULL,
            filled_s double precision NOT NULL,
            PRIMARY KEY (tenant_id, name)
        ) WITH (fillfactor = 50)
        """
    )
    tenant_table("message_rate")
