"""Rebuilding a brand's history from archive and log: start, stop, look."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from quanyu.flows.pipeline.replay import Replays, ReplayState, ReplayStatus
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import Caller, CurrentCaller, local_caller
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants

BrandKey = Annotated[str | None, Query(description="Another brand's key; local command line only.")]


class ReplayView(BaseModel):
    """How far the latest replay is, in events."""

    state: ReplayState
    events_total: int
    events_done: int
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def router(
    replays: Replays, wake: Callable[[], None], tenants: Tenants, uows: UnitOfWorkFactory
) -> APIRouter:
    """Return the routes of replays."""
    routes = APIRouter(prefix="/api/v1/pipeline/replay", tags=["pipeline"])

    async def tenant_of(caller: Caller, brand: str | None) -> TenantId:
        if brand is None:
            return caller.tenant_id
        await local_caller(caller)
        return (await tenants.brand_by_key(uows, brand)).tenant_id

    @routes.get("")
    async def get_replay(caller: CurrentCaller, brand: BrandKey = None) -> ReplayView:
        """Tell how far it is."""
        return _view(await replays.status(await tenant_of(caller, brand)))

    @routes.post("", status_code=202)
    async def start_replay(caller: CurrentCaller, brand: BrandKey = None) -> ReplayView:
        """Begin a replay, or go on with one that was stopped."""
        status = await replays.start(await tenant_of(caller, brand))
        wake()
        return _view(status)

    @routes.post("/stop")
    async def stop_replay(caller: CurrentCaller, brand: BrandKey = None) -> ReplayView:
        """Stop it; nothing that was done is lost."""
        return _view(await replays.stop(await tenant_of(caller, brand)))

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
