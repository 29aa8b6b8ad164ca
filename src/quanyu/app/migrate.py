"""Bring both schemas up to this release."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse import migrations as warehouse_migrations

_SCRIPTS = Path(__file__).parent / "migrations" / "postgres"
_WAREHOUSE = Path(__file__).parent / "migrations" / "warehouse"


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


async def migrate_warehouse(warehouse: Warehouse) -> None:
    """Run the outstanding warehouse migrations; idempotent.

    Raises:
        WarehouseUnavailable: try again when the warehouse is back.
    """
    await warehouse_migrations.migrate(warehouse, warehouse_migrations.load(_WAREHOUSE))
