"""The warehouse's schema, as ordered SQL files."""

from pathlib import Path

from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse.migrations import load, migrate

DIRECTORY = Path(__file__).parent


async def migrate_warehouse(warehouse: Warehouse) -> tuple[str, ...]:
    """Apply the outstanding warehouse migrations; return their names. Idempotent."""
    return await migrate(warehouse, load(DIRECTORY))
