"""The tracking plan in imports: a row that the plan keeps out is rejected, what it only counts is counted.

An import needs no quarantine: its rejects file keeps the row as it was, to be mended and imported again.
Pure, and by the plan as it stood when the file began to be prepared.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.prepared import IDENTIFY, TRACK, PreparedEvent
from quanyu.modules.events.plan.contracts import PlanMode, Problem, TrackingPlan, Violation
from quanyu.modules.events.plan.rules import Book
from quanyu.modules.people.traits import may_be_shown

KINDS_MAX: Final = 500  # Of things not as planned that are told apart; a file may make names up.
_WARNED, _REJECTED = "warned", "rejected"
_REASONS: Final = {
    Problem.MISSING: Reason.PLAN_MISSING,
    Problem.WRONG_TYPE: Reason.PLAN_TYPE,
    Problem.NOT_A_CHOICE: Reason.PLAN_CHOICE,
    Problem.PATTERN: Reason.PLAN_PATTERN,
    Problem.TOO_LONG: Reason.PLAN_TOO_LONG,
    Problem.UNKNOWN_EVENT: Reason.PLAN_UNKNOWN,
}


class PlanIssue(msgspec.Struct, kw_only=True):
    """One kind of thing in a file that is not as planned, and its latest value if that names nobody."""

    outcome: str
    name: str
    problem: str
    key: str
    count: int = 0
    sample: str = ""


def source_name(source: str) -> str:
    """Return how the log calls the source of a map."""
    return f"import:{source}"


class PlanJudge:
    """Judges the events of one import; ``source`` as its map says it."""

    def __init__(self, plan_json: str, *, source: str) -> None:
        plan = TrackingPlan.model_validate_json(plan_json) if plan_json else None
        self._book = Book(plan.events, plan.sources) if plan else Book((), ())
        self._source = source_name(source)
        self._issues: dict[tuple[str, ...], PlanIssue] = {}

    @property
    def issues(self) -> list[PlanIssue]:
        """What was not as planned until now, by kind."""
        return list(self._issues.values())

    def fault(self, event: PreparedEvent) -> Fault | None:
        """Return why the plan keeps an event out; what it only counts is noted."""
        if not self._book.speaks_of(source=self._source, kind=event.kind, name=event.name):
            return None
        mode, found = self._book.judge(
            source=self._source, kind=event.kind, name=event.name, properties=_told(event)
        )
        if not found:
            return None
        outcome = _WARNED if mode is PlanMode.WARN else _REJECTED
        for one in found:
            self._note(outcome, event, one)
        return None if outcome == _WARNED else Fault(_REASONS[found[0].problem], found[0].key)

    def _note(self, outcome: str, event: PreparedEvent, one: Violation) -> None:
        kind = (outcome, event.name, one.problem.value, one.key)
        if kind not in self._issues and len(self._issues) >= KINDS_MAX:
            kind = (outcome, "", one.problem.value, "")
        issue = self._issues.setdefault(
            kind, PlanIssue(outcome=kind[0], name=kind[1], problem=kind[2], key=kind[3])
        )
        issue.count += 1
        if one.shown and issue.key and may_be_shown(event.kind != TRACK, one.key, one.shown):
            issue.sample = one.shown.replace("\0", "")


def _told(event: PreparedEvent) -> Mapping[str, Any]:
    """Return what a plan speaks of, as the tracking API would have been sent it."""
    if event.kind == IDENTIFY:
        return event.traits
    told = dict(event.properties)
    if event.revenue is not None:
        told["revenue"] = float(event.revenue)
    if event.items_json:
        told["products"] = [_product(one) for one in msgspec.json.decode(event.items_json)]
    return told


def _product(line: dict[str, str]) -> dict[str, Any]:
    return {key: float(text) if key in ("price", "quantity") else text for key, text in line.items()}
