"""The open warehouse, put together: the names history does not hold come from the modules that keep them."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import decode_id
from quanyu.modules.insight.open_warehouse.service import OpenQuestions
from quanyu.modules.people.tags.queries.book import BookQueries
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


class _Names:
    """``insight.open_warehouse.service.ViewNames`` from tags and segments."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def tags(self, uow: UnitOfWork) -> Sequence[tuple[int, str, str]]:
        book = BookQueries(uow)
        groups = {group.id: group.name for group in await book.groups()}
        return [(tag.id, tag.name, groups[tag.group_id]) for tag in await book.tags()]

    async def segments(self, uow: UnitOfWork) -> Sequence[tuple[int, str]]:
        return [(decode_id("seg", one.id), one.name) for one in await self._segments.list_all(uow)]


def build_open_warehouse(
    warehouse: Warehouse, tenants: Tenants, uows: UnitOfWorkFactory, segments: Segments
) -> OpenQuestions:
    """Return the use cases of the SQL page."""
    return OpenQuestions(warehouse, tenants, uows, _Names(segments))
