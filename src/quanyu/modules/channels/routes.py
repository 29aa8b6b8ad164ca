"""HTTP: connect official accounts, look at them, and find out why one does not work."""

from fastapi import APIRouter, Request

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.contracts import (
    Checks,
    ConnectedAccount,
    ConnectOfficialAccount,
    OfficialAccount,
    OfficialAccounts,
)
from quanyu.modules.channels.service import Channels, read_account_id


def router(channels: Channels) -> APIRouter:
    """Return the routes under ``/api/v1/channels``."""
    routes = APIRouter(prefix="/api/v1/channels", tags=["channels"], dependencies=[permits.CHANNELS])

    @routes.get("/official-accounts")
    async def list_accounts(uow: RequestUow) -> OfficialAccounts:
        """The brand's official accounts, oldest first."""
        return OfficialAccounts(items=await channels.list_accounts(uow))

    @routes.post("/official-accounts", status_code=201)
    async def connect_account(uow: RequestUow, command: ConnectOfficialAccount) -> ConnectedAccount:
        """Connect an account, or replace the credentials of the one with this app id."""
        return await channels.connect(uow, command)

    @routes.get("/official-accounts/{account_id}")
    async def get_account(uow: RequestUow, account_id: str) -> OfficialAccount:
        """One account, without its secrets."""
        return await channels.get_account(uow, read_account_id(account_id))

    @routes.post("/official-accounts/{account_id}/check")
    async def check_account(request: Request, caller: CurrentCaller, account_id: str) -> Checks:
        """Look at everything that can be wrong; takes as long as the platform takes to answer."""
        uows: UnitOfWorkFactory = request.app.state.uows
        found = await channels.check(uows, caller.tenant_id, read_account_id(account_id))
        return Checks(checks=found)

    return routes
