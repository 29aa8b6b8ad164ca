"""What ends a passage wherever it stands, and what counts as its goal (JN-12, JN-13).

Pure: from the rules of the graph a passage began with and what its person did. The rules hold from the entry
on. Somebody who came to the end is subject to them as well, for what they were told last may still wait to go
out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import time_of
from quanyu.modules.journeys.definition import ConsentExit, Definition, EventExit, ExitRule, Goal, SegmentExit
from quanyu.modules.journeys.rules import Exit
from quanyu.modules.segments.matching import matches

CONSENT_WITHDRAWN: Final = "people.consent_withdrawn"


@dataclass(frozen=True, slots=True)
class Entered:
    """When a passage began, and by the event at which place in the log, if by one."""

    at: datetime
    by: int | None

    def precedes(self, event: LogEvent) -> bool:
        """Tell whether the event came after the entry; of events of one instant the log's order decides."""
        at = time_of(event)
        if at == self.at and self.by is not None:
            return event.position > self.by
        return at >= self.at


@dataclass(frozen=True, slots=True)
class Ending:
    """What a person's events mean for one passage."""

    over_by: Exit | None
    goal_at: datetime | None
    over: tuple[datetime, int] | None = None  # When, and by the event at which place in the log.


def ending_names(definition: Definition) -> frozenset[str]:
    """Return the names of events that may end a passage or be its goal."""
    names = {_name_of(rule) for rule in definition.exits}
    return frozenset(names | {definition.goal.event} if definition.goal else names)


def may_end(definition: Definition, event: LogEvent) -> bool:
    """Tell whether an event meets a rule, whoever is on the way."""
    goal = definition.goal
    is_goal = goal is not None and event.name == goal.event and matches(goal.where, event)
    return is_goal or any(_meets(rule, event) for rule in definition.exits)


def ending_of(definition: Definition, entered: Entered, events: Iterable[LogEvent]) -> Ending:
    """Return what ends a passage first, and when its goal was reached first, among its person's events."""
    over_by, goal_at, over = None, None, None
    for event in sorted(events, key=lambda one: (time_of(one), one.position)):
        if not entered.precedes(event):
            continue
        goal = definition.goal
        if goal is not None and _reaches(goal, entered, event):
            goal_at = goal_at or time_of(event)
            over_by = over_by or (Exit.GOAL if goal.leaves else None)
        over_by = over_by or _exit_by(definition, event)
        if over_by is not None and over is None:
            over = time_of(event), event.position
    return Ending(over_by, goal_at, over)


def _exit_by(definition: Definition, event: LogEvent) -> Exit | None:
    return next((_reason_of(rule) for rule in definition.exits if _meets(rule, event)), None)


def _reaches(goal: Goal, entered: Entered, event: LogEvent) -> bool:
    in_time = time_of(event) <= entered.at + timedelta(seconds=goal.within_s)
    return event.name == goal.event and in_time and matches(goal.where, event)


def _meets(rule: ExitRule, event: LogEvent) -> bool:
    if event.name != _name_of(rule):
        return False
    match rule:
        case EventExit():
            return matches(rule.where, event)
        case SegmentExit():
            return event.properties.get("segment_id") == rule.segment_id
        case ConsentExit():
            return event.properties.get("purpose") == rule.purpose
        case _:
            assert_never(rule)


def _name_of(rule: ExitRule) -> str:
    match rule:
        case EventExit():
            return rule.event
        case SegmentExit():
            return f"segments.{rule.move}"
        case ConsentExit():
            return CONSENT_WITHDRAWN
        case _:
            assert_never(rule)


def _reason_of(rule: ExitRule) -> Exit:
    match rule:
        case EventExit():
            return Exit.EVENT
        case SegmentExit():
            return Exit.SEGMENT
        case ConsentExit():
            return Exit.CONSENT
        case _:
            assert_never(rule)
