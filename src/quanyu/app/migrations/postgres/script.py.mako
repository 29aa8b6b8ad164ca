"""${message}

Expand only: this migration must work while the previous release still runs.
Long back-fills go into a job, not here; say in the body what the lock is and how long it holds.

Revision: ${up_revision}
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
