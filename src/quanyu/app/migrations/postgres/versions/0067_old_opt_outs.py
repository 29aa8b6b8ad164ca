"""Opt-outs of before the consent ledger lie in it, but history was never told: here they wait for it."""

from alembic import op

from quanyu.app.migrations.support import system_table

revision = "0067_old_opt_outs"
down_revision = "0066_lookalikes"
branch_labels = None
depends_on = None

FILL = """
    INSERT INTO consent_untold (tenant_id, operation_id, person_id)
    SELECT tenant_id, operation_id, person_id FROM consent_entry WHERE operation_id LIKE 'opt-out:%'
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    # Grain: a line of the ledger that is not yet a fact. The chores of consent empty it.
    op.execute(
        """
        CREATE TABLE consent_untold (
            tenant_id int NOT NULL,
            operation_id text NOT NULL,
            person_id int NOT NULL,
            PRIMARY KEY (tenant_id, operation_id, person_id)
        )
        """
    )
    system_table("consent_untold")
    op.execute(FILL)
