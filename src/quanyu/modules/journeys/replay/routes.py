"""HTTP routes of replays."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.journeys.replay.contracts import (
    JourneyReplay,
    JourneyReplayList,
    ReplayPeople,
    StartJourneyReplay,
)
from quanyu.modules.journeys.replay.service import PREFIX, Replays


def router(replays: Replays) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/journeys", tags=["journeys"], dependencies=[permits.JOURNEYS])

    @routes.post("/{journey_id}/replays", status_code=status.HTTP_202_ACCEPTED)
    async def start_replay(
        journey_id: str, command: StartJourneyReplay, caller: CurrentCaller, uow: RequestUow
    ) -> JourneyReplay:
        """Replay the draft over the last days, in the background; nothing is sent or changed."""
        return await replays.start(uow, decode_id("jrn", journey_id), command, actor=caller.name)

    @routes.get("/{journey_id}/replays")
    async def list_replays(journey_id: str, uow: RequestUow) -> JourneyReplayList:
        """List a journey's latest replays."""
        return await replays.list_of(uow, decode_id("jrn", journey_id))

    @routes.get("/{journey_id}/replays/{replay_id}")
    async def get_replay(journey_id: str, replay_id: str, uow: RequestUow) -> JourneyReplay:
        """Return a replay, with its report once it is done."""
        return await replays.get(uow, decode_id("jrn", journey_id), decode_id(PREFIX, replay_id))

    @routes.post("/{journey_id}/replays/{replay_id}/cancel")
    async def cancel_replay(journey_id: str, replay_id: str, uow: RequestUow) -> JourneyReplay:
        """Stop a replay; nothing of it is kept."""
        return await replays.cancel(uow, decode_id("jrn", journey_id), decode_id(PREFIX, replay_id))

    @routes.get("/{journey_id}/replays/{replay_id}/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_people_of_replay(
        journey_id: str, replay_id: str, uow: RequestUow, of: Annotated[str, Query(max_length=120)]
    ) -> ReplayPeople:
        """Return some of the people behind a figure.

        ``of``: entered, goal, outcome:<name>, way:<node>:<way>, standing:<node>, sent:<node>,
        refused:<node>:<reason>, conflict:<number>.
        """
        return await replays.people(uow, decode_id("jrn", journey_id), decode_id(PREFIX, replay_id), of)

    return routes
