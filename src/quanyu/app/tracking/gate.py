"""The tracking plan at the door: what is not as planned is counted, kept aside or refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.app.tracking.protocol import Judge
from quanyu.app.tracking.refusals import InvalidEvent, Reason
from quanyu.flows.intake import IntakeEvent
from quanyu.modules.events.contracts import AcceptOutcome, EventKind
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.contracts import PlanMode, Problem, Violation
from quanyu.modules.events.plan.notes import IssueNotes
from quanyu.modules.events.plan.rules import Book
from quanyu.modules.events.sources.notes import SourceNotes
from quanyu.modules.people.traits import may_be_shown
from quanyu.modules.tenants.contracts import WriteKeyOwner

_OUTCOMES: Final = {
    PlanMode.WARN: "warned",
    PlanMode.QUARANTINE: "quarantined",
    PlanMode.REJECT: "rejected",
}
_REASONS: Final = {
    Problem.MISSING: Reason.PLAN_MISSING,
    Problem.WRONG_TYPE: Reason.PLAN_TYPE,
    Problem.NOT_A_CHOICE: Reason.PLAN_CHOICE,
    Problem.PATTERN: Reason.PLAN_PATTERN,
    Problem.TOO_LONG: Reason.PLAN_TOO_LONG,
    Problem.UNKNOWN_EVENT: Reason.PLAN_UNKNOWN,
}


class PlanGate:
    """Asks the plan of whoever sends."""

    def __init__(self, books: PlanBooks, notes: IssueNotes, heard: SourceNotes) -> None:
        self._books = books
        self._notes = notes
        self._heard = heard

    async def judge_of(self, owner: WriteKeyOwner) -> Judge | None:
        """Return who judges the events of a write key; ``None`` where nothing is planned.

        It notes what is not as planned, marks what is to be kept aside, and raises for what is refused.
        """
        book = await self._books.find(owner.tenant_id)
        return None if book.is_empty else lambda event: self._judge(owner, book, event)

    def note_refusal(self, owner: WriteKeyOwner, reason: str) -> None:
        """Count an event or request of a source that was refused, and why, unless the plan counted that."""
        self._heard.rejected(owner.tenant_id, owner.source, 1)
        if not reason.startswith("plan."):
            self._notes.add(owner.tenant_id, owner.source, outcome="refused", problem=reason)

    def note_answers(
        self,
        owner: WriteKeyOwner,
        events: Sequence[IntakeEvent],
        outcomes: Sequence[AcceptOutcome],
        received_at: datetime,
    ) -> None:
        """Count what became of events that were answered."""
        for event, outcome in zip(events, outcomes, strict=True):
            self._heard.heard(
                owner.tenant_id,
                owner.source,
                outcome,
                name=event.name,
                occurred_at=event.occurred_at,
                received_at=received_at,
                skew_s=event.skew_s,
            )

    def _judge(self, owner: WriteKeyOwner, book: Book, event: IntakeEvent) -> None:
        properties = properties_of(event)
        mode, found = book.judge(source=owner.source, kind=event.kind, name=event.name, properties=properties)
        if not found:
            return
        shown = [_discreet(event, one) for one in found]
        for one in shown:
            self._notes.add(
                owner.tenant_id,
                owner.source,
                outcome=_OUTCOMES[mode],
                problem=one.problem.value,
                name=event.name,
                key=one.key,
                sample=one.shown,
                is_planned=one.problem is not Problem.UNKNOWN_EVENT,
            )
        if mode is PlanMode.REJECT:
            first = shown[0]
            field = f"properties.{first.key}" if first.key else "event"
            raise InvalidEvent(_REASONS[first.problem], field=field, value=event.name)
        if mode is PlanMode.QUARANTINE:
            event.aside = msgspec.json.encode([one.model_dump(mode="json") for one in shown])


def properties_of(event: IntakeEvent) -> dict[str, Any]:
    """Return what a plan speaks of: the traits of an identify call, else the properties."""
    return event.traits if event.kind == EventKind.IDENTIFY else event.properties


def _discreet(event: IntakeEvent, one: Violation) -> Violation:
    is_attribute = event.kind in (EventKind.IDENTIFY, EventKind.GROUP)
    if not one.shown or may_be_shown(is_attribute, one.key, one.shown):
        return one
    return one.model_copy(update={"shown": ""})
