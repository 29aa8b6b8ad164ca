"""The ASGI application: every route and door of the services, behind one sign-in."""

from typing import Any

from fastapi import FastAPI

from quanyu import __version__
from quanyu.app.access import install_access
from quanyu.app.adapters import PeopleVariables, SegmentAudience
from quanyu.app.api import archive as archive_api
from quanyu.app.api import backups, console, health, overview, pipeline, replay, session
from quanyu.app.backup import BackupSources
from quanyu.app.communities import community_routers
from quanyu.app.companies import account_segment_routers
from quanyu.app.corp_tags import SidebarTags
from quanyu.app.doors import Doors
from quanyu.app.forms import build_forms, form_routers
from quanyu.app.mcp.door import McpDoor
from quanyu.app.segment_rooms import segment_routers
from quanyu.app.short_links import ShortLinkDoor
from quanyu.app.sidebar import build_sidebar
from quanyu.app.staffing import staff_routers
from quanyu.app.tracking import sdk_files
from quanyu.app.tracking.door import TrackingDoor
from quanyu.app.wiring import Services
from quanyu.flows import tag_rule_routes, template_routes
from quanyu.flows.gateways import routes as gateway_routes
from quanyu.infra import web
from quanyu.modules.channels import pages as page_routes
from quanyu.modules.channels import routes as channel_routes
from quanyu.modules.channels.codes import routes as code_routes
from quanyu.modules.channels.health import routes as account_health_routes
from quanyu.modules.channels.materials import routes as material_routes
from quanyu.modules.channels.menus import routes as menu_routes
from quanyu.modules.channels.mini_programs import routes as mini_program_routes
from quanyu.modules.channels.replies import routes as reply_routes
from quanyu.modules.channels.syncs import routes as sync_routes
from quanyu.modules.channels.tags import routes as tag_routes
from quanyu.modules.channels.wecom import routes as corp_routes
from quanyu.modules.experiments import routes as experiment_routes
from quanyu.modules.experiments.assigning import OutsideCallers
from quanyu.modules.insight import routes as insight_routes
from quanyu.modules.journeys import routes as journey_routes
from quanyu.modules.journeys.migrating import routes as journey_migration_routes
from quanyu.modules.journeys.replay import routes as replay_routes
from quanyu.modules.journeys.templates import routes as journey_template_routes
from quanyu.modules.journeys.versions import routes as journey_version_routes
from quanyu.modules.journeys.versions.service import Versions as JourneyVersions
from quanyu.modules.journeys.why import routes as journey_why_routes
from quanyu.modules.journeys.why.service import Why as JourneyWhy
from quanyu.modules.links import routes as link_routes
from quanyu.modules.messaging import routes as message_routes
from quanyu.modules.messaging.templates import routes as message_template_routes
from quanyu.modules.messaging.templates.service import MessageTemplates
from quanyu.modules.payments import routes as payment_routes
from quanyu.modules.people import routes as people_routes
from quanyu.modules.people.lacking import LackingAttributes
from quanyu.modules.people.separation import routes as separation_routes
from quanyu.modules.people.tags import routes as person_tag_routes
from quanyu.modules.plays.broadcasts import routes as broadcast_routes
from quanyu.modules.tenants.audit import routes as audit_routes
from quanyu.modules.tenants.contracts import Brand
from quanyu.modules.tenants.service import WriteKeys


