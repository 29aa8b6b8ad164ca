"""The doors to drafting: who may change segments or journeys may have one drafted."""

from fastapi import APIRouter

from quanyu.flows.drafting.contracts import (
    CheckJourney,
    Describe,
    JourneyDraft,
    JourneyFindings,
    SegmentDraft,
)
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

    @journeys.post("/journey/check")
    @permits.reads
    async def check_journey_draft(caller: CurrentCaller, command: CheckJourney) -> JourneyFindings:
        """Say what would keep a journey's graph from being published; nothing is saved."""
        return await drafting.check_journey(caller.tenant_id, command.definition)

    return segments, journeys
