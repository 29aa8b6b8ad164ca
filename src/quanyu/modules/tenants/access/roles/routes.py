"""/api/v1/roles: those built in, and the brand's own."""

from fastapi import APIRouter

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.tenants.access.roles.contracts import MadeRole, RoleDraft, RoleList
from quanyu.modules.tenants.access.roles.service import Roles, catalogue


def router(roles: Roles) -> APIRouter:
    """Return the routes of roles."""
    routes = APIRouter(prefix="/api/v1/roles", tags=["access"], dependencies=[permits.ACCESS])

    @routes.get("")
    async def list_roles(caller: CurrentCaller, uow: RequestUow) -> RoleList:
        """List every role with what it allows, and everything a role may allow."""
        return RoleList(items=await roles.list_roles(uow, caller), catalogue=catalogue())

    @routes.post("", status_code=201)
    async def create_role(caller: CurrentCaller, uow: RequestUow, draft: RoleDraft) -> MadeRole:
        """Make a role; it can allow only what the caller may do."""
        return MadeRole(key=await roles.create(uow, caller, draft))

    @routes.put("/{role}", status_code=204)
    async def change_role(caller: CurrentCaller, uow: RequestUow, role: str, draft: RoleDraft) -> None:
        """Rename a role of the brand's own, or change what it allows, from the next request on."""
        await roles.change(uow, caller, role, draft)

    @routes.delete("/{role}", status_code=204)
    async def remove_role(caller: CurrentCaller, uow: RequestUow, role: str) -> None:
        """Remove a role of the brand's own that nobody has."""
        await roles.remove(uow, caller, role)

    return routes
