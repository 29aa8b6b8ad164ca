"""The door of lifecycle stages."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.kernel.permissions import Permission
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.lifecycle.contracts import (
    AskFlow,
    AskFlowPeople,
    LifecycleFlow,
    LifecycleSettings,
)
from quanyu.modules.insight.lifecycle.study import LifecycleDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: LifecycleDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_lifecycle(uow: RequestUow, settings: LifecycleSettings) -> LifecycleSettings:
        """Say where stages begin and end."""
        return await desk.save_settings(uow, settings)

    @routes.post("/flow")
    @permits.reads
    async def lifecycle_flow(caller: CurrentCaller, command: AskFlow) -> LifecycleFlow:
        """Count who went from stage to stage over a period, and foretell where that leads."""
        return await desk.flow(caller.tenant_id, command)

    @routes.post("/flow/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def lifecycle_flow_people(
        caller: CurrentCaller,
        command: AskFlowPeople,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> FigurePeople:
        """List who went from one stage to another."""
        return await desk.flow_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    return routes
