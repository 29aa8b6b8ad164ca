"""The door to looking into segments."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.segments.insights.contracts import AskOverlap, ExplainSegment, Explanation, Overlap, Sizes
from quanyu.modules.segments.insights.service import DAYS_MAX, SegmentInsights


def router(insights: SegmentInsights, uows: UnitOfWorkFactory) -> APIRouter:
    """Build the routes; they come before those that take any segment's id."""
    routes = APIRouter(prefix="/api/v1/segments", tags=["segments"], dependencies=[permits.SEGMENTS])

    @routes.post("/explain")
    @permits.reads
    async def explain_segment(caller: CurrentCaller, command: ExplainSegment) -> Explanation:
        """Tell why somebody is, or is not, in what a definition selects."""
        return await insights.explain(uows, caller.tenant_id, command)

    @routes.post("/overlap")
    @permits.reads
    async def overlap_segments(caller: CurrentCaller, command: AskOverlap) -> Overlap:
        """Count how two to five segments overlap."""
        async with uows.app(caller.tenant_id) as uow:
            segments = await insights.overlap(uow, command)
        return await insights.overlap_of(caller.tenant_id, command, segments)

    @routes.get("/{segment}/sizes")
    async def list_sizes(
        uow: RequestUow, segment: str, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = 30
    ) -> Sizes:
        """Return a segment's size over time."""
        return await insights.sizes(uow, decode_id("seg", segment), days=days)

    return routes
