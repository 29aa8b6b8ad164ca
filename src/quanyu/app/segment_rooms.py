"""Wiring of segments: definitions and members, lists, and looking into them."""

from fastapi import APIRouter

from quanyu.flows import figure_lists
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.forms.answerers import AnswerersDesk
from quanyu.modules.insight.behaviour.whole import WholeFigures
from quanyu.modules.insight.lifecycle.study import LifecycleDesk
from quanyu.modules.insight.quality.study import QualityDesk
from quanyu.modules.people.service import People
from quanyu.modules.segments import routes
from quanyu.modules.segments.insights import routes as insight_routes
from quanyu.modules.segments.insights.service import SegmentInsights
from quanyu.modules.segments.lists import routes as list_routes
from quanyu.modules.segments.lists.service import Lists
from quanyu.modules.segments.lookalike import routes as lookalike_routes
from quanyu.modules.segments.lookalike.service import Lookalikes
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


def build_lookalikes(
    uows: UnitOfWorkFactory, warehouse: Warehouse, keyring: KeyRing, segments: Segments
) -> Lookalikes:
    """Build the desk of lookalikes; its loop runs per brand."""
    lists = Lists(uows, warehouse, keyring, segments)
    return Lookalikes(uows, warehouse, segments, lists, WorkPool())


def segment_routers(
    segments: Segments,
    people: People,
    warehouse: Warehouse,
    keyring: KeyRing,
    uows: UnitOfWorkFactory,
    *,
    lookalikes: Lookalikes,
    figures: WholeFigures,
    stages: LifecycleDesk,
    quality: QualityDesk,
    tenants: Tenants,
) -> tuple[APIRouter, ...]:
    """Return the doors to segments."""
    insights = SegmentInsights(warehouse, people, segments)
    lists = Lists(uows, warehouse, keyring, segments)
    return (
        list_routes.router(lists),
        lookalike_routes.router(lookalikes),
        figure_lists.router(
            figure_lists.FigureLists(figures, stages, quality, AnswerersDesk(uows, tenants), lists)
        ),
        insight_routes.router(insights, uows),
        routes.router(segments, uows),
    )
