"""The door of the event catalogue."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.events.observed.contracts import EventCatalogue, EventDetail
from quanyu.modules.events.observed.service import Observed


def router(observed: Observed) -> APIRouter:
    """Return the routes of the event catalogue."""
    routes = APIRouter(prefix="/api/v1/events/catalogue", tags=["events"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def list_events(uow: RequestUow) -> EventCatalogue:
        """List every event name that was heard, by source, with its volume."""
        return await observed.catalogue(uow)

    @routes.get("/event")
    async def get_event(caller: CurrentCaller, name: Annotated[str, Query(max_length=200)]) -> EventDetail:
        """Return one event name: days, properties with inferred types, and recent events."""
        return await observed.detail(caller.tenant_id, name)

    return routes
