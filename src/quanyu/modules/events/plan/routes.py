"""The door of the tracking plan."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.events.plan.contracts import EventPlan, Issues, SavePlan, SourceRule, TrackingPlan
from quanyu.modules.events.plan.service import Plans

_Name = Annotated[str, Query(min_length=1, max_length=200)]


def router(plans: Plans) -> APIRouter:
    """Return the routes of the tracking plan."""
    routes = APIRouter(prefix="/api/v1/events/plan", tags=["events"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def get_plan(uow: RequestUow) -> TrackingPlan:
        """Return what events should hold."""
        return await plans.whole(uow)

    @routes.put("/event")
    async def save_event_plan(uow: RequestUow, name: _Name, plan: SavePlan) -> EventPlan:
        """Set what events of one name should hold, and what becomes of others."""
        return await plans.save(uow, name, plan)

    @routes.delete("/event", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_event_plan(uow: RequestUow, name: _Name) -> Response:
        """Plan nothing for an event any more."""
        await plans.delete(uow, name)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    @routes.get("/draft")
    async def draft_event_plan(caller: CurrentCaller, name: _Name) -> SavePlan:
        """Draft a plan from the latest events; nothing is saved."""
        return await plans.draft(caller.tenant_id, name)

    @routes.put("/source")
    async def rule_source(uow: RequestUow, rule: SourceRule) -> SourceRule:
        """Set what becomes of a source's events without a plan."""
        await plans.rule_source(uow, rule)
        return rule

    @routes.get("/issues")
    async def list_issues(
        uow: RequestUow, name: Annotated[str | None, Query(max_length=200)] = None
    ) -> Issues:
        """Return what was not as planned in the last thirty days, by kind and by day."""
        return await plans.issues(uow, name)

    return routes
