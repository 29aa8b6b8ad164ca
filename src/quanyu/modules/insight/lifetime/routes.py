"""The door of customer lifetime."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.insight.lifetime.contracts import (
    LifetimePeoplePage,
    LifetimeRun,
    LifetimeSummary,
    RunLifetime,
)
from quanyu.modules.insight.lifetime.service import Lifetime


def router(lifetime: Lifetime) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/lifetime", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("")
    async def lifetime_summary(uow: RequestUow) -> LifetimeSummary:
        """Return the model card and the bars of the last computation."""
        return await lifetime.summary(uow)

    @routes.post("/run")
    async def run_lifetime(caller: CurrentCaller, command: RunLifetime | None = None) -> LifetimeRun:
        """Fit and foretell now; answers when all figures are there, or says why there are none."""
        return await lifetime.run(caller.tenant_id, as_of=None if command is None else command.as_of)

    @routes.get("/people")
    async def lifetime_people(
        uow: RequestUow,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
        alive: int | None = None,
        value: int | None = None,
    ) -> LifetimePeoplePage:
        """List people with their figures, those worth most first, optionally of one band."""
        return await lifetime.page(uow, alive=alive, value=value, cursor=cursor, limit=limit)

    return routes
