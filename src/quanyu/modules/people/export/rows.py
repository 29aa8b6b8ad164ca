"""The rows of an export, as cells: what a list shows of people, in clear where that is allowed."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId
from quanyu.modules.people import profile_queries
from quanyu.modules.people.listing.columns import ChosenColumns
from quanyu.modules.people.listing.contracts import ATTRIBUTE, IDENTITY, ListRow
from quanyu.modules.people.service import People

_FIRST: Final = ("id", "name")
_BOUGHT: Final = ("orders", "revenue")
_OWN: Final = {
    "class": "rfm_class",
    "reachable": "reachable",
    "orders": "orders",
    "revenue": "revenue",
    "first_seen": "first_seen_at",
    "last_seen": "last_seen_at",
}


class ExportRows:
    """Reads people for a file."""

    def __init__(self, warehouse: Warehouse, people: People, columns: ChosenColumns) -> None:
        self._warehouse = warehouse
        self._people = people
        self._columns = columns

    async def read(
        self, uow: UnitOfWork, profiles: Sequence[int], columns: Sequence[str], *, unmasked: bool
    ) -> list[list[object]]:
        """Return a line per person, as ``head_of`` names its cells.

        Raises:
            WarehouseUnavailable: orders are asked for and cannot be read now; no file says "none" instead.
        """
        if not profiles:
            return []
        if any(one in _BOUGHT for one in columns):
            gate = self._warehouse.for_tenant(uow.tenant_id)
            await profile_queries.count_events(uow, gate, [profiles[0]])
        rows = await self._people.rows(uow, [PersonId(one) for one in profiles])
        shown = await self._columns.beside(uow, rows, profiles, columns, unmasked=unmasked)
        return [_line(row, columns) for row in shown]


def head_of(columns: Sequence[str]) -> list[str]:
    """Return the names of the cells of a line; an amount has its currency beside it."""
    named: list[str] = [*_FIRST]
    for column in columns:
        named.append(column.removeprefix(ATTRIBUTE).removeprefix(IDENTITY))
        if column == "revenue":
            named.append("currency")
    return named


def attribute_places(columns: Sequence[str]) -> set[int]:
    """Return which cells of a line are attributes."""
    places = [column for column in columns for _ in range(2 if column == "revenue" else 1)]
    return {len(_FIRST) + place for place, name in enumerate(places) if name.startswith(ATTRIBUTE)}


def _line(row: ListRow, columns: Sequence[str]) -> list[object]:
    cells: list[object] = [row.id, row.display_name]
    for column in columns:
        cells.append(_cell(row, column))
        if column == "revenue":
            cells.append(row.currency)
    return cells


def _cell(row: ListRow, column: str) -> object:
    if column.startswith(ATTRIBUTE):
        key = column.removeprefix(ATTRIBUTE)
        return next((_plain(one.value) for one in row.attributes if one.key == key), None)
    if column.startswith(IDENTITY):
        namespace = column.removeprefix(IDENTITY)
        return "; ".join(one.value_masked for one in row.identities if one.namespace == namespace)
    if column == "tags":
        return "; ".join(tag.name for tag in row.tags)
    return getattr(row, _OWN[column])


def _plain(value: Any) -> object:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value
