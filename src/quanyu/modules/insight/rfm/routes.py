"""The door of what a brand defines about RFM, of movement between classes, and of channels."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.kernel.permissions import Permission
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.rfm.definitions import (
    AskChannelPeople,
    AskMovement,
    AskMovementPeople,
    RfmChannels,
    RfmMovement,
    RfmSettings,
)
from quanyu.modules.insight.rfm.movement import RfmMovements
from quanyu.modules.insight.service import save_rfm_settings

_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


def router(movements: RfmMovements) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/rfm", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.put("/settings")
    async def set_rfm(uow: RequestUow, settings: RfmSettings) -> RfmSettings:
        """Say what counts and where scores begin; the next computation goes by it."""
        return await save_rfm_settings(uow, settings)

    @routes.post("/movement")
    @permits.reads
    async def rfm_movement(caller: CurrentCaller, command: AskMovement) -> RfmMovement:
        """Count who went from class to class between two days."""
        return await movements.movement(caller.tenant_id, command)

    @routes.post("/movement/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def rfm_movement_people(
        caller: CurrentCaller, command: AskMovementPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List who went from one class to another."""
        return await movements.movement_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    @routes.get("/channels")
    async def rfm_channels(caller: CurrentCaller) -> RfmChannels:
        """Return the buyers of every channel by class, scored among themselves."""
        return await movements.channels(caller.tenant_id)

    @routes.post("/channels/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def rfm_channel_people(
        caller: CurrentCaller, command: AskChannelPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List the buyers of a channel, of one class there if asked."""
        return await movements.channel_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    return routes
