"""HTTP: connect corps of 企业微信, look at them, replace their secrets."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.contracts import Checks
from quanyu.modules.channels.health.contracts import AccountHealth, SeenCallbacks
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.wecom.contracts import (
    ConnectCorp,
    ConnectedCorp,
    ReplaceSecrets,
    ShownCorp,
    ShownCorps,
)
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.channels.wecom.service import CorpDesk


def router(desk: CorpDesk, health: AccountHealthDesk) -> APIRouter:
    """Return the routes under ``/api/v1/wecom/corps``."""
    routes = APIRouter(prefix="/api/v1/wecom/corps", tags=["wecom corps"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_corps(uow: RequestUow) -> ShownCorps:
        """The brand's corps, oldest first."""
        return ShownCorps(items=await desk.list_corps(uow))

    @routes.post("", status_code=201)
    async def connect_corp(uow: RequestUow, command: ConnectCorp) -> ConnectedCorp:
        """Connect a corp by one of its apps, or replace the credentials of the one with this corp id."""
        return await desk.connect(uow, command)

    @routes.get("/{corp_id}")
    async def get_corp(uow: RequestUow, corp_id: str) -> ShownCorp:
        """One corp, without its secrets."""
        return await desk.get(uow, read_corp_id(corp_id))

    @routes.put("/{corp_id}/secrets")
    async def replace_corp_secrets(uow: RequestUow, corp_id: str, command: ReplaceSecrets) -> ShownCorp:
        """Put new secrets in place of old ones; what is left out stays."""
        return await desk.replace_secrets(uow, read_corp_id(corp_id), command)

    @routes.post("/{corp_id}/check")
    async def check_corp(request: Request, caller: CurrentCaller, corp_id: str) -> Checks:
        """Look at everything that can be wrong; takes as long as the platform takes to answer."""
        uows: UnitOfWorkFactory = request.app.state.uows
        return Checks(checks=await desk.check(uows, caller.tenant_id, read_corp_id(corp_id)))

    @routes.get("/{corp_id}/health")
    async def look_at_corp(uow: RequestUow, corp_id: str) -> AccountHealth:
        """The corp's condition: what comes in, what is refused."""
        await desk.get(uow, read_corp_id(corp_id))
        return await health.look(uow, read_corp_id(corp_id))

    @routes.get("/{corp_id}/callbacks")
    async def list_corp_callbacks(
        caller: CurrentCaller, corp_id: str, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> SeenCallbacks:
        """The last callbacks, newest first."""
        found = await health.last_callbacks(caller.tenant_id, read_corp_id(corp_id), limit=limit)
        return SeenCallbacks(items=found)

    return routes
