"""Rebuilding a brand's history from archive and log: start, stop, look."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from quanyu.flows.pipeline.replay import Replays, ReplayState, ReplayStatus
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller


class ReplayView(BaseModel):
    """How far the latest replay is, in events."""

    state: ReplayState
    events_total: int
    events_done: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def router(replays: Replays, wake: Callable[[], None]) -> APIRouter:
    """Return the routes of replays."""
    routes = APIRouter(prefix="/api/v1/pipeline/replay", tags=["pipeline"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def get_replay(caller: CurrentCaller) -> ReplayView:
        """Tell how far it is."""
        return _view(await replays.status(caller.tenant_id))

    @routes.post("", status_code=202)
    async def start_replay(caller: CurrentCaller) -> ReplayView:
        """Begin a replay, or go on with one that was stopped."""
        status = await replays.start(caller.tenant_id)
        wake()
        return _view(status)

    @routes.post("/stop")
    async def stop_replay(caller: CurrentCaller) -> ReplayView:
        """Stop it; nothing that was done is lost."""
        return _view(await replays.stop(caller.tenant_id))

    return routes


def _view(status: ReplayStatus) -> ReplayView:
    return ReplayView(
        state=status.state,
        events_total=status.events_total,
        events_done=status.events_done,
        error=status.error,
        started_at=status.started_at,
        finished_at=status.finished_at,
    )
