"""The door of account segments."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.segments.accounts.contracts import (
    AccountMembers,
    AccountSegment,
    AccountSegments,
    PreviewAccounts,
    SaveAccountSegment,
)
from quanyu.modules.segments.accounts.service import AccountSegmentDesk
from quanyu.modules.segments.accounts.tree import parse_account_definition

_SHOWN = 10
_Cursor = Annotated[str | None, Query(max_length=400)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


def router(desk: AccountSegmentDesk) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/account-segments", tags=["companies"], dependencies=[permits.SEGMENTS])

    @routes.get("")
    async def list_account_segments(uow: RequestUow) -> AccountSegments:
        """List segments of companies, by name."""
        return await desk.list(uow)

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def create_account_segment(uow: RequestUow, command: SaveAccountSegment) -> AccountSegment:
        """Save a segment of companies."""
        return await desk.save(uow, command)

    @routes.post("/preview")
    @permits.reads
    async def preview_accounts(caller: CurrentCaller, command: PreviewAccounts) -> AccountMembers:
        """Tell which companies a definition selects now; nothing is saved."""
        definition = parse_account_definition(command.definition)
        return await desk.select(caller.tenant_id, definition, limit=_SHOWN)

    @routes.get("/{segment}")
    async def get_account_segment(uow: RequestUow, segment: str) -> AccountSegment:
        """One segment of companies."""
        return await desk.get(uow, segment)

    @routes.put("/{segment}")
    async def save_account_segment(
        uow: RequestUow, segment: str, command: SaveAccountSegment
    ) -> AccountSegment:
        """Replace a segment of companies."""
        return await desk.save(uow, command, segment=segment)

    @routes.delete("/{segment}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_account_segment(uow: RequestUow, segment: str) -> None:
        """Delete a segment of companies; the companies stay."""
        await desk.delete(uow, segment)

    @routes.get("/{segment}/members")
    async def members_of_account_segment(
        caller: CurrentCaller, segment: str, cursor: _Cursor = None, limit: _Limit = 50
    ) -> AccountMembers:
        """List the companies that meet it now."""
        return await desk.members(caller.tenant_id, segment, cursor=cursor, limit=limit)

    return routes
