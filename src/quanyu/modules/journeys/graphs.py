"""Published graphs, read once and kept: a version never changes."""

from collections import OrderedDict
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.journeys.definition import Definition, read_definition
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.queries import journeys

_log = get_logger("journeys.graphs")

KEPT_MAX: Final = 2_000


class Graphs:
    """Gives the graph of a version."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[TenantId, int, int], Definition | InvalidJourney] = OrderedDict()

    async def of(self, uow: UnitOfWork, journey_id: int, version: int) -> Definition:
        """Return a published graph.

        Raises:
            InvalidJourney: this release cannot read what an earlier one published.
        """
        found = await self._look_up(uow, journey_id, version)
        if isinstance(found, InvalidJourney):
            raise found
        return found

    async def find(self, uow: UnitOfWork, journey_id: int, version: int) -> Definition | None:
        """Return a published graph, or ``None`` if this release cannot read it: others must not suffer."""
        found = await self._look_up(uow, journey_id, version)
        return None if isinstance(found, InvalidJourney) else found

    async def _look_up(self, uow: UnitOfWork, journey_id: int, version: int) -> Definition | InvalidJourney:
        key = (uow.tenant_id, journey_id, version)
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        known = _read(await journeys.load_definition(uow, journey_id, version), journey_id, version)
        self._kept[key] = known
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return known


def _read(raw: object, journey_id: int, version: int) -> Definition | InvalidJourney:
    try:
        return read_definition(raw)
    except InvalidJourney as error:
        journey = encode_id("jrn", journey_id)
        _log.error("journeys.unreadable", journey=journey, version=version, problem=error.message)
        return error
