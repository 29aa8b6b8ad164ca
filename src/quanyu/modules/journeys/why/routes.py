"""HTTP routes of why."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.journeys.why.contracts import JourneyWhy
from quanyu.modules.journeys.why.service import Why


def router(why: Why) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/journeys", tags=["journeys"], dependencies=[permits.JOURNEYS])

    @routes.get("/{journey_id}/why/{person}")
    async def why_of_person(journey_id: str, person: str, uow: RequestUow) -> JourneyWhy:
        """Tell why one person did, or did not, get what a journey sends."""
        return await why.ask(uow, decode_id("jrn", journey_id), PersonId(decode_id("per", person)))

    return routes
