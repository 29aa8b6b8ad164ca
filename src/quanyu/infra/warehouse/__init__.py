"""The warehouse gate: ClickHouse in this process (chDB) or on a server, behind one door."""

from quanyu.infra.warehouse.errors import (
    InvalidAddress,
    MissingTenantFilter,
    WarehouseLimitExceeded,
    WarehouseRefused,
    WarehouseUnavailable,
)
from quanyu.infra.warehouse.gate import Columns, TenantWarehouse, Warehouse
from quanyu.infra.warehouse.settings import DATABASE, Address, QueryLimits, WarehouseSettings

__all__ = [
    "DATABASE",
    "Address",
    "Columns",
    "InvalidAddress",
    "MissingTenantFilter",
    "QueryLimits",
    "TenantWarehouse",
    "Warehouse",
    "WarehouseLimitExceeded",
    "WarehouseRefused",
    "WarehouseSettings",
    "WarehouseUnavailable",
]
