"""HTTP routes of journeys."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.journeys.contracts import (
    CheckJourney,
    EnrolmentResult,
    EnrolPerson,
    JourneyFindings,
    JourneyList,
    JourneyView,
    PeopleAtNode,
    SaveJourney,
)
from quanyu.modules.journeys.service import Journeys

_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=200)]


def router(journeys: Journeys, wake: Callable[[], None]) -> APIRouter:
    """Build the routes; ``wake`` tells the engine that somebody may be due."""
    routes = APIRouter(prefix="/api/v1/journeys", tags=["journeys"], dependencies=[permits.JOURNEYS])

    @routes.get("")
    async def list_journeys(uow: RequestUow) -> JourneyList:
        """List the brand's journeys with their figures per node."""
        return await journeys.list_journeys(uow)

    @routes.post("", status_code=201)
    async def create(command: SaveJourney, caller: CurrentCaller, uow: RequestUow) -> JourneyView:
        """Draw a journey."""
        return await journeys.create(uow, command, by=caller.name)

    @routes.post("/check")
    @permits.reads
    async def check(command: CheckJourney, uow: RequestUow) -> JourneyFindings:
        """Say what would keep a draft from being published; nothing is saved."""
        return JourneyFindings(items=await journeys.check(uow, command.definition))

    @routes.get("/{journey_id}")
    async def get(journey_id: str, uow: RequestUow) -> JourneyView:
        """Return one journey."""
        return await journeys.get(uow, decode_id("jrn", journey_id))

    @routes.put("/{journey_id}")
    async def save(
        journey_id: str, command: SaveJourney, caller: CurrentCaller, uow: RequestUow
    ) -> JourneyView:
        """Replace the draft."""
        return await journeys.save_draft(uow, decode_id("jrn", journey_id), command, by=caller.name)

    @routes.delete("/{journey_id}", status_code=204)
    async def delete(journey_id: str, uow: RequestUow) -> None:
        """Delete a draft that was never published."""
        await journeys.delete(uow, decode_id("jrn", journey_id))

    @routes.post("/{journey_id}/publish")
    async def publish(journey_id: str, caller: CurrentCaller, uow: RequestUow) -> JourneyView:
        """Publish the draft as the next version."""
        uow.after_commit(wake)
        return await journeys.publish(uow, decode_id("jrn", journey_id), by=caller.name)

    @routes.post("/{journey_id}/pause")
    async def pause(journey_id: str, uow: RequestUow) -> JourneyView:
        """Hold everybody where they are."""
        return await journeys.pause(uow, decode_id("jrn", journey_id))

    @routes.post("/{journey_id}/resume")
    async def resume(journey_id: str, uow: RequestUow) -> JourneyView:
        """Go on after a pause."""
        uow.after_commit(wake)
        return await journeys.resume(uow, decode_id("jrn", journey_id))

    @routes.post("/{journey_id}/stop")
    async def stop(journey_id: str, uow: RequestUow) -> JourneyView:
        """End the journey and let everybody out."""
        uow.after_commit(wake)
        return await journeys.stop(uow, decode_id("jrn", journey_id))

    @routes.post("/{journey_id}/enrolments")
    async def enrol(journey_id: str, command: EnrolPerson, uow: RequestUow) -> EnrolmentResult:
        """Let one person in by request, once a key; says whether they came in, and why not."""
        uow.after_commit(wake)
        return await journeys.enrol(uow, decode_id("jrn", journey_id), command)

    @routes.get("/{journey_id}/nodes/{node}/people")
    async def people_at(
        journey_id: str, node: str, uow: RequestUow, cursor: _Cursor = None, limit: _Limit = 50
    ) -> PeopleAtNode:
        """List who stands at a node."""
        return await journeys.people_at(uow, decode_id("jrn", journey_id), node, cursor=cursor, limit=limit)

    return routes
