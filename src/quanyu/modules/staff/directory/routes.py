"""HTTP: members and departments."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.staff.directory.contracts import DepartmentTree, StaffPage, StaffRow, SwitchOnline
from quanyu.modules.staff.directory.service import Directory, read_member_id


def router(directory: Directory) -> APIRouter:
    """Return the routes under ``/api/v1/staff``."""
    routes = APIRouter(prefix="/api/v1/staff", tags=["staff"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_staff(
        uow: RequestUow,
        corp: Annotated[str, Query(max_length=40)] = "",
        department: Annotated[int | None, Query(ge=1)] = None,
        q: Annotated[str, Query(max_length=64)] = "",
        with_left: bool = False,
        cursor: Annotated[str | None, Query(max_length=600)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> StaffPage:
        """Members by name, with their customers in numbers."""
        return await directory.page(
            uow,
            corp_id=read_corp_id(corp) if corp else None,
            department=department,
            q=q,
            with_left=with_left,
            cursor=cursor,
            limit=limit,
        )

    @routes.get("/departments")
    async def list_departments(
        uow: RequestUow, corp: Annotated[str, Query(max_length=40)] = ""
    ) -> DepartmentTree:
        """Departments, parents before their children."""
        return await directory.departments(uow, read_corp_id(corp) if corp else None)

    @routes.get("/members/{member}")
    async def get_member(uow: RequestUow, member: str) -> StaffRow:
        """One member, also one who left."""
        found = await directory.get(uow, read_member_id(member))
        return (await directory.rows(uow, [found]))[0]

    @routes.put("/members/{member}/online")
    async def switch_online(uow: RequestUow, member: str, command: SwitchOnline) -> StaffRow:
        """Give a member new customers, or none for now."""
        after = await directory.switch_online(
            uow, read_member_id(member), is_online=command.is_online, reason=command.reason
        )
        return (await directory.rows(uow, [after]))[0]

    return routes
