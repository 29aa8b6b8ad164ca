"""Dead letters of the pipeline: events that a subscriber could not take, and handing them over again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from quanyu.flows.pipeline.dead_letters import DeadLetter, DeadLetters
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import encode_id


class DeadLetterView(BaseModel):
    """An event one subscriber could not take."""

    subscriber: str
    position: str  # The event's place in the log.
    event: str  # Its name; empty once the log no longer holds it.
    occurred_at: datetime | None
    person_id: str | None
    error: str
    failed_at: datetime
    replayed_at: datetime | None


class DeadLetterPage(BaseModel):
    """Some dead letters, oldest event first."""

    items: list[DeadLetterView]
    next_cursor: str | None


class ReplayDeadLetters(BaseModel):
    """Whose letters to hand over again; left out: everybody's."""

    subscriber: str | None = None


class ReplayedView(BaseModel):
    """What came of it; ``pending`` counts what still lies there, also what this call did not reach."""

    replayed: int
    failed: int
    pending: int


def router(letters: DeadLetters) -> APIRouter:
    """Return the routes of dead letters."""
    routes = APIRouter(prefix="/api/v1/pipeline/dead-letters", tags=["pipeline"])

    @routes.get("")
    async def list_letters(
        caller: CurrentCaller,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
        subscriber: Annotated[str | None, Query(max_length=100)] = None,
        replayed: bool = False,
    ) -> DeadLetterPage:
        """List letters that wait, or those that were taken later."""
        page = await letters.list_letters(
            caller.tenant_id, subscriber=subscriber, replayed=replayed, cursor=cursor, limit=limit
        )
        return DeadLetterPage(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)

    @routes.post("/replay")
    async def replay(caller: CurrentCaller, wanted: ReplayDeadLetters) -> ReplayedView:
        """Hand waiting letters to their subscribers again; a bounded number a call."""
        done = await letters.replay(caller.tenant_id, subscriber=wanted.subscriber)
        return ReplayedView(replayed=done.replayed, failed=done.failed, pending=done.pending)

    return routes


def _view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        subscriber=letter.subscriber,
        position=str(letter.position),
        event=letter.event_name,
        occurred_at=letter.occurred_at,
        person_id=None if letter.person_id is None else encode_id("per", letter.person_id),
        error=letter.error,
        failed_at=letter.failed_at,
        replayed_at=letter.replayed_at,
    )
