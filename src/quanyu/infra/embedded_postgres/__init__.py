"""PostgreSQL inside the data directory: nothing to install, nothing to configure, nothing left behind."""

from quanyu.infra.embedded_postgres.progress import Phase, Progress, ProgressCallback
from quanyu.infra.embedded_postgres.roles import DATABASE, Role, ensure_database, ensure_roles
from quanyu.infra.embedded_postgres.supervisor import EmbeddedPostgres

__all__ = [
    "DATABASE",
    "EmbeddedPostgres",
    "Phase",
    "Progress",
    "ProgressCallback",
    "Role",
    "ensure_database",
    "ensure_roles",
]
