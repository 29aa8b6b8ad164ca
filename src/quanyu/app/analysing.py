"""Analyses, put together: behaviour, and the open warehouse with names that history does not hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import decode_id
from quanyu.modules.insight.behaviour import routes as behaviour_routes
from quanyu.modules.insight.behaviour.asker import Asker
from quanyu.modules.insight.behaviour.patterns import Patterns
from quanyu.modules.insight.behaviour.service import Behaviour
from quanyu.modules.insight.behaviour.whole import WholeFigures
from quanyu.modules.insight.dashboards import routes as dashboard_routes
from quanyu.modules.insight.dashboards.analyses import SavedQuestions
from quanyu.modules.insight.dashboards.service import Dashboards
from quanyu.modules.insight.metrics import routes as metric_routes
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.insight.open_warehouse import routes as open_warehouse_routes
from quanyu.modules.insight.open_warehouse.service import OpenQuestions
from quanyu.modules.people.service import People
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


class _SegmentBook:
    """``insight.behaviour.asker.KnownSegments`` from segments."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    async def check(self, uow: UnitOfWork, segment: str) -> None:
        await self._segments.get(uow, decode_id("seg", segment))


@dataclass(frozen=True, slots=True)
class AnalysisServices:
    """What analysts ask."""

    behaviour: Behaviour
    patterns: Patterns
    metrics: Metrics
    dashboards: Dashboards
    saved_questions: SavedQuestions
    open_questions: OpenQuestions
    figures: WholeFigures

    @property
    def routers(self) -> tuple[APIRouter, ...]:
        """Their doors."""
        return (
            behaviour_routes.router(self.behaviour, self.patterns),
            metric_routes.router(self.metrics),
            dashboard_routes.router(self.dashboards, self.saved_questions),
            open_warehouse_routes.router(self.open_questions),
        )


def build_analyses(
    warehouse: Warehouse, people: People, tenants: Tenants, uows: UnitOfWorkFactory, segments: Segments
) -> AnalysisServices:
    """Put them together."""
    book = _SegmentBook(segments)
    asker = Asker(warehouse, people, tenants, uows, book)
    behaviour = Behaviour(asker)
    metrics = Metrics(behaviour, tenants, uows)
    return AnalysisServices(
        behaviour=behaviour,
        patterns=Patterns(asker),
        metrics=metrics,
        dashboards=Dashboards(metrics, book),
        saved_questions=SavedQuestions(),
        open_questions=OpenQuestions(warehouse, tenants, uows, _Names(segments)),
        figures=WholeFigures(asker),
    )
