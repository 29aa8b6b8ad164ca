"""What hangs on a person: under whom it was first kept, so that an unmerge gives it back."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0033_person_origins"
down_revision = "0032_join_way_intents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL: kept under person_id from the beginning. What belongs to an identifier (an openid, a customer of
    # a company) needs none: it follows its identifier.
    op.execute("ALTER TABLE message_intent ADD COLUMN origin_person_id int")
    op.execute("ALTER TABLE awaited_event ADD COLUMN origin_person_id int")
    op.execute("ALTER TABLE live_code_state ADD COLUMN origin_inviter_id bigint")
    # merged: where a passage stood that ended because its person turned out to be one who was further on.
    op.execute("ALTER TABLE enrolment ADD COLUMN origin_person_id int, ADD COLUMN merged jsonb")
    op.execute(
        "CREATE INDEX enrolment_merged ON enrolment (tenant_id, person_id) "
        "WHERE merged IS NOT NULL AND exit_reason = 'merged'"
    )
    # Each opt-out as it was said; message_optout holds what counts for a person, the strictest of theirs.
    op.execute(
        """
        CREATE TABLE message_optout_said (
            tenant_id int NOT NULL,
            origin_id int NOT NULL,
            person_id int NOT NULL,
            scope text NOT NULL CHECK (scope IN ('marketing', 'all')),
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, origin_id)
        )
        """
    )
    op.execute("CREATE INDEX message_optout_said_person ON message_optout_said (tenant_id, person_id)")
    op.execute(
        "INSERT INTO message_optout_said (tenant_id, origin_id, person_id, scope, since) "
        "SELECT tenant_id, person_id, person_id, scope, since FROM message_optout"
    )
    tenant_table("message_optout_said")
