"""The door of segments: definitions, counts, members, and what conditions can be built from."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.segments.contracts import (
    Catalogue,
    MembersPage,
    Preview,
    PreviewSegment,
    SaveSegment,
    SegmentList,
    SegmentView,
)
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import definition_schema

_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


def router(segments: Segments, uows: UnitOfWorkFactory) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/segments", tags=["segments"], dependencies=[permits.SEGMENTS])

    @routes.get("")
    async def list_segments(uow: RequestUow) -> SegmentList:
        """List every segment, newest first."""
        return SegmentList(items=await segments.list_all(uow))

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def create_segment(uow: RequestUow, command: SaveSegment) -> SegmentView:
        """Save a new segment; members follow within seconds."""
        return await segments.create(uow, command)

    @routes.post("/preview")
    @permits.reads
    async def preview_segment(caller: CurrentCaller, command: PreviewSegment) -> Preview:
        """Count whom a definition selects, and show some of them; nothing is saved."""
        definition = segments.read(command.definition)
        return await segments.preview(uows, caller.tenant_id, definition, as_of=command.as_of)

    @routes.get("/schema")
    async def get_schema(_: CurrentCaller) -> dict[str, Any]:
        """Return the JSON schema of a definition."""
        return definition_schema()

    @routes.get("/catalogue")
    async def get_catalogue(caller: CurrentCaller) -> Catalogue:
        """Return the attributes, with the names given to them, event names and properties in history."""
        return await segments.catalogue(uows, caller.tenant_id)

    @routes.get("/{segment}")
    async def get_segment(uow: RequestUow, segment: str) -> SegmentView:
        """Return one segment."""
        return await segments.get(uow, decode_id("seg", segment))

    @routes.put("/{segment}")
    async def update_segment(uow: RequestUow, segment: str, command: SaveSegment) -> SegmentView:
        """Replace a segment's name, description and definition."""
        return await segments.update(uow, decode_id("seg", segment), command)

    @routes.post("/{segment}/evaluate", status_code=status.HTTP_202_ACCEPTED)
    async def evaluate_segment(uow: RequestUow, segment: str) -> SegmentView:
        """Have a segment evaluated soon, whatever its schedule says."""
        return await segments.evaluate_now(uow, decode_id("seg", segment))

    @routes.delete("/{segment}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_segment(uow: RequestUow, segment: str) -> Response:
        """Delete a segment."""
        await segments.delete(uow, decode_id("seg", segment))
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    @routes.get("/{segment}/members")
    async def list_members(
        uow: RequestUow, segment: str, cursor: _Cursor = None, limit: _Limit = 50
    ) -> MembersPage:
        """List the members of a segment."""
        return await segments.members(uow, decode_id("seg", segment), cursor=cursor, limit=limit)

    return routes
