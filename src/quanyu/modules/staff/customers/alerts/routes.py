"""HTTP: alerts about lost customers, and who is told of them."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.staff.customers.alerts.contracts import (
    AlertKind,
    AlertPage,
    AlertRow,
    AlertRules,
    AlertState,
    HandleAlert,
)
from quanyu.modules.staff.customers.alerts.service import AlertDesk, read_alert_id
from quanyu.modules.staff.directory.service import read_member_id


def router(desk: AlertDesk) -> APIRouter:
    """Return the routes under ``/api/v1/staff``."""
    routes = APIRouter(prefix="/api/v1/staff", tags=["staff"], dependencies=[permits.WECOM])

    @routes.get("/alerts")
    async def list_alerts(
        uow: RequestUow,
        state: AlertState | None = None,
        kind: AlertKind | None = None,
        staff: Annotated[str, Query(max_length=40)] = "",
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> AlertPage:
        """Alerts, newest first."""
        return await desk.page(
            uow,
            state=state,
            kind=kind,
            member_id=read_member_id(staff) if staff else None,
            cursor=cursor,
            limit=limit,
        )

    @routes.post("/alerts/{alert}/handle")
    async def handle_alert(
        uow: RequestUow, caller: CurrentCaller, alert: str, command: HandleAlert
    ) -> AlertRow:
        """See to an alert, or open it again."""
        return await desk.handle(uow, read_alert_id(alert), command, by=caller.name)

    @routes.get("/corps/{corp}/alert-rules")
    async def get_alert_rules(uow: RequestUow, corp: str) -> AlertRules:
        """What the company is alerted about, and who is told."""
        return await desk.rules(uow, read_corp_id(corp))

    @routes.put("/corps/{corp}/alert-rules")
    async def save_alert_rules(uow: RequestUow, corp: str, rules: AlertRules) -> AlertRules:
        """Replace these rules."""
        return await desk.save_rules(uow, read_corp_id(corp), rules)

    return routes
