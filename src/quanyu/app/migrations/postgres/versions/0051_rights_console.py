"""Consent texts that ask everybody again; what stands in the way of an erasure."""

from alembic import op

revision = "0051_rights_console"
down_revision = "0050_segment_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # ends_earlier: who agreed to an earlier version has agreed to nothing any more.
    op.execute("ALTER TABLE consent_text ADD COLUMN ends_earlier boolean NOT NULL DEFAULT false")
    # trouble: why the last attempt came to no end; empty while somebody is at it.
    op.execute(
        "ALTER TABLE rights_request ADD COLUMN attempts int NOT NULL DEFAULT 0, "
        "ADD COLUMN trouble text NOT NULL DEFAULT ''"
    )
    op.execute("CREATE INDEX rights_request_person ON rights_request (tenant_id, person_id)")
