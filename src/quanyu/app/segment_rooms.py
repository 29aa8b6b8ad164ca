"""Wiring of segments: definitions and members, and looking into them."""

from fastapi import APIRouter

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.people.service import People
from quanyu.modules.segments import routes
from quanyu.modules.segments.insights import routes as insight_routes
from quanyu.modules.segments.insights.service import SegmentInsights
from quanyu.modules.segments.service import Segments


def segment_routers(
    segments: Segments, people: People, warehouse: Warehouse, uows: UnitOfWorkFactory
) -> tuple[APIRouter, ...]:
    """Return the doors to segments."""
    insights = SegmentInsights(warehouse, people, segments)
    return insight_routes.router(insights, uows), routes.router(segments, uows)
