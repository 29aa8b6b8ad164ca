"""HTTP: how an account is."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.channels.health.contracts import AccountHealth, Quotas, SeenCallbacks
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.service import Channels, read_account_id


def router(channels: Channels, health: AccountHealthDesk) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}",
        tags=["account health"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("/health")
    async def look(uow: RequestUow, account_id: str) -> AccountHealth:
        """The account's condition: what comes in, what is refused, what waits."""
        await channels.get_account(uow, read_account_id(account_id))
        return await health.look(uow, read_account_id(account_id))

    @routes.get("/callbacks")
    async def list_callbacks(
        uow: RequestUow,
        caller: CurrentCaller,
        account_id: str,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> SeenCallbacks:
        """The last callbacks, newest first."""
        await channels.get_account(uow, read_account_id(account_id))
        found = await health.last_callbacks(caller.tenant_id, read_account_id(account_id), limit=limit)
        return SeenCallbacks(items=found)

    @routes.get("/quotas")
    async def list_quotas(caller: CurrentCaller, account_id: str) -> Quotas:
        """What is left today of each call in use; asks the platform."""
        return await health.quotas(caller.tenant_id, read_account_id(account_id))

    return routes
