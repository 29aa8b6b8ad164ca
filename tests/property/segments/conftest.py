from collections.abc import Iterator
from typing import Any

import pytest

from quanyu.infra.warehouse import Warehouse
from quanyu.infra.warehouse.engine import open_client


@pytest.fixture(scope="module")
def warehouse_client(warehouse: Warehouse) -> Iterator[Any]:
    """A plain client on the real engine and tables: hypothesis calls its examples synchronously."""
    client = open_client(warehouse.settings)
    client.database = warehouse.settings.database
    yield client
    client.close()
