"""The pure step function: where somebody goes next, and what must happen with it.

Each passage has a time of its own, which flows with what happens in it: it begins at the event that let the
person in, goes on to the end of a wait or to the event that was waited for, and is brought to the present by
a message, because that is really sent now. So it makes no difference how often, how late (up to
``CATCH_UP``) or with whom together the engine looks at somebody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from quanyu.kernel.ids import InvalidId, decode_id, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import Awaits, Happened, first_match
from quanyu.modules.journeys.definition import (
    Condition,
    Definition,
    End,
    RandomSplit,
    Reentry,
    ReentryMode,
    Send,
    Wait,
    WaitEvent,
)
from quanyu.modules.journeys.drawing import draw

STEPS_MAX: Final = 1_000  # In one go; who makes them in no time is turning in place (JN-11).
# How far a passage's own time may lie behind: events are kept so long for those who come to wait for them.
CATCH_UP: Final = timedelta(hours=1)
ENTRIES_APART: Final = timedelta(seconds=1)  # One entry per person, journey and key a second (JN-4).


class Status(StrEnum):
    """Where an enrolment stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    EXITED = "exited"


class Exit(StrEnum):
    """Why somebody left without coming to an end; the outcome of their last step."""

    STOPPED = "stopped"  # The journey was ended.
    MERGED = "merged"  # The person turned out to be another, who is further on.
    FAILED = "failed"  # Something in this passage could not be processed; the log says what.
    STUCK = "stuck"
    NODE_REMOVED = "node_removed"
    WITHDRAWN = "withdrawn"  # The job that let them in was taken back.
    GOAL = "goal"  # They did what the journey is for.
    EVENT = "exit_event"  # They did something that ends it.
    SEGMENT = "exit_segment"  # They came into a segment, or went out of one, that ends it.
    CONSENT = "consent_withdrawn"


END: Final = "end"  # The outcome of those who completed.
# Left so, nothing of the passage goes out any more: somebody took it back, or another goes on for it.
ABANDONED: Final = (Exit.WITHDRAWN, Exit.MERGED)
_ENROLMENT: Final = "enr"


def origin_key(enrolment_id: int, seq: int) -> str:
    """Name what a step of a passage sends: planning it twice changes nothing (JN-14)."""
    return f"journey:{encode_id(_ENROLMENT, enrolment_id)}:{seq}"


def enrolment_of(key: str) -> int | None:
    """Return the passage ``origin_key`` was made for; ``None`` for what others named."""
    kind, _, rest = key.partition(":")
    shown, _, _ = rest.rpartition(":")
    try:
        return decode_id(_ENROLMENT, shown) if kind == "journey" else None
    except InvalidId:
        return None


@dataclass(frozen=True, slots=True)
class State:
    """Somebody's place in a journey. ``came_at`` is the passage's time when they came to the node.

    ``came_by`` is the log position of the event that brought them, if one did: it opens one door only.
    ``is_awaiting``: they are parked until an event, and whoever sees one tells them.
    ``wake_at`` is when the time at this node is up; ``came_at`` where the node takes no time.
    """

    node: str
    seq: int
    status: Status
    came_at: datetime
    came_by: int | None
    wake_at: datetime | None
    is_awaiting: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One node passed through; the log of it is append only. ``left_at`` is when the engine did it."""

    seq: int
    node: str
    entered_at: datetime
    left_at: datetime
    outcome: str  # The branch taken (next, yes, no, matched, timeout, a … h, end), or an ``Exit``.


@dataclass(frozen=True, slots=True)
class SendEffect:
    """A message to plan in the same commit as the move."""

    node: str
    seq: int
    send: Send
    matched: Happened | None  # The event waited for last, in this advance.


@dataclass(frozen=True, slots=True)
class Answers:
    """What the world says of one person.

    ``conditions`` by the number of the step they were asked at. ``matched`` is what was noted while they
    were parked; ``seen`` are their events of the last hour by name, for who comes to wait for one. ``lot``
    is what they draw with at random splits.
    """

    conditions: Mapping[int, bool] = field(default_factory=dict)
    matched: Happened | None = None
    seen: Mapping[str, Sequence[LogEvent]] | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """The result of moving somebody on as far as they can go now.

    ``asks``: the node ``state`` stands at must be answered for first; call again with the answer.
    """

    state: State
    steps: tuple[Step, ...]
    sends: tuple[SendEffect, ...]
    matched: Happened | None = None
    asks: bool = False


def begin(definition: Definition, at: datetime, by: int | None = None) -> State:
    """Return the state of somebody who enters at ``at`` by the event at log position ``by``."""
    return State(definition.start, 0, Status.ACTIVE, at, by, at)


def advance(definition: Definition, state: State, answers: Answers, now: datetime) -> Advance:
    """Move somebody on until they wait, leave, or a question must be asked. Deterministic; no I/O."""
    steps: list[Step] = []
    sends: list[SendEffect] = []
    last: Happened | None = None
    for _ in range(STEPS_MAX):
        node = definition.nodes.get(state.node)
        if node is None or isinstance(node, End):
            outcome = END if node is not None else Exit.NODE_REMOVED
            steps.append(_step(state, outcome, now))
            return Advance(leave(state, completed=node is not None), tuple(steps), tuple(sends), last)
        way = _way_out(node, state, answers, now)
        if way is None:
            return Advance(state, tuple(steps), tuple(sends), last, asks=True)
        if isinstance(way, State):
            return Advance(way, tuple(steps), tuple(sends), last)
        last = way.event or last
        if isinstance(node, Send):
            sends.append(SendEffect(state.node, state.seq, node, last))
        steps.append(_step(state, way.branch, now))
        state = _arrive(way, state, now)
    if state.came_at > steps[0].entered_at:
        return Advance(state, tuple(steps), tuple(sends), last)  # Due at once: the rest comes next time.
    steps.append(_step(state, Exit.STUCK, now))
    return Advance(leave(state, completed=False), tuple(steps), (), last)


def leave(state: State, *, completed: bool) -> State:
    """Return the state of somebody who is out."""
    status = Status.COMPLETED if completed else Status.EXITED
    return State(state.node, state.seq + 1, status, state.came_at, state.came_by, None)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way out of a node: where to, and at what time of the passage."""

    branch: str
    target: str
    at: datetime
    event: Happened | None = None


