"""Bring both schemas up to this release."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

_SCRIPTS = Path(__file__).parent / "migrations" / "postgres"


def migrate_postgres(owner_conninfo: str) -> None:
    """Run the outstanding PostgreSQL migrations as the owner role; idempotent."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(owner_conninfo), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
