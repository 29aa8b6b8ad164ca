"""HTTP: syncs of connected companies, and which of them run by themselves."""

from datetime import timedelta
from typing import Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.modules.channels.syncs.contracts import Sync, SyncKind, Syncs
from quanyu.modules.channels.syncs.nightly import Nightly
from quanyu.modules.channels.syncs.service import AccountSyncs, read_sync_id
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id

# Lists are cheap, one call a member; everything about everybody is read once a week.
NIGHTLY: Final = (
    Nightly(SyncKind.STAFF, timedelta(days=1)),
    Nightly(SyncKind.CUSTOMER_LISTS, timedelta(days=1)),
    Nightly(SyncKind.CUSTOMERS, timedelta(days=7)),
)


class StartCorpSync(BaseModel):
    """Start a sync of a company; one of a kind runs at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal[SyncKind.DEPARTMENTS, SyncKind.STAFF, SyncKind.CUSTOMERS, SyncKind.CUSTOMER_LISTS]


def router(corps: Corps, syncs: AccountSyncs) -> APIRouter:
    """Return the routes under ``/api/v1/staff/corps/{corp}/syncs``."""
    routes = APIRouter(
        prefix="/api/v1/staff/corps/{corp}/syncs", tags=["staff"], dependencies=[permits.WECOM]
    )

    @routes.get("")
    async def list_corp_syncs(uow: RequestUow, corp: str) -> Syncs:
        """The company's syncs, newest first, with how far each is."""
        found = await corps.get(uow, read_corp_id(corp))
        return Syncs(items=await syncs.list_syncs(uow, found.id))

    @routes.post("", status_code=202)
    async def start_corp_sync(uow: RequestUow, corp: str, start: StartCorpSync) -> Sync:
        """Start a sync, or return the one of its kind that runs."""
        found = await corps.get(uow, read_corp_id(corp))
        return await syncs.start(uow, found.id, start.kind)

    @routes.post("/{sync_id}/cancel", status_code=204)
    async def cancel_corp_sync(uow: RequestUow, corp: str, sync_id: str) -> Response:
        """Stop a running sync; what it brought stays."""
        found = await corps.get(uow, read_corp_id(corp))
        await syncs.cancel(uow, found.id, read_sync_id(sync_id))
        return Response(status_code=204)

    return routes
