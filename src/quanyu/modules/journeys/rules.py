"""The pure step function: where somebody goes next, and what must happen with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from quanyu.modules.journeys.definition import (
    Condition,
    Definition,
    End,
    Reentry,
    ReentryMode,
    Send,
    Wait,
    WaitEvent,
)

STEPS_MAX: Final = 1_000  # Without a wait; a graph that needs more is turning in place (JN-11).


class Status(StrEnum):
    """Where an enrolment stands."""

    ACTIVE = "active"  # Due at ``wake_at``.
    COMPLETED = "completed"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class State:
    """Somebody's place in a journey. ``entered_node_at`` is None until the node was begun."""

    node: str
    seq: int
    status: Status
    wake_at: datetime | None
    entered_node_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One node passed through; the log of it is append only."""

    seq: int
    node: str
    entered_at: datetime
    left_at: datetime
    outcome: str  # The branch taken: next, yes, no, matched, timeout, end, stuck.


@dataclass(frozen=True, slots=True)
class SendEffect:
    """A message to plan in the same commit as the move."""

    node: str
    seq: int
    send: Send


@dataclass(frozen=True, slots=True)
class Answers:
    """What the world says of one person: conditions by node, and whether the awaited event came."""

    conditions: Mapping[str, bool]
    matched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """The result of moving somebody on as far as they can go now."""

    state: State
    steps: tuple[Step, ...]
    sends: tuple[SendEffect, ...]
    asks: str | None = None  # A condition that must be answered first; call again with the answer.


def begin(definition: Definition, now: datetime) -> State:
    """Return the state of somebody who enters."""
    return State(definition.start, 0, Status.ACTIVE, now)


def advance(definition: Definition, state: State, answers: Answers, now: datetime) -> Advance:
    """Move somebody on until they wait, leave, or a question must be asked. Deterministic; no I/O."""
    steps: list[Step] = []
    sends: list[SendEffect] = []
    for _ in range(STEPS_MAX):
        node = definition.nodes.get(state.node)
        if node is None or isinstance(node, End):
            outcome = "end" if node is not None else "node_removed"
            steps.append(_step(state, now, outcome))
            status = Status.COMPLETED if node is not None else Status.EXITED
            ended = replace(state, status=status, wake_at=None, seq=state.seq + 1)
            return Advance(ended, tuple(steps), tuple(sends))
        arrived = state.entered_node_at is not None
        if isinstance(node, Wait | WaitEvent) and not arrived:
            # Counted from when they came, however late the engine looks.
            came_at = state.wake_at or now
            span = node.seconds if isinstance(node, Wait) else node.timeout_s
            state = replace(state, entered_node_at=came_at, wake_at=came_at + timedelta(seconds=span))
        branch, target = _leave(node, state, answers, now)
        if branch is None:
            return Advance(state, tuple(steps), tuple(sends), asks=target or None)
        if isinstance(node, Send):
            sends.append(SendEffect(state.node, state.seq, node))
        steps.append(_step(state, now, branch))
        # What was matched opens one door only; the next node waits for an event of its own.
        answers = replace(answers, matched_at=None)
        state = State(target, state.seq + 1, Status.ACTIVE, now)
    steps.append(_step(state, now, "stuck"))
    return Advance(
        replace(state, status=Status.EXITED, wake_at=None, seq=state.seq + 1), tuple(steps), tuple(sends)
    )


def _leave(
    node: Wait | Condition | Send | WaitEvent, state: State, answers: Answers, now: datetime
) -> tuple[str | None, str]:
    """Return (branch, next node), or (None, question) when nobody can leave yet."""
    assert state.wake_at is not None
    match node:
        case Wait():
            return ("next", node.next) if state.wake_at <= now else (None, "")
        case Send():
            return "next", node.next
        case WaitEvent():
            if answers.matched_at is not None and answers.matched_at <= state.wake_at:
                return "matched", node.matched
            return ("timeout", node.timeout) if state.wake_at <= now else (None, "")
        case Condition():
            answer = answers.conditions.get(state.node)
            if answer is None:
                return None, state.node
            return ("yes", node.yes) if answer else ("no", node.no)


def _step(state: State, now: datetime, outcome: str) -> Step:
    return Step(state.seq, state.node, state.entered_node_at or now, now, outcome)


def may_enter(reentry: Reentry, *, last_entry_at: datetime | None, is_active: bool, at: datetime) -> bool:
    """Whether somebody may enter at ``at`` (JN-3, JN-4): never twice at once under the same key."""
    if last_entry_at is None:
        return True
    match reentry.mode:
        case ReentryMode.NEVER:
            return False
        case ReentryMode.AFTER_EXIT:
            return not is_active
        case ReentryMode.COOL_DOWN:
            return not is_active and at >= last_entry_at + timedelta(seconds=reentry.cool_down_s)
