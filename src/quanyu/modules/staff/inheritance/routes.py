"""HTTP: the wizard and the history of passing customers on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.staff.inheritance.contracts import (
    Candidates,
    Inheritance,
    InheritanceItems,
    Inheritances,
    ItemState,
    Kind,
    OwnedGroups,
    PlanInheritance,
    read_id,
)
from quanyu.modules.staff.inheritance.service import InheritanceDesk

_Cursor = Annotated[str | None, Query(max_length=400)]
_Limit = Annotated[int | None, Query(ge=1, le=200)]
_Text = Annotated[str, Query(min_length=1, max_length=64)]


def router(desk: InheritanceDesk) -> APIRouter:
    """Return the routes under ``/api/v1/inheritances``."""
    routes = APIRouter(prefix="/api/v1/inheritances", tags=["inheritance"], dependencies=[permits.WECOM])
    _add_choosing(routes, desk)
    _add_plans(routes, desk)
    return routes


def _add_choosing(routes: APIRouter, desk: InheritanceDesk) -> None:
    @routes.get("/candidates")
    async def candidates(caller: CurrentCaller, corp: _Text, kind: Kind) -> Candidates:
        """Who can hand over; of those who left, with the customers nobody has taken over."""
        return await desk.candidates(caller.tenant_id, corp, kind)

    @routes.get("/groups")
    async def groups(caller: CurrentCaller, corp: _Text, owner: _Text) -> OwnedGroups:
        """The customer groups of somebody, as the platform has them now."""
        return await desk.groups_of(caller.tenant_id, corp, owner)

    @routes.post("", status_code=201)
    async def plan(caller: CurrentCaller, command: PlanInheritance) -> Inheritance:
        """Plan, and see what would happen. Nothing is submitted."""
        return await desk.plan(caller.tenant_id, command, by=caller.name)


def _add_plans(routes: APIRouter, desk: InheritanceDesk) -> None:
    @routes.get("")
    async def list_plans(uow: RequestUow, cursor: _Cursor = None, limit: _Limit = None) -> Inheritances:
        """Plans and open tasks, newest first."""
        return await desk.list_plans(uow, cursor=cursor, limit=limit)

    @routes.get("/{inheritance}")
    async def get_plan(uow: RequestUow, inheritance: str) -> Inheritance:
        """One plan, and how far it is."""
        return await desk.get(uow, read_id(inheritance))

    @routes.get("/{inheritance}/items")
    async def list_items(
        uow: RequestUow,
        inheritance: str,
        what: Literal["customer", "group"] = "customer",
        state: ItemState | None = None,
        cursor: _Cursor = None,
        limit: _Limit = None,
    ) -> InheritanceItems:
        """The customers or groups of a plan."""
        return await desk.items(uow, read_id(inheritance), what=what, state=state, cursor=cursor, limit=limit)

    @routes.post("/{inheritance}/submit")
    async def submit(caller: CurrentCaller, uow: RequestUow, inheritance: str) -> Inheritance:
        """Begin: customers go to the platform in hundreds; each ends after 24 hours or is refused."""
        return await desk.submit(uow, read_id(inheritance), by=caller.name)

    @routes.post("/{inheritance}/stop")
    async def stop(caller: CurrentCaller, uow: RequestUow, inheritance: str) -> Inheritance:
        """Submit nothing more; what has begun goes on at the platform."""
        return await desk.stop(uow, read_id(inheritance), by=caller.name)

    @routes.post("/{inheritance}/resume")
    async def resume(caller: CurrentCaller, uow: RequestUow, inheritance: str) -> Inheritance:
        """Go on."""
        return await desk.resume(uow, read_id(inheritance), by=caller.name)

    @routes.post("/{inheritance}/drop")
    async def drop(caller: CurrentCaller, uow: RequestUow, inheritance: str) -> Inheritance:
        """Put away a plan of which nothing was submitted."""
        return await desk.drop(uow, read_id(inheritance), by=caller.name)
