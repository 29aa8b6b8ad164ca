"""HTTP routes of broadcasts."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.plays.broadcasts.contracts import (
    PREFIX,
    AudienceView,
    BroadcastPage,
    BroadcastPeople,
    BroadcastResult,
    BroadcastView,
    PersonState,
    SaveBroadcast,
)
from quanyu.modules.plays.broadcasts.results import Results
from quanyu.modules.plays.broadcasts.service import Broadcasts

_Limit = Annotated[int | None, Query(ge=1, le=200)]


def router(broadcasts: Broadcasts, results: Results) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/broadcasts", tags=["broadcasts"], dependencies=[permits.MESSAGES])

    @routes.get("")
    async def list_broadcasts(
        uow: RequestUow, cursor: str | None = None, limit: _Limit = None
    ) -> BroadcastPage:
        """List the brand's broadcasts, newest first."""
        return await broadcasts.list_page(uow, cursor=cursor, limit=limit)

    @routes.post("", status_code=201)
    async def create(plan: SaveBroadcast, uow: RequestUow) -> BroadcastView:
        """Plan a broadcast; nothing goes out until it is scheduled."""
        return await broadcasts.create(uow, plan)

    @routes.post("/audience")
    @permits.reads
    async def audience(plan: SaveBroadcast, uow: RequestUow) -> AudienceView:
        """Count whom a plan would reach."""
        return await broadcasts.audience(uow, plan)

    @routes.get("/{broadcast}")
    async def get(broadcast: str, uow: RequestUow) -> BroadcastView:
        """Return one broadcast, how far it is, and who did what."""
        return await broadcasts.get(uow, decode_id(PREFIX, broadcast))

    @routes.put("/{broadcast}")
    async def save(broadcast: str, plan: SaveBroadcast, uow: RequestUow) -> BroadcastView:
        """Change the plan of a draft."""
        return await broadcasts.save(uow, decode_id(PREFIX, broadcast), plan)

    @routes.delete("/{broadcast}", status_code=204)
    async def delete(broadcast: str, uow: RequestUow) -> None:
        """Delete a draft that never ran."""
        await broadcasts.delete(uow, decode_id(PREFIX, broadcast))

    @routes.post("/{broadcast}/schedule")
    async def schedule(broadcast: str, uow: RequestUow, caller: CurrentCaller) -> BroadcastView:
        """Let it go out at its time."""
        return await broadcasts.schedule(uow, decode_id(PREFIX, broadcast), actor=caller.name)

    @routes.post("/{broadcast}/unschedule")
    async def unschedule(broadcast: str, uow: RequestUow, caller: CurrentCaller) -> BroadcastView:
        """Take it back to the table before its time."""
        return await broadcasts.unschedule(uow, decode_id(PREFIX, broadcast), actor=caller.name)

    @routes.post("/{broadcast}/pause")
    async def pause(broadcast: str, uow: RequestUow, caller: CurrentCaller) -> BroadcastView:
        """Hand nothing over any more, until it goes on."""
        return await broadcasts.pause(uow, decode_id(PREFIX, broadcast), actor=caller.name)

    @routes.post("/{broadcast}/resume")
    async def resume(broadcast: str, uow: RequestUow, caller: CurrentCaller) -> BroadcastView:
        """Go on where it was paused."""
        return await broadcasts.resume(uow, decode_id(PREFIX, broadcast), actor=caller.name)

    @routes.post("/{broadcast}/cancel")
    async def cancel(broadcast: str, uow: RequestUow, caller: CurrentCaller) -> BroadcastView:
        """Take back what waits; nothing is handed over after this."""
        return await broadcasts.cancel(uow, decode_id(PREFIX, broadcast), actor=caller.name)

    @routes.get("/{broadcast}/result")
    async def result(broadcast: str, caller: CurrentCaller) -> BroadcastResult:
        """Return the funnel and the worth of a broadcast, as history says now."""
        return await results.get(caller.tenant_id, decode_id(PREFIX, broadcast))

    @routes.get("/{broadcast}/people")
    async def people(
        broadcast: str,
        uow: RequestUow,
        run: Annotated[int | None, Query(ge=1)] = None,
        state: PersonState | None = None,
        person: str | None = None,
        cursor: str | None = None,
        limit: _Limit = None,
    ) -> BroadcastPeople:
        """Return people of a run by what became of them; nobody, if ``person`` was not of its audience."""
        return await broadcasts.people(
            uow,
            decode_id(PREFIX, broadcast),
            run=run,
            state=state,
            person_id=PersonId(decode_id("per", person)) if person else None,
            cursor=cursor,
            limit=limit,
        )

    return routes
