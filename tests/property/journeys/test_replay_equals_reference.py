"""A replay of the past is what the engine would have done, looking at everybody at every moment."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from property.journeys.graphs import DUE, ZONE, answers, make_graph, make_history
from property.journeys.reference import Event, Story
from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import Condition, Definition, Split, read_definition
from quanyu.modules.journeys.drawing import lot_of
from quanyu.modules.journeys.graph import questions_of
from quanyu.modules.journeys.replay.living import Passage, live

T0 = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
TICK = 10  # Everything in these stories takes place at whole tens of seconds.


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 2**32), length=st.integers(80, 900))
def test_a_replay_is_what_would_have_happened(seed: int, length: int) -> None:
    random = Random(seed)
    graph, history = make_graph(random), make_history(random)
    until = length // TICK * TICK
    story = _story(graph, history, until)
    definition = read_definition(graph)
    for person in sorted({event.person for event in history}):
        expected = [one for one in story.passages if one.person == person]
        found = _replay(definition, history, person, until)
        assert [_seen(one) for one in found] == [
            (
                one.entered_at,
                [(node, outcome) for _, node, _, _, outcome in one.steps],
                [(node, at) for _, node, at, _ in one.sends],
                one.goal_at,
                one.steps[-1][4] if one.status != "active" else "on_the_way",
                one.node if one.status == "active" else None,
            )
            for one in expected
        ]


def _story(graph: dict[str, Any], history: Sequence[Event], until: int) -> Story:
    story = Story(graph, answers)
    for now in range(0, until + 1, TICK):
        for event in history:
            if event.at == now:
                story.hear(event, float(now))
        story.look(float(now))
    return story


def _replay(definition: Definition, history: Sequence[Event], person: int, until: int) -> list[Passage]:
    mine = [_event(one) for one in history if one.person == person and one.at <= until]
    life = live(
        definition,
        mine,
        since=T0 - timedelta(days=1),
        until=T0 + timedelta(seconds=until),
        lot=lot_of(0, person),
        zone=ZoneInfo(ZONE),
    )
    try:
        question = next(life)
        while True:
            node = definition.nodes[question.node]
            if isinstance(node, Condition | Split):
                test = questions_of(node)[question.place].test
                question = life.send(answers(test, person))
            else:
                question = life.send(DUE[person])
    except StopIteration as end:
        passages: list[Passage] = end.value
        return passages


def _seen(one: Passage) -> tuple[Any, ...]:
    return (
        _seconds(one.entered_at),
        one.steps,
        [(node, _seconds(at)) for node, at in one.planned],
        _seconds(one.goal_at) if one.goal_at else None,
        one.outcome,
        one.stands_at,
    )


def _seconds(at: datetime) -> float:
    return (at - T0).total_seconds()


def _event(one: Event) -> LogEvent:
    at = T0 + timedelta(seconds=one.at)
    return LogEvent(
        position=one.position,
        person_id=PersonId(one.person),
        kind="track",
        name=one.name,
        occurred_at=at,
        received_at=at,
        source="test",
        message_id=str(one.position),
    )
