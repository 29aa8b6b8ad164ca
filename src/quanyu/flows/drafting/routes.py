"""The doors to drafting: who may change segments or journeys may have one drafted."""

from fastapi import APIRouter

from quanyu.flows.drafting.contracts import Describe, JourneyDraft, SegmentDraft
from quanyu.flows.drafting.service import Drafting
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller


def routers(drafting: Drafting) -> tuple[APIRouter, ...]:
    """Build the routes, by the permission of what is drafted."""
    segments = APIRouter(prefix="/api/v1/drafts", tags=["drafts"], dependencies=[permits.SEGMENTS])
    journeys = APIRouter(prefix="/api/v1/drafts", tags=["drafts"], dependencies=[permits.JOURNEYS])

    @segments.post("/segment")
    async def draft_segment(caller: CurrentCaller, command: Describe) -> SegmentDraft:
        """Read a sentence as conditions of a segment; nothing is saved."""
        return await drafting.segment(caller.tenant_id, command)

    @journeys.post("/journey")
    async def draft_journey(caller: CurrentCaller, command: Describe) -> JourneyDraft:
        """Read a sentence as a journey, with what keeps it from being published; nothing is saved."""
        return await drafting.journey(caller.tenant_id, command)

    return segments, journeys
