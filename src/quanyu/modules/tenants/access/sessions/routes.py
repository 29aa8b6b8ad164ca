"""/api/v1/account/sessions: where one is signed in."""

from fastapi import APIRouter, Request

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.tenants.access.cookie import token_of
from quanyu.modules.tenants.access.sessions.contracts import OwnSessions
from quanyu.modules.tenants.access.sessions.service import Sessions


def router(sessions: Sessions) -> APIRouter:
    """Return the routes of one's own sessions."""
    routes = APIRouter(prefix="/api/v1/account/sessions", tags=["access"], dependencies=[permits.PERSON])

    @routes.get("")
    async def list_own_sessions(request: Request, caller: CurrentCaller, uow: RequestUow) -> OwnSessions:
        """List everywhere one is signed in, the latest use first."""
        return OwnSessions(items=await sessions.list_own(uow, caller.user_id, token_of(request)))

    @routes.delete("", status_code=204)
    async def end_other_sessions(request: Request, caller: CurrentCaller, uow: RequestUow) -> None:
        """Sign out everywhere but here."""
        await sessions.end_others(uow, caller.user_id, token_of(request))

    @routes.delete("/{session}", status_code=204)
    async def end_own_session(caller: CurrentCaller, uow: RequestUow, session: str) -> None:
        """Sign out in one place."""
        await sessions.end(uow, caller.user_id, session)

    return routes
