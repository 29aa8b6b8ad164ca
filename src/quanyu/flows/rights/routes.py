"""The door of rights requests."""

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel

from quanyu.flows.rights.contracts import (
    CloseRightsRequest,
    ErasurePreview,
    OpenRightsRequest,
    RightsKind,
    RightsRequests,
    RightsRequestView,
    RightsSettings,
    RightsState,
)
from quanyu.flows.rights.service import RightsDesk
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX


class Entered(BaseModel):
    """The id of the request just entered."""

    id: str


def router(desk: RightsDesk) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/rights", tags=["rights"], dependencies=[permits.RIGHTS])
    _settings(routes, desk)
    _requests(routes, desk)
    _outcomes(routes, desk)
    return routes


def _settings(routes: APIRouter, desk: RightsDesk) -> None:
    @routes.get("/settings")
    async def get_rights_settings(uow: RequestUow) -> RightsSettings:
        """Return how the brand handles requests."""
        return await desk.settings(uow)

    @routes.put("/settings", status_code=status.HTTP_204_NO_CONTENT)
    async def save_rights_settings(uow: RequestUow, command: RightsSettings) -> None:
        """Change how the brand handles requests."""
        await desk.save_settings(uow, command)


def _requests(routes: APIRouter, desk: RightsDesk) -> None:
    @routes.get("/requests")
    async def list_rights_requests(
        uow: RequestUow,
        state: RightsState | None = None,
        kind: RightsKind | None = None,
        person: Annotated[str | None, Query(max_length=40)] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int | None, Query(ge=1, le=LIMIT_MAX)] = None,
    ) -> RightsRequests:
        """List requests, newest first, and count those that are not closed or late."""
        return await desk.list_requests(
            uow, state=state, kind=kind, person=person, cursor=cursor, limit=limit
        )

    @routes.post("/requests", status_code=status.HTTP_201_CREATED)
    async def open_rights_request(
        uow: RequestUow, caller: CurrentCaller, command: OpenRightsRequest
    ) -> Entered:
        """Enter what somebody asked for."""
        return Entered(id=await desk.open(uow, command, caller))

    @routes.get("/requests/{request}")
    async def get_rights_request(uow: RequestUow, request: str) -> RightsRequestView:
        """Return a request, with the report of what was done."""
        return await desk.get(uow, request)

    @routes.get("/requests/{request}/preview")
    async def preview_erasure(caller: CurrentCaller, request: str) -> ErasurePreview:
        """Count what an erasure would do; nothing is changed."""
        return await desk.preview(caller.tenant_id, request)


def _outcomes(routes: APIRouter, desk: RightsDesk) -> None:
    @routes.post("/requests/{request}/confirm")
    async def confirm_erasure(uow: RequestUow, caller: CurrentCaller, request: str) -> RightsRequestView:
        """Confirm an erasure: at once by another person than who entered it, else after the delay."""
        return await desk.confirm(uow, request, caller)

    @routes.post("/requests/{request}/retry")
    async def retry_erasure(uow: RequestUow, request: str) -> RightsRequestView:
        """Let an erasure that met trouble go on now; it goes on by itself after two minutes."""
        return await desk.retry(uow, request)

    @routes.post("/requests/{request}/close")
    async def close_rights_request(
        uow: RequestUow, caller: CurrentCaller, request: str, command: CloseRightsRequest
    ) -> RightsRequestView:
        """Say what became of a request other than an erasure."""
        return await desk.close(uow, request, command.outcome, caller)

    @routes.post("/requests/{request}/refuse")
    async def refuse_rights_request(
        uow: RequestUow, caller: CurrentCaller, request: str, command: CloseRightsRequest
    ) -> RightsRequestView:
        """Refuse a request, or take an erasure back before its hour."""
        return await desk.refuse(uow, request, command.outcome, caller)
