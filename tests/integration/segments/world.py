"""A brand whose events go all the way: log, people, warehouse, members."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.infra.web import Caller
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.permissions import ALL
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.insight import routes as insight_routes
from quanyu.modules.insight.behaviour import routes as behaviour_routes
from quanyu.modules.insight.behaviour.asker import Asker
from quanyu.modules.insight.behaviour.patterns import Patterns
from quanyu.modules.insight.behaviour.service import Behaviour
from quanyu.modules.insight.lifetime import routes as lifetime_routes
from quanyu.modules.insight.lifetime.service import Lifetime
from quanyu.modules.insight.service import Orders, Rfm
from quanyu.modules.people.contracts import Departure, Identifier, Merge
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.service import People
from quanyu.modules.segments import routes as segment_routes
from quanyu.modules.segments.refresh import Refresher
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants


@dataclass
class Brand:
    """Everything a test needs to let people act and look at what follows."""

    tenant: TenantId
    uows: UnitOfWorkFactory
    clock: FixedClock
    gate: TenantWarehouse
    people: People
    segments: Segments
    refresher: Refresher
    orders: Orders
    rfm: Rfm
    behaviour: Behaviour
    patterns: Patterns
    lifetime: Lifetime
    intake: Intake
    resolve: Resolve
    store: Store

    async def tell(self, *events: IntakeEvent) -> None:
        """Put events into the log and through the pipeline."""
        async with self.uows.system(self.tenant) as uow:
            await self.intake.append(uow, events)
        await self.drain()

    async def drain(self) -> None:
        """Resolve and store whatever the log holds."""
        while await self.resolve.run_once(self.tenant):
            pass
        while await self.store.run_once(self.tenant):
            pass

    async def person(self, user: str) -> int:
        """Return who a user id belongs to today."""
        async with self.uows.system(self.tenant) as uow:
            found = await self.people.people_by_identifier(uow, [Identifier("user_id", "", user)])
            assert found[0] is not None
            return (await self.people.canonical_ids(uow, [found[0]]))[PersonId(found[0])]

    async def ids(self, *users: str) -> list[int]:
        """Return the people behind several user ids, ascending."""
        return sorted([await self.person(user) for user in users])

    async def facts(self) -> list[tuple[str, int, str]]:
        """Return (name, person, segment) of every membership fact, in the order stated."""
        async with self.uows.system(self.tenant) as uow:
            rows = await uow.execute(
                "SELECT name, person_id, properties->>'segment_id' FROM log_event WHERE tenant_id = :tenant "
                "AND name LIKE 'segments.%' ORDER BY position",
                {"tenant": self.tenant},
            )
            return [(row[0], row[1], row[2]) for row in rows]


def happened(name: str, user: str, at: datetime, *, message_id: str = "", **more: Any) -> IntakeEvent:
    """Make an event of one user."""
    return IntakeEvent(
        kind=more.pop("kind", "track"),
        name=name,
        source="shop",
        message_id=message_id or f"{name}:{user}:{at.isoformat()}",
        occurred_at=at,
        identifiers=tuple(
            FactIdentifier(namespace=namespace, scope="", value=value)
            for namespace, value in (("user_id", user), *more.pop("also", ()))
        ),
        **more,
    )


def order(user: str, order_id: str, at: datetime, lines: Sequence[tuple[str, str]]) -> IntakeEvent:
    """Make an order with (price, quantity) lines."""
    return happened(
        "Order Completed",
        user,
        at,
        message_id=f"order:{order_id}",
        properties={
            "order_id": order_id,
            "revenue": str(sum(Decimal(price) * Decimal(quantity) for price, quantity in lines)),
            "products": [
                {"sku": f"s{index}", "price": price, "quantity": quantity}
                for index, (price, quantity) in enumerate(lines)
            ],
        },
    )


class _NobodyFollows:
    """Journeys and channels have no part here; segments follow merges through the dictionary."""

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        return None


def build_brand(
    *,
    tenant: TenantId,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    database: Database,
    warehouse: Warehouse,
    keys: KeyRing,
) -> Brand:
    """Put the real parts together."""
    log, tenants = Log(), Tenants()
    people = People(keys, warehouse)
    asker = Asker(warehouse, people, tenants, uows)
    return Brand(
        tenant=tenant,
        uows=uows,
        clock=clock,
        gate=warehouse.for_tenant(tenant),
        people=people,
        segments=Segments(warehouse, people, tenants),
        refresher=Refresher(uows, warehouse, tenants),
        orders=Orders(warehouse),
        rfm=Rfm(uows, warehouse, people, tenants),
        behaviour=Behaviour(asker),
        patterns=Patterns(asker),
        lifetime=Lifetime(uows, warehouse, people, tenants, WorkPool()),
        intake=Intake(log, Collector(log, database.connect_system, clock), keys),
        resolve=Resolve(uows, Resolver(keys), _NobodyFollows()),
        store=Store(uows, warehouse, ProfileCopier(uows, warehouse)),
    )


class Api:
    """Calls the routes in this process, over their ASGI interface."""

    def __init__(self, brand: Brand, *more: APIRouter, first: Sequence[APIRouter] = ()) -> None:
        async def authenticate(request: Request) -> Caller:
            return Caller(brand.tenant, 1, "测试", permissions=ALL)

        self._app = FastAPI()
        web.install(self._app, authenticate=authenticate, uows=brand.uows)
        for routes in first:
            self._app.include_router(routes)
        self._app.include_router(segment_routes.router(brand.segments, brand.uows))
        self._app.include_router(insight_routes.router(brand.orders, brand.rfm, Tenants(), brand.uows))
        self._app.include_router(behaviour_routes.router(brand.behaviour, brand.patterns))
        self._app.include_router(lifetime_routes.router(brand.lifetime))
        for routes in more:
            self._app.include_router(routes)

    async def call(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **query: str
    ) -> tuple[int, Any]:
        """Return (status, JSON)."""
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(b"content-type", b"application/json")],
            "asgi": {"version": "3.0"},
        }
        content = raw or (b"" if body is None else json.dumps(body).encode())
        status, answer = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, answer
            status = message.get("status", status)
            answer += message.get("body", b"")

        await self._app(scope, receive, send)
        return status, json.loads(answer) if answer else None
