"""HTTP: customers, and who serves them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.staff.customers.contracts import PersonRelations, RelationPage
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.modules.staff.customers.service import Customers
from quanyu.modules.staff.directory.service import read_member_id

_PERSON_MAX = 2**31 - 1


def router(customers: Customers) -> APIRouter:
    """Return the routes under ``/api/v1/customers``."""
    routes = APIRouter(prefix="/api/v1/customers", tags=["customers"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_customers(
        uow: RequestUow,
        corp: Annotated[str, Query(max_length=40)] = "",
        staff: Annotated[str, Query(max_length=40)] = "",
        status: Annotated[tuple[RelationStatus, ...], Query(max_length=5)] = (),
        q: Annotated[str, Query(max_length=256)] = "",
        add_way: Annotated[int | None, Query(ge=0, le=9_999)] = None,
        state: Annotated[str, Query(max_length=64)] = "",
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> RelationPage:
        """Relations of members and customers, those added last first."""
        return await customers.page(
            uow,
            corp_id=read_corp_id(corp) if corp else None,
            member_id=read_member_id(staff) if staff else None,
            statuses=status,
            q=q,
            add_way=add_way,
            state=state,
            since=since,
            until=until,
            cursor=cursor,
            limit=limit,
        )

    @routes.get("/people/{person}")
    async def relations_of_person(uow: RequestUow, person: str) -> PersonRelations:
        """Who serves a person, or did, newest first."""
        number = min(decode_id("per", person), _PERSON_MAX)
        return PersonRelations(items=await customers.of_person(uow, PersonId(number)))

    return routes
