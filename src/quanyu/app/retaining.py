"""Wiring of how long events are kept: rules, their door, the daily run, and the pipeline's part of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.analysing import AnalysisServices
from quanyu.app.settings import Settings
from quanyu.app.workers import BrandLoop
from quanyu.flows.event_uses import KEPT_FOR_GOOD, EventUses
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.events.retention import routes as retention_routes
from quanyu.modules.events.retention.again import DroppedBefore
from quanyu.modules.events.retention.service import Retention
from quanyu.modules.events.retention.worker import RetentionWorker
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.segments.service import Segments


@dataclass(frozen=True, slots=True)
class RetentionServices:
    """What the application opens and runs."""

    routers: tuple[APIRouter, ...]
    per_brand: tuple[BrandLoop, ...]


def dropped_before(uows: UnitOfWorkFactory, warehouse: Warehouse) -> DroppedBefore:
    """Build what the pipeline asks when it stores old events once more."""
    return DroppedBefore(uows, warehouse, KEPT_FOR_GOOD)


def build_retention(
    settings: Settings,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    consumers: Sequence[str],
    segments: Segments,
    computed: ComputedAttributes,
    analyses: AnalysisServices,
    journeys: Journeys,
) -> RetentionServices:
    """Build the rules, their door and their worker; nothing of it needs closing."""
    readers = EventUses(
        segments=segments,
        computed=computed,
        metrics=analyses.metrics,
        boards=analyses.dashboards,
        analyses=analyses.saved_questions,
        journeys=journeys,
    )
    retention = Retention(uows, warehouse, readers, kept=KEPT_FOR_GOOD, log_days=settings.log_days)
    worker = RetentionWorker(
        uows, database, warehouse, settings.archive, kept=KEPT_FOR_GOOD, consumers=consumers
    )
    return RetentionServices(routers=(retention_routes.router(retention),), per_brand=(worker.run,))