def build_app(services: Services, brand: Brand) -> Any:
    """Return the ASGI application with every door."""
    settings, uows = services.settings, services.uows
    api = FastAPI(
        title="Quanyu",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
    )
    token = settings.data.ensure_local_token()
    authenticate = session.authenticator(services.tenants, uows, token, brand, public_url=settings.url)
    web.install(api, authenticate=authenticate, uows=uows, note=services.audit.note)
    sidebar = build_sidebar(
        uows,
        services.keyring,
        services.corp_clients,
        services.people,
        services.tenants,
        services.messaging,
        services.staff.directory,
        services.staff.inheritances,
        public_url=settings.url,
        tags=SidebarTags(services.staff.marks),
        state_names=services.staff.codes.states.names,
    )
    sidebar.install(api)
    forms = build_forms(
        uows,
        services.keyring,
        services.tenants,
        services.people,
        services.corps,
        services.staff.recognition,
        services.clients,
        services.channels,
        public_url=settings.url,
    )
    audience = SegmentAudience(services.segments, uows)
    for routes in (
        health.router(uows),
        session.router(services.tenants, uows, settings.clock, settings.url),
        overview.router(services),
        *install_access(api, uows, services.tenants, public_url=settings.url),
        audit_routes.router(services.audit),
        pipeline.router(services.dead_letters),
        archive_api.router(services.catalogue),
        *services.event_desk.routers,
        replay.router(services.replays, services.replay_worker.wake),
        services.matching.router(),
        people_routes.router(services.people, audience.members, services.person_tags),
        person_tag_routes.router(services.person_tags, audience.members),
        *services.profiles.routers,
        *services.people_lists.routers,
        tag_rule_routes.router(services.tag_rules),
        *services.tag_mirroring.routers,
        *services.consents.routers,
        *services.rights.routers,
        separation_routes.router(services.identity_desk, uows),
        *segment_routers(
            services.segments,
            services.people,
            services.warehouse,
            services.keyring,
            uows,
            lookalikes=services.lookalikes,
            figures=services.analyses.figures,
            stages=services.understanding.stages,
            quality=services.understanding.quality,
            tenants=services.tenants,
        ),
        insight_routes.router(services.orders, services.understanding.rfm, services.tenants, uows),
        *services.analyses.routers,
        *services.computing.routers,
        *services.companies.routers,
        *account_segment_routers(uows, services.warehouse, services.companies.companies, services.segments),
        *services.understanding.routers,
        journey_template_routes.router(),
        journey_routes.router(services.journeys, services.engine.wake),
        replay_routes.router(services.journey_replays),
        journey_migration_routes.router(services.journey_migrations),
        journey_version_routes.router(JourneyVersions(services.journeys)),
        journey_why_routes.router(JourneyWhy(services.people, audience, services.messaging)),
        *services.drafting.routers,
        experiment_routes.router(
            services.experiments,
            OutsideCallers(services.experiments, services.people),
            services.experiment_results,
        ),
        message_routes.router(services.messaging),
        broadcast_routes.router(services.broadcasting.broadcasts, services.broadcasting.results),
        template_routes.router(services.templates),
        link_routes.router(services.links, services.tenants),
        message_template_routes.router(
            MessageTemplates(
                services.messaging, PeopleVariables(services.people), audience, LackingAttributes()
            )
        ),
        gateway_routes.router(services.gateways),
        channel_routes.router(services.channels),
        page_routes.router(services.clients),
        mini_program_routes.router(services.channels, services.mini_programs, services.account_health),
        mini_program_routes.people_router(services.mini_program_people),
        corp_routes.router(services.corp_desk, services.account_health),
        *services.welcomes.routers,
        reply_routes.router(services.channels, services.replies),
        tag_routes.router(services.channels, services.tags),
        sync_routes.router(services.channels, services.syncs),
        menu_routes.router(services.channels, services.menus),
        material_routes.router(services.materials),
        account_health_routes.router(services.channels, services.account_health),
        code_routes.router(
            services.channels, services.codes, services.code_issuer, services.tenants.get_brand
        ),
        *staff_routers(services.staff),
        *community_routers(services.communities),
        *sidebar.routers,
        payment_routes.router(services.payments),
        *services.importing.routers(services.tenants, uows),
        backups.router(_backup_sources(services), settings.clock),
        sdk_files.router(settings.console_path),
        *form_routers(forms, console=settings.console_path, public_url=settings.url),
        console.router(settings.console_path),
    ):
        api.include_router(routes)
    tracking = TrackingDoor(services.intake, WriteKeys(uows), settings.clock, services.event_desk.gate)
    return Doors(
        tracking=tracking,
        callbacks=services.callbacks,
        pay=services.payments.door,
        mcp=McpDoor(api),
        links=ShortLinkDoor(uows, services.links, services.messaging, services.intake),
        rest=api,
    )


def _backup_sources(services: Services) -> BackupSources:
    return BackupSources(
        data=services.settings.data,
        archive=services.settings.archive,
        owner_dsn=services.database.urls.owner,
        # A ClickHouse server has backups of its own.
        warehouse=services.warehouse if services.warehouse.settings.address.is_embedded else None,
        master_key_fingerprint=services.keyring.fingerprint,
    )