def _way_out(
    node: Wait | Condition | Send | WaitEvent | RandomSplit, state: State, answers: Answers, now: datetime
) -> _Way | State | None:
    """Return the way out, the state of somebody who stays, or ``None`` if something must be asked."""
    match node:
        case Wait():
            until = state.came_at + timedelta(seconds=node.seconds)
            return _Way("next", node.next, until) if until <= now else _parked(state, until, awaiting=False)
        case Send():
            return _Way("next", node.next, now)
        case Condition():
            if state.seq not in answers.conditions:
                return None
            if answers.conditions[state.seq]:
                return _Way("yes", node.yes, state.came_at)
            return _Way("no", node.no, state.came_at)
        case WaitEvent():
            return _way_out_of_waiting(node, state, answers, now)
        case RandomSplit():
            assert answers.lot is not None, "nobody draws without a lot"
            way = node.ways[draw(answers.lot, state.node, [one.weight for one in node.ways])]
            return _Way(way.name, way.next, state.came_at)
        case _:
            assert_never(node)


def _way_out_of_waiting(
    node: WaitEvent, state: State, answers: Answers, now: datetime
) -> _Way | State | None:
    until = state.came_at + timedelta(seconds=node.timeout_s)
    event = answers.matched
    if not state.is_awaiting:
        if answers.seen is None:
            return None
        window = Awaits(state.came_at, state.came_by, until)
        event = first_match(node, window, answers.seen.get(node.event, ()))
    if event is not None:
        return _Way("matched", node.matched, min(event.occurred_at, now), event)
    if until <= now:
        return _Way("timeout", node.timeout, until)
    return _parked(state, until, awaiting=True)


def _parked(state: State, until: datetime, *, awaiting: bool) -> State:
    return State(state.node, state.seq, state.status, state.came_at, state.came_by, until, awaiting)


def _arrive(way: _Way, state: State, now: datetime) -> State:
    at = max(way.at, now - CATCH_UP)
    by = state.came_by if way.at == state.came_at else None
    if way.event:
        by = way.event.position
    return State(way.target, state.seq + 1, Status.ACTIVE, at, by if at == way.at else None, at)


def _step(state: State, outcome: str, now: datetime) -> Step:
    return Step(state.seq, state.node, state.came_at, now, outcome)


def may_enter(reentry: Reentry, *, entered: Sequence[datetime], is_active: bool, at: datetime) -> bool:
    """Whether somebody may enter at ``at`` (JN-3, JN-4): never twice at once under the same key.

    ``entered``: when they came before, the latest first, as many as ``reentry.entries_asked``.
    """
    if not entered:
        return True
    if is_active or at < entered[0] + ENTRIES_APART:
        return False
    match reentry.mode:
        case ReentryMode.NEVER:
            return False
        case ReentryMode.AFTER_EXIT:
            return True
        case ReentryMode.COOL_DOWN:
            return at >= entered[0] + timedelta(seconds=reentry.cool_down_s)
        case ReentryMode.PER_PERIOD:
            in_period = [one for one in entered if at < one + timedelta(seconds=reentry.period_s)]
            return len(in_period) < reentry.times
