"""Putting the parts together: the one place that knows every module."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from quanyu import __version__
from quanyu.app.api import console, session
from quanyu.app.doors import Doors
from quanyu.app.settings import Settings
from quanyu.app.tracking.door import TrackingDoor
from quanyu.flows.intake import Intake
from quanyu.flows.pipeline.react import React, Subscriber
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.runner import Pipeline
from quanyu.flows.pipeline.store import Store
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.people import routes as people_routes
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.service import People
from quanyu.modules.tenants.contracts import Brand
from quanyu.modules.tenants.service import Tenants, WriteKeys


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the platform, ready to be called."""

    settings: Settings
    database: Database
    warehouse: Warehouse
    keyring: KeyRing
    uows: UnitOfWorkFactory
    tenants: Tenants
    intake: Intake
    people: People
    pipeline: Pipeline

    async def start_working(self) -> None:
        """Start the pipeline and the workers of every brand."""
        for brand in await self.tenants.list_brands(self.uows):
            self.pipeline.start(brand.tenant_id)

    async def stop_working(self) -> None:
        """Stop them between two pieces of work."""
        await self.pipeline.stop()


@asynccontextmanager
async def build_services(
    settings: Settings, database: Database, warehouse: Warehouse, keyring: KeyRing
) -> AsyncIterator[Services]:
    """Build every service; what needs closing is closed with the block."""
    async with AsyncExitStack() as stack:
        clock = settings.clock
        uows = UnitOfWorkFactory(database, clock)
        log = Log()
        collector = await stack.enter_async_context(Collector(log, database.connect_system, clock))
        intake = Intake(log, collector, keyring)
        uows.write_facts_with(intake.write_facts)
        people = People(keyring, warehouse)
        subscribers: list[Subscriber] = []
        pipeline = Pipeline(
            Resolve(uows, Resolver(keyring), epoch=1),
            Store(uows, warehouse, ProfileCopier(uows, warehouse)),
            [React(uows, subscriber) for subscriber in subscribers],
        )
        log.on_append(pipeline.wake)
        yield Services(
            settings=settings,
            database=database,
            warehouse=warehouse,
            keyring=keyring,
            uows=uows,
            tenants=Tenants(),
            intake=intake,
            people=people,
            pipeline=pipeline,
        )


def build_app(services: Services, brand: Brand) -> Any:
    """Return the ASGI application with every door."""
    settings = services.settings
    clock = settings.clock
    api = FastAPI(
        title="Quanyu",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
    )
    token = settings.data.ensure_local_token()
    authenticate = session.authenticator(services.tenants, services.uows, token, brand)
    web.install(api, authenticate=authenticate, uows=services.uows)
    api.include_router(session.router(services.tenants, services.uows, clock, settings.url))
    api.include_router(people_routes.router(services.people, _no_segment_members))
    api.include_router(console.router(settings.console_path))
    tracking = TrackingDoor(services.intake, WriteKeys(services.uows), clock)
    return Doors(tracking=tracking, callbacks=api, rest=api)


async def _no_segment_members(*_: Any) -> list[int]:
    await asyncio.sleep(0)
    return []
