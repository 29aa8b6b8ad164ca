"""One person's way through a journey over past events. Pure: the engine's own step function, without it.

The engine looks at somebody when something happens or a time is up; here these instants are known beforehand.
What only the warehouse can answer (a condition) is asked by yielding, so that questions of many people are
put together.
"""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import Awaits, Happened, first_match, time_of
from quanyu.modules.journeys.definition import Condition, Definition, Split, UntilDate, WaitEvent, WaitUntil
from quanyu.modules.journeys.entering import starts
from quanyu.modules.journeys.exiting import Entered, ending_of
from quanyu.modules.journeys.graph import questions_of, way_of_the_rest
from quanyu.modules.journeys.rules import (
    Advance,
    Answers,
    State,
    Status,
    advance,
    begin,
    may_enter,
)
from quanyu.modules.journeys.subscribers import entry_key

ON_THE_WAY: Final = "on_the_way"


@dataclass(frozen=True, slots=True)
class Question:
    """What must be known of the person at ``node``, at ``at``.

    Whether they meet the conditions that stand there at ``place``; of a node that waits for a date: what its
    attribute holds.
    """

    node: str
    at: datetime
    place: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A message the journey would have planned; of no use any more once the passage is ``over_at``."""

    node: str
    at: datetime
    entry: int  # The number of the person's passage.
    over_at: datetime | None


@dataclass(slots=True)
class Passage:
    """What became of somebody who entered."""

    entered_at: datetime
    steps: list[tuple[str, str]] = field(default_factory=list)  # Node, branch taken.
    stands_at: str | None = None  # Where they are when history ends.
    outcome: str = ON_THE_WAY
    goal_at: datetime | None = None
    left_at: datetime | None = None
    planned: list[tuple[str, datetime]] = field(default_factory=list)
    over: tuple[datetime, int] | None = None  # By which event it was over, even if it had come to its end.

    @property
    def over_at(self) -> datetime | None:
        """When it was over."""
        return self.over[0] if self.over else None

    def is_active(self, cause: LogEvent) -> bool:
        """Tell whether the person is still on the way when something happens.

        Of one instant, what happens is heard before the engine looks at anybody.
        """
        if self.over is not None and self.over <= (time_of(cause), cause.position):
            return False
        return self.left_at is None or self.left_at >= time_of(cause)


Life = Generator[Question, Any, list[Passage]]


def live(
    definition: Definition,
    events: Sequence[LogEvent],
    *,
    since: datetime,
    until: datetime,
    lot: str,
    zone: ZoneInfo,
) -> Life:
    """Yield questions, take their answers, and return a person's passages in the order of their entries.

    ``events``: all of the person's that may matter, by time. Entries count from ``since`` on.
    ``lot`` is what the person draws with at random splits, ``zone`` the brand's.
    """
    causes: defaultdict[str, list[LogEvent]] = defaultdict(list)
    for event in events:
        if starts(definition.entry, event, since=since, journey=""):
            causes[entry_key(definition.entry, event)].append(event)
    person = _Person(definition, events, until, Answers(lot=lot, zone=zone))
    found: list[Passage] = []
    for own in causes.values():
        found += yield from person.passages(own)
    return sorted(found, key=lambda one: one.entered_at)


class _Person:
    """Somebody with their past."""

    def __init__(
        self, definition: Definition, events: Sequence[LogEvent], until: datetime, known: Answers
    ) -> None:
        self._definition = definition
        self._events = events
        self._until = until
        self._all_known = known
        awaited = definition.awaited_events()
        self._seen: dict[str, list[LogEvent]] = {name: [] for name in awaited}
        for event in events:
            if event.name in awaited:
                self._seen[event.name].append(event)

    def passages(self, causes: Iterable[LogEvent]) -> Life:
        """Live the passages of one entry key, one after the other."""
        reentry = self._definition.entry.reentry
        entered: list[datetime] = []
        found: list[Passage] = []
        for cause in sorted(causes, key=lambda one: (time_of(one), one.position)):
            at = time_of(cause)
            is_active = bool(found) and found[-1].is_active(cause)
            if may_enter(reentry, entered=entered[: reentry.entries_asked], is_active=is_active, at=at):
                entered.insert(0, at)
                found.append((yield from self._passage(cause)))
        return found

    def _passage(self, cause: LogEvent) -> Generator[Question, Any, Passage]:
        """Live one passage from its entry to its end, or to the end of history."""
        now = time_of(cause)
        ending = ending_of(self._definition, Entered(now, cause.position), self._events)
        passage = Passage(entered_at=now, goal_at=self._known(ending.goal_at))
        if self._known(ending.over[0] if ending.over else None):
            passage.over = ending.over
        state, matched = begin(self._definition, now, cause.position), None
        while True:
            if passage.over_at is not None and passage.over_at <= min(now, self._until):
                passage.outcome, passage.left_at = ending.over_by or ON_THE_WAY, passage.over_at
                passage.steps.append((state.node, passage.outcome))
                return passage
            if now > self._until:
                passage.stands_at = state.node
                return passage
            rounds = Counter(node for node, way in passage.steps if way == "again")
            result = yield from self._advance(state, matched, now, rounds)
            passage.steps += [(step.node, step.outcome) for step in result.steps]
            passage.planned += [(effect.node, now) for effect in result.sends]
            state = result.state
            if state.status is not Status.ACTIVE:
                passage.left_at, passage.outcome = now, result.steps[-1].outcome
                return passage
            matched = self._match(state) if state.is_awaiting else None
            now = max(now, _next(state, matched))

    def _advance(
        self, state: State, matched: Happened | None, now: datetime, rounds: Mapping[str, int]
    ) -> Generator[Question, Any, Advance]:
        """Move on as the engine does at ``now``, asking what must be asked."""
        seen = {name: [one for one in known if time_of(one) <= now] for name, known in self._seen.items()}
        answers = replace(self._all_known, matched=matched, seen=seen, rounds=rounds)
        while True:
            result = advance(self._definition, state, answers, now)
            if not result.asks:
                return result
            node = self._definition.nodes[result.state.node]
            if isinstance(node, WaitUntil):
                assert isinstance(node.until, UntilDate)
                answer = yield Question(result.state.node, now)
                dates = {**answers.attributes, node.until.attribute: answer}
                self._all_known = replace(self._all_known, attributes=dates)
                answers = replace(answers, attributes=dates)
            else:
                way = yield from self._way(result.state.node, now)
                answers = replace(answers, ways={**answers.ways, result.state.seq: way})

    def _way(self, name: str, now: datetime) -> Generator[Question, Any, str]:
        """Ask one condition after the other until one holds; return the way it leads."""
        node = self._definition.nodes[name]
        assert isinstance(node, Condition | Split)
        for place, question in enumerate(questions_of(node)):
            if (yield Question(name, now, place)):
                return question.way
        return way_of_the_rest(node)

    def _match(self, state: State) -> Happened | None:
        """Return the event that will end somebody's waiting."""
        node = self._definition.nodes[state.node]
        assert isinstance(node, WaitEvent)
        assert state.wake_at is not None
        return first_match(node, Awaits(state.came_at, state.came_by, state.wake_at), self._seen[node.event])

    def _known(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at <= self._until else None


def _next(state: State, matched: Happened | None) -> datetime:
    assert state.wake_at is not None
    return matched.occurred_at if matched is not None else state.wake_at


def planned_of(passages: Sequence[Passage]) -> list[Planned]:
    """Return the messages of a person's passages, by time."""
    found = [
        Planned(node, at, number, passage.over_at)
        for number, passage in enumerate(passages)
        for node, at in passage.planned
    ]
    return sorted(found, key=lambda one: one.at)
