"""Wiring of computed attributes: their door, their loop, and who reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.computed import routes as computed_routes
from quanyu.modules.insight.computed.contracts import AttributeUse
from quanyu.modules.insight.computed.refresh import ComputedRefresher
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.people.service import People
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import Attribute, conditions_of, parse_definition
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class ComputingServices:
    """Computed attributes, ready to be called."""

    computed: ComputedAttributes
    refresher: ComputedRefresher
    routers: Sequence[APIRouter]
    per_brand: Sequence[BrandLoop]


class SegmentReaders:
    """``insight.computed.ports.AttributeReaders``: segments, and rules that are segments of their own."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def readers(
        self, uow: UnitOfWork, attributes: Sequence[str]
    ) -> Mapping[str, Sequence[AttributeUse]]:
        """Return by attribute the segments whose conditions ask about it."""
        wanted = set(attributes)
        found: dict[str, list[AttributeUse]] = {}
        for segment_id, standing in (await self._segments.standing(uow)).items():
            conditions = conditions_of(parse_definition(standing.view.definition))
            asked = {one.key for one in conditions if isinstance(one, Attribute)}
            used_by = AttributeUse(kind="segment", id=encode_id("seg", segment_id), name=standing.name)
            for attribute in sorted(wanted & asked):
                found.setdefault(attribute, []).append(used_by)
        return found


def build_computing(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants, segments: Segments
) -> ComputingServices:
    """Build them; nothing of it needs closing."""
    computed = ComputedAttributes(uows, warehouse, people, tenants)
    computed.read_by(SegmentReaders(segments))
    refresher = ComputedRefresher(uows, warehouse, people, tenants)
    return ComputingServices(
        computed=computed,
        refresher=refresher,
        routers=(computed_routes.router(computed, refresher),),
        per_brand=(refresher.run,),
    )
