"""HTTP: syncs of an account."""

from fastapi import APIRouter, Response

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.syncs.contracts import StartSync, Sync, Syncs
from quanyu.modules.channels.syncs.service import AccountSyncs, read_sync_id


def router(channels: Channels, syncs: AccountSyncs) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/syncs``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/syncs",
        tags=["syncs"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("")
    async def list_syncs(uow: RequestUow, account_id: str) -> Syncs:
        """The account's syncs, newest first, with how far each is."""
        await channels.get_account(uow, read_account_id(account_id))
        return Syncs(items=await syncs.list_syncs(uow, read_account_id(account_id)))

    @routes.post("", status_code=202)
    async def start_sync(uow: RequestUow, account_id: str, start: StartSync) -> Sync:
        """Start a sync, or return the one of its kind that runs."""
        await channels.get_account(uow, read_account_id(account_id))
        return await syncs.start(uow, read_account_id(account_id), start.kind)

    @routes.post("/{sync_id}/cancel", status_code=204)
    async def cancel_sync(uow: RequestUow, account_id: str, sync_id: str) -> Response:
        """Cancel a running sync; what it brought stays."""
        await syncs.cancel(uow, read_account_id(account_id), read_sync_id(sync_id))
        return Response(status_code=204)

    return routes
