"""The door of insight: order figures and RFM."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.insight.contracts import OrderFigures, RfmPeoplePage, RfmRun, RfmSummary, RunRfm
from quanyu.modules.insight.service import Orders, Rfm
from quanyu.modules.tenants.service import Tenants

_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


def router(orders: Orders, rfm: Rfm, tenants: Tenants, uows: UnitOfWorkFactory) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("/insight/orders")
    async def order_figures(
        caller: CurrentCaller,
        from_: Annotated[str, Query(alias="from", max_length=40)] = "",
        to: Annotated[str, Query(max_length=40)] = "",
        currency: Annotated[str, Query(pattern="^[A-Z]{3}$")] | None = None,
    ) -> OrderFigures:
        """Return figures of orders in [from, to): dates in the brand's time zone, or instants."""
        async with uows.app(caller.tenant_id) as uow:
            brand = await tenants.get_brand(uow)
        return await orders.figures(brand, from_=from_, to=to, currency=currency or "")

    @routes.get("/rfm")
    async def rfm_summary(uow: RequestUow) -> RfmSummary:
        """Return the classes and the matrix of the last computation."""
        return await rfm.summary(uow)

    @routes.post("/rfm/run")
    async def run_rfm(caller: CurrentCaller, command: RunRfm | None = None) -> RfmRun:
        """Compute scores now; answers when they are all there."""
        return await rfm.run(caller.tenant_id, as_of=None if command is None else command.as_of)

    @routes.get("/rfm/people")
    async def rfm_people(
        uow: RequestUow,
        cursor: _Cursor = None,
        limit: _Limit = 50,
        rfm_class: Annotated[str, Query(alias="class", max_length=40)] = "",
    ) -> RfmPeoplePage:
        """List people with their scores, those who spent most first."""
        return await rfm.page(uow, rfm_class=rfm_class or None, cursor=cursor, limit=limit)

    return routes
