"""Everything about events but the log itself: catalogue, plan, quarantine, sources; put together here."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.analysing import AnalysisServices
from quanyu.app.api import quarantine as quarantine_api
from quanyu.app.retaining import build_retention
from quanyu.app.settings import Settings
from quanyu.app.tracking.gate import PlanGate
from quanyu.app.workers import BrandLoop, Loop
from quanyu.flows.intake import Intake
from quanyu.flows.quarantine import Quarantine
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.jobs import ArchiveSchedule
from quanyu.modules.events.archive.service import Archiver
from quanyu.modules.events.observed import routes as observed_routes
from quanyu.modules.events.observed.service import Observed
from quanyu.modules.events.observed.tally import Tally
from quanyu.modules.events.plan import routes as plan_routes
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.notes import IssueNotes
from quanyu.modules.events.plan.service import Plans
from quanyu.modules.events.sources import routes as source_routes
from quanyu.modules.events.sources.notes import SourceNotes
from quanyu.modules.events.sources.service import Sources
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.people.traits import may_be_shown
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDesk:
    """The use cases of events, their doors, and their loops."""

    gate: PlanGate
    routers: Sequence[APIRouter]
    everywhere: Sequence[Loop]
    per_brand: Sequence[BrandLoop]


def build_event_desk(
    settings: Settings,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    tenants: Tenants,
    intake: Intake,
    consumers: Sequence[str],
    segments: Segments,
    computed: ComputedAttributes,
    analyses: AnalysisServices,
    journeys: Journeys,
) -> EventDesk:
    """Build it; ``consumers`` are the cursors of all subscribers, the last four ask for events."""
    observed = Observed(uows, warehouse, tenants, may_be_shown)
    books, issues, heard = PlanBooks(uows), IssueNotes(uows), SourceNotes(uows)
    retention = build_retention(
        settings, uows, database, warehouse, consumers, segments, computed, analyses, journeys
    )
    archiving = ArchiveSettings(directory=settings.archive, keep_days=settings.log_days)
    archiver = Archiver(uows, database, archiving, consumers=consumers)
    return EventDesk(
        gate=PlanGate(books, issues, heard),
        routers=(
            observed_routes.router(observed),
            plan_routes.router(Plans(books, observed)),
            quarantine_api.router(Quarantine(uows, intake, books)),
            source_routes.router(Sources(uows, consumers)),
            *retention.routers,
        ),
        everywhere=(issues.run, heard.run, ArchiveSchedule(archiver).run),
        per_brand=(Tally(uows, warehouse).run, *retention.per_brand),
    )
