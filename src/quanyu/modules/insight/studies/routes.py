"""The doors every study has: its last computation, computing, stopping, and the people behind figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.kernel.permissions import Permission
from quanyu.modules.insight.behaviour.contracts import FigurePeople
from quanyu.modules.insight.studies.contracts import GroupPeople, StudyRun
from quanyu.modules.insight.studies.desk import StudyDesk


def study_router(desk: StudyDesk[Any, Any]) -> APIRouter:
    """Build the routes; what a kind has beyond them it adds."""
    kind = desk.study.kind
    routes = APIRouter(prefix=f"/api/v1/{kind}", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("", response_model=desk.study.summary_type, operation_id=f"{kind}_summary")
    async def summary(uow: RequestUow) -> Any:
        """Return the last computation, and how far one under way is."""
        return await desk.summary(uow)

    @routes.post("/run", operation_id=f"run_{kind}")
    async def run(caller: CurrentCaller) -> StudyRun:
        """Start computing and answer at once; ask for the summary to see how far it is."""
        return StudyRun(under_way=desk.begin(caller.tenant_id))

    @routes.post("/cancel", status_code=204, operation_id=f"cancel_{kind}")
    async def cancel(caller: CurrentCaller) -> None:
        """Stop computing; the figures of the last computation stay."""
        await desk.cancel(caller.tenant_id)

    @routes.post("/people", operation_id=f"{kind}_people")
    @permits.needs(Permission.PEOPLE_READ)
    async def people(
        uow: RequestUow,
        command: GroupPeople,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> FigurePeople:
        """List the people of a group, or of a move between two."""
        return await desk.people(uow, command, cursor=cursor, limit=limit)

    return routes
