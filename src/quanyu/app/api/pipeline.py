"""Dead letters of the pipeline: events that a subscriber could not take, retrying and discarding them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from quanyu.flows.pipeline.dead_letters import (
    DeadLetter,
    DeadLetters,
    Deed,
    LetterGroup,
    LetterState,
    Which,
)
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.ids import encode_id
from quanyu.modules.events.contracts import EventKind, LogEvent
from quanyu.modules.events.observed.inference import redacted
from quanyu.modules.people.traits import may_be_shown

_Name = Annotated[str | None, Field(max_length=100)]
_Position = Annotated[str | None, Field(pattern="^[0-9]{1,18}$")]


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
    discarded_at: datetime | None
    discard_reason: str


class DeadLetterPage(BaseModel):
    """Some dead letters, oldest event first."""

    items: list[DeadLetterView]
    next_cursor: str | None


class LetterEventView(BaseModel):
    """The event of a letter. Values that could say who somebody is are left out, their keys are not."""

    name: str
    kind: str
    source: str
    message_id: str
    occurred_at: datetime
    received_at: datetime
    person_id: str | None
    properties: dict[str, Any]
    context: dict[str, str]


class LetterGroupView(BaseModel):
    """Waiting letters of one subscriber with one kind of error."""

    subscriber: str
    error: str
    letters: int
    first_at: datetime
    last_at: datetime


class DeedView(BaseModel):
    """What somebody did to dead letters."""

    at: datetime
    who: str
    deed: str
    subscriber: str | None
    error: str | None
    position: str | None
    reason: str
    done: int
    failed: int


class DeadLetterSummary(BaseModel):
    """What waits, the most first, and what was done lately."""

    groups: list[LetterGroupView]
    deeds: list[DeedView]


class ReplayDeadLetters(BaseModel):
    """Which letters to hand over again; left out: all of them."""

    subscriber: _Name = None
    error: _Name = None
    position: _Position = None


class DiscardDeadLetters(ReplayDeadLetters):
    """Which letters will never be taken, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class ReplayedView(BaseModel):
    """What came of it; ``pending`` counts what still lies there, also what this call did not reach."""

    replayed: int
    failed: int
    pending: int


class DiscardedLettersView(BaseModel):
    """How many letters were discarded."""

    discarded: int


def router(letters: DeadLetters) -> APIRouter:
    """Return the routes of dead letters."""
    routes = APIRouter(
        prefix="/api/v1/pipeline/dead-letters", tags=["pipeline"], dependencies=[permits.EVENTS]
    )

    @routes.get("")
    async def list_letters(
        caller: CurrentCaller,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
        subscriber: Annotated[str | None, Query(max_length=100)] = None,
        error: Annotated[str | None, Query(max_length=100)] = None,
        state: LetterState = LetterState.WAITING,
    ) -> DeadLetterPage:
        """List letters that wait, were taken later, or were discarded."""
        page = await letters.list_letters(
            caller.tenant_id, subscriber=subscriber, error=error, state=state, cursor=cursor, limit=limit
        )
        return DeadLetterPage(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)

    @routes.get("/summary")
    async def summary(caller: CurrentCaller) -> DeadLetterSummary:
        """Return what waits by subscriber and kind of error, and what was done lately."""
        return DeadLetterSummary(
            groups=[_group(one) for one in await letters.groups(caller.tenant_id)],
            deeds=[_deed(one) for one in await letters.deeds(caller.tenant_id)],
        )

    @routes.get("/event")
    async def event(
        caller: CurrentCaller,
        subscriber: Annotated[str, Query(max_length=100)],
        position: Annotated[str, Query(pattern="^[0-9]{1,18}$")],
    ) -> LetterEventView:
        """Return the event of one letter, with nothing in it that names a person."""
        found = await letters.event_of(caller.tenant_id, subscriber=subscriber, position=int(position))
        return _event(found)

    @routes.post("/replay")
    async def replay(caller: CurrentCaller, wanted: ReplayDeadLetters) -> ReplayedView:
        """Hand waiting letters to their subscribers again; a bounded number a call."""
        done = await letters.replay(
            caller.tenant_id,
            subscriber=wanted.subscriber,
            error=wanted.error,
            position=_place(wanted),
            who=caller.name,
        )
        return ReplayedView(replayed=done.replayed, failed=done.failed, pending=done.pending)

    @routes.post("/discard")
    async def discard(caller: CurrentCaller, wanted: DiscardDeadLetters) -> DiscardedLettersView:
        """Decide that letters will never be taken, with a reason on record."""
        which = Which(subscriber=wanted.subscriber, error=wanted.error, position=_place(wanted))
        gone = await letters.discard(caller.tenant_id, which, reason=wanted.reason, who=caller.name)
        return DiscardedLettersView(discarded=gone)

    return routes


def _place(wanted: ReplayDeadLetters) -> int | None:
    return None if wanted.position is None else int(wanted.position)


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
        discarded_at=letter.discarded_at,
        discard_reason=letter.discard_reason,
    )


def _event(event: LogEvent) -> LetterEventView:
    is_attribute = event.kind in (EventKind.IDENTIFY, EventKind.GROUP)
    return LetterEventView(
        name=event.name,
        kind=event.kind,
        source=event.source,
        message_id=event.message_id,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        person_id=None if event.person_id is None else encode_id("per", event.person_id),
        properties=redacted(event.properties, lambda key, value: may_be_shown(is_attribute, key, value)),
        context=event.context,
    )


def _group(one: LetterGroup) -> LetterGroupView:
    return LetterGroupView(
        subscriber=one.subscriber,
        error=one.error,
        letters=one.letters,
        first_at=one.first_at,
        last_at=one.last_at,
    )


def _deed(one: Deed) -> DeedView:
    return DeedView(
        at=one.at,
        who=one.who,
        deed=one.deed,
        subscriber=one.subscriber,
        error=one.error,
        position=None if one.position is None else str(one.position),
        reason=one.reason,
        done=one.done,
        failed=one.failed,
    )
