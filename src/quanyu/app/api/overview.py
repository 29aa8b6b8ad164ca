"""The console's first page: one answer put together from every module."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.warehouse import WarehouseUnavailable
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.health import read_health
from quanyu.modules.insight import activity
from quanyu.modules.journeys.contracts import JourneyRowView
from quanyu.modules.messaging.contracts import MessagesSummary
from quanyu.modules.tenants.contracts import Brand

if TYPE_CHECKING:
    from quanyu.app.wiring import Services


class PeopleFigures(BaseModel):
    """How many people there are."""

    total: int
    new_24h: int
    followers: int


class MinuteView(BaseModel):
    """Events of one minute."""

    at: datetime
    count: int


class EventFigures(BaseModel):
    """Events in history and lately."""

    total: int
    per_minute: list[MinuteView]


class DayView(BaseModel):
    """Revenue and orders of one day of the brand's calendar."""

    date: str
    revenue: str
    orders: int


class OtherCurrencyView(BaseModel):
    """Net revenue in a currency that is not the brand's."""

    currency: str
    last_30d: str
    total: str


class RevenueFigures(BaseModel):
    """Net revenue in the brand's own currency; ``others`` names what came in other ones."""

    currency: str
    last_24h: str
    last_30d: str
    by_day: list[DayView]
    others: list[OtherCurrencyView]


class PipelineFigures(BaseModel):
    """What waits in the pipeline, in events and real seconds."""

    accepted: int
    resolved: int
    stored: int
    lag_events: int
    lag_s: float
    horizon_age_s: float
    dead_letters: int
    warehouse_available: bool


class Overview(BaseModel):
    """Live figures of a brand."""

    as_of: datetime
    people: PeopleFigures
    events: EventFigures
    messages: MessagesSummary
    revenue: RevenueFigures
    journeys: tuple[JourneyRowView, ...]
    pipeline: PipelineFigures


def router(services: "Services") -> APIRouter:
    """Return the route of the overview."""
    routes = APIRouter(tags=["overview"], dependencies=[permits.INSIGHT])

    @routes.get("/api/v1/overview")
    async def overview(caller: CurrentCaller) -> Overview:
        """Return live figures; history's part is empty while the warehouse is away."""
        return await _overview(services, caller.tenant_id)

    return routes


async def _overview(services: "Services", tenant_id: TenantId) -> Overview:
    async with services.uows.app(tenant_id) as uow:
        now = uow.clock.now()
        brand = await services.tenants.get_brand(uow)
        people = PeopleFigures(
            total=await services.people.count(uow),
            new_24h=await services.people.count_new(uow, now - timedelta(hours=24)),
            followers=sum(one.followers for one in await services.channels.list_accounts(uow)),
        )
        messages = await services.messaging.summary(uow)
        journeys = await services.journeys.list_journeys(uow)
    async with services.uows.system(tenant_id) as uow:
        health = await read_health(uow)
    try:
        events = await _events(services, tenant_id, now)
        revenue = await _revenue(services, brand, now)
        available = True
    except WarehouseUnavailable:
        events = EventFigures(total=0, per_minute=[])
        revenue = RevenueFigures(currency=brand.currency, last_24h="0", last_30d="0", by_day=[], others=[])
        available = False
    return Overview(
        as_of=now,
        people=people,
        events=events,
        messages=messages,
        revenue=revenue,
        journeys=journeys.items,
        pipeline=PipelineFigures(**asdict(health), warehouse_available=available),
    )


async def _events(services: "Services", tenant_id: TenantId, now: datetime) -> EventFigures:
    gate = services.warehouse.for_tenant(tenant_id)
    minutes = await activity.events_per_minute(gate, now)
    return EventFigures(
        total=await activity.count_events(gate),
        per_minute=[MinuteView(at=one.at, count=one.count) for one in minutes],
    )


async def _revenue(services: "Services", brand: Brand, now: datetime) -> RevenueFigures:
    orders = services.orders
    month_ago = now - timedelta(days=30)
    daily = await orders.by_day(brand, as_of=now)
    return RevenueFigures(
        currency=daily.currency,
        last_24h=str(await orders.revenue(brand, since=now - timedelta(hours=24), until=now)),
        last_30d=str(await orders.revenue(brand, since=month_ago, until=now)),
        by_day=[
            DayView(date=day.date.isoformat(), revenue=day.revenue, orders=day.orders) for day in daily.days
        ],
        others=[
            OtherCurrencyView(currency=one.currency, last_30d=one.recent, total=one.total)
            for one in await orders.other_currencies(brand, since=month_ago)
        ],
    )
