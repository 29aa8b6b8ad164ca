"""The quarantine of the tracking plan: what was kept aside, letting it in, throwing it away."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quanyu.flows.quarantine import Quarantine, Quarantined
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.events.plan.contracts import Violation

_Name = Annotated[str | None, Field(max_length=200)]


class QuarantinedView(BaseModel):
    """An event that was kept aside, and why."""

    id: str
    source: str
    message_id: str
    kind: str
    name: str
    occurred_at: datetime
    received_at: datetime
    violations: tuple[Violation, ...]


class QuarantinePage(BaseModel):
    """Some of what lies there, oldest first."""

    items: list[QuarantinedView]
    next_cursor: str | None


class ReleaseEvents(BaseModel):
    """Which events to let in: of one name or all; ``anyway`` also those not as planned today."""

    name: _Name = None
    anyway: bool = False


class DiscardEvents(BaseModel):
    """Which events to throw away: of one name, or those ids alone, or all."""

    name: _Name = None
    ids: Annotated[list[str], Field(max_length=500)] = []


class ReleasedView(BaseModel):
    """What came of it; ``pending`` counts what still lies there."""

    released: int
    kept: int
    pending: int


class DiscardedView(BaseModel):
    """How many events were thrown away."""

    discarded: int


def router(quarantine: Quarantine) -> APIRouter:
    """Return the routes of the quarantine."""
    routes = APIRouter(prefix="/api/v1/events/quarantine", tags=["events"], dependencies=[permits.EVENTS])

    @routes.get("")
    async def list_quarantine(
        caller: CurrentCaller,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
        name: Annotated[str | None, Query(max_length=200)] = None,
    ) -> QuarantinePage:
        """List events that were kept aside."""
        page = await quarantine.list_events(caller.tenant_id, name=name, cursor=cursor, limit=limit)
        return QuarantinePage(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)

    @routes.post("/release")
    async def release(caller: CurrentCaller, wanted: ReleaseEvents) -> ReleasedView:
        """Let events into the log; a bounded number a call."""
        done = await quarantine.release(caller.tenant_id, name=wanted.name, anyway=wanted.anyway)
        return ReleasedView(released=done.released, kept=done.kept, pending=done.pending)

    @routes.post("/discard")
    async def discard(caller: CurrentCaller, wanted: DiscardEvents) -> DiscardedView:
        """Throw events away, for good."""
        ids = [decode_id("qua", one) for one in wanted.ids]
        return DiscardedView(discarded=await quarantine.discard(caller.tenant_id, name=wanted.name, ids=ids))

    return routes


def _view(one: Quarantined) -> QuarantinedView:
    return QuarantinedView(
        id=encode_id("qua", one.id),
        source=one.source,
        message_id=one.message_id,
        kind=one.kind,
        name=one.name,
        occurred_at=one.occurred_at,
        received_at=one.received_at,
        violations=one.violations,
    )
