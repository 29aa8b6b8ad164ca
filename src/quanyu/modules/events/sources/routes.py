"""The door of source health."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.modules.events.sources.contracts import SourcesView
from quanyu.modules.events.sources.service import Sources


def router(sources: Sources) -> APIRouter:
    """Return the routes of source health."""
    routes = APIRouter(prefix="/api/v1/events/sources", tags=["events"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def list_sources(caller: CurrentCaller) -> SourcesView:
        """List every source with what was heard of it in the last 24 hours, those to look at first."""
        return await sources.view(caller.tenant_id)

    return routes
