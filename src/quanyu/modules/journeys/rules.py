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
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import InvalidId, decode_id, encode_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import Awaits, Happened, first_match
from quanyu.modules.journeys.definition import (
    Change,
    Condition,
    Definition,
    End,
    RandomSplit,
    Reentry,
    ReentryMode,
    Repeat,
    Send,
    Split,
    UntilDate,
    Update,
    Wait,
    WaitEvent,
    WaitUntil,
)
from quanyu.modules.journeys.drawing import draw
from quanyu.modules.journeys.graph import exits_of
from quanyu.modules.journeys.moments import moment_of

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
    outcome: str  # The branch taken (next, missing, yes, matched, a … h, end), or an ``Exit``.


@dataclass(frozen=True, slots=True)
class SendEffect:
    """A message to plan in the same commit as the move."""

    node: str
    seq: int
    send: Send
    matched: Happened | None  # The event waited for last, in this advance.


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """A change of the person to write down in the same commit as the move."""

    node: str
    seq: int
    change: Change


@dataclass(frozen=True, slots=True)
class Answers:
    """What the world says of one person.

    ``ways``: where the answers of conditions lead, by the number of the step they were asked at.
    ``matched`` is what was noted while they were parked; ``seen`` are their events of the last hour by name,
    for who comes to wait for one. ``lot`` is what they draw with at random splits, ``zone`` the brand's, and
    ``attributes`` those whose dates are waited for: ``None`` for one they have not. ``rounds``: how often
    they were led back, by node.
    """

    ways: Mapping[int, str] = field(default_factory=dict)
    matched: Happened | None = None
    seen: Mapping[str, Sequence[LogEvent]] | None = None
    lot: str | None = None
    zone: ZoneInfo | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rounds: Mapping[str, int] | None = None


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
    changes: tuple[ChangeEffect, ...] = ()


def begin(definition: Definition, at: datetime, by: int | None = None) -> State:
    """Return the state of somebody who enters at ``at`` by the event at log position ``by``."""
    return State(definition.start, 0, Status.ACTIVE, at, by, at)


def advance(definition: Definition, state: State, answers: Answers, now: datetime) -> Advance:
    """Move somebody on until they wait, leave, or a question must be asked. Deterministic; no I/O."""
    passed = _Passed()
    for _ in range(STEPS_MAX):
        node = definition.nodes.get(state.node)
        if node is None or isinstance(node, End):
            outcome = END if node is not None else Exit.NODE_REMOVED
            passed.steps.append(_step(state, outcome, now))
            return passed.to(leave(state, completed=node is not None))
        made = _rounds(passed.steps, state.node) if isinstance(node, Repeat) else 0
        way = _way_out(node, state, answers, now, made=made)
        if way is None:
            return passed.to(state, asks=True)
        if isinstance(way, State):
            return passed.to(way)
        passed.last = way.event or passed.last
        if isinstance(node, Send):
            passed.sends.append(SendEffect(state.node, state.seq, node, passed.last))
        elif isinstance(node, Update):
            passed.changes.append(ChangeEffect(state.node, state.seq, node.change))
        passed.steps.append(_step(state, way.branch, now))
        state = _arrive(way, state, now)
    if state.came_at > passed.steps[0].entered_at:
        return passed.to(state)  # Due at once: the rest comes next time.
    # Whoever turns in place says and changes nothing.
    steps = (*passed.steps, _step(state, Exit.STUCK, now))
    return Advance(leave(state, completed=False), steps, (), passed.last)


@dataclass(slots=True)
class _Passed:
    """What was passed so far, and what comes of it."""

    steps: list[Step] = field(default_factory=list)
    sends: list[SendEffect] = field(default_factory=list)
    changes: list[ChangeEffect] = field(default_factory=list)
    last: Happened | None = None

    def to(self, state: State, *, asks: bool = False) -> Advance:
        return Advance(
            state, tuple(self.steps), tuple(self.sends), self.last, asks=asks, changes=tuple(self.changes)
        )


def _rounds(steps: Sequence[Step], node: str) -> int:
    return sum((step.node, step.outcome) == (node, "again") for step in steps)


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
    node: Wait | WaitUntil | WaitEvent | Condition | Split | RandomSplit | Repeat | Send | Update,
    state: State,
    answers: Answers,
    now: datetime,
    *,
    made: int,
) -> _Way | State | None:
    """Return the way out, the state of somebody who stays, or ``None`` if something must be asked.

    ``made``: how often this node has led back since the answers were given.
    """
    match node:
        case Wait():
            until = state.came_at + timedelta(seconds=node.seconds)
            return _Way("next", node.next, until) if until <= now else _parked(state, until, awaiting=False)
        case WaitUntil():
            return _way_out_of_time(node, state, answers, now)
        case Send():
            return _Way("next", node.next, now)
        case Update():
            return _Way("next", node.next, state.came_at)
        case Condition() | Split():
            way = answers.ways.get(state.seq)
            return None if way is None else _Way(way, dict(exits_of(node))[way], state.came_at)
        case Repeat():
            if answers.rounds is None:
                return None
            rounds = answers.rounds.get(state.node, 0) + made
            way = "again" if rounds < node.times else "next"
            return _Way(way, dict(exits_of(node))[way], state.came_at)
        case WaitEvent():
            return _way_out_of_waiting(node, state, answers, now)
        case RandomSplit():
            assert answers.lot is not None, "nobody draws without a lot"
            drawn = node.ways[draw(answers.lot, state.node, [one.weight for one in node.ways])]
            return _Way(drawn.name, drawn.next, state.came_at)
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


def _way_out_of_time(node: WaitUntil, state: State, answers: Answers, now: datetime) -> _Way | State | None:
    assert answers.zone is not None, "nobody tells the time without a clock"
    value = None
    if isinstance(node.until, UntilDate):
        if node.until.attribute not in answers.attributes:
            return None
        value = answers.attributes[node.until.attribute]
    until = moment_of(node.until, value, state.came_at, answers.zone)
    if until is None:
        return _Way("missing", node.missing or node.next, state.came_at)
    until = max(until, state.came_at)
    return _Way("next", node.next, until) if until <= now else _parked(state, until, awaiting=False)


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
