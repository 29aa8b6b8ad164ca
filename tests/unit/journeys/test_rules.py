"""The step function of journeys: pure, deterministic, and never stuck in place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.awaiting import Awaits, happened
from quanyu.modules.journeys.definition import Reentry, ReentryMode, read_definition
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.journeys.rules import (
    Advance,
    Answers,
    State,
    Status,
    advance,
    begin,
    may_enter,
)

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEST = {"kind": "attribute", "key": "city", "op": "eq", "value": "杭州"}


def graph(**nodes: dict[str, Any]) -> dict[str, Any]:
    return {"entry": {"kind": "event", "event": "Followed"}, "start": next(iter(nodes)), "nodes": nodes}


WELCOME = graph(
    pause={"kind": "wait", "seconds": 3600, "next": "local"},
    local={"kind": "condition", "test": TEST, "yes": "hello", "no": "out"},
    hello={
        "kind": "send",
        "account_id": "oac_1",
        "message_kind": "customer_service_text",
        "content": {"text": "你好"},
        "next": "bought",
    },
    bought={
        "kind": "wait_event",
        "event": "Order Completed",
        "timeout_s": 86400,
        "matched": "out",
        "timeout": "out",
    },
    out={"kind": "end"},
)


def at(node: str, seq: int, came_at: datetime, *, by: int | None = None, awaiting: bool = False) -> State:
    """Return somebody's place; ``wake_at`` is of no matter to the step function."""
    return State(node, seq, Status.ACTIVE, came_at, by, came_at, awaiting)


def passed(result: Advance) -> list[tuple[str, str]]:
    return [(step.node, step.outcome) for step in result.steps]


def event(minutes: float, position: int = 100, name: str = "Order Completed") -> LogEvent:
    at = NOW + minutes * HOUR / 60
    return LogEvent(
        position=position,
        person_id=PersonId(1),
        kind="track",
        name=name,
        occurred_at=at,
        received_at=at,
        source="test",
        message_id=str(position),
        properties={"order_id": f"o-{position}"},
    )


def seen(*events: LogEvent) -> dict[str, list[LogEvent]]:
    return {one.name: [other for other in events if other.name == one.name] for one in events}


def test_a_passage_waits_asks_sends_and_ends() -> None:
    definition = parse_definition(WELCOME)
    parked = advance(definition, begin(definition, NOW), Answers(), NOW)
    assert parked.state == State("pause", 0, Status.ACTIVE, NOW, None, NOW + HOUR)
    assert advance(definition, parked.state, Answers(), NOW + HOUR / 2).state == parked.state

    asking = advance(definition, parked.state, Answers(), NOW + HOUR)
    assert (asking.asks, asking.state.node, passed(asking)) == (True, "local", [("pause", "next")])

    told = advance(definition, asking.state, Answers(ways={1: "yes"}, seen={}), NOW + HOUR)
    assert [send.node for send in told.sends] == ["hello"]
    assert passed(told) == [("local", "yes"), ("hello", "next")]
    assert told.state.node == "bought"
    assert told.state.is_awaiting
    assert told.state.wake_at == NOW + HOUR + timedelta(days=1)

    matched = advance(definition, told.state, Answers(matched=happened(event(120))), NOW + 3 * HOUR)
    assert passed(matched) == [("bought", "matched"), ("out", "end")]
    assert matched.state.status is Status.COMPLETED
    assert matched.state.wake_at is None
    assert matched.matched == happened(event(120))


def test_time_runs_out_when_nothing_comes() -> None:
    definition = parse_definition(WELCOME)
    waiting = at("bought", 3, NOW - timedelta(days=1), awaiting=True)
    assert passed(advance(definition, waiting, Answers(), NOW))[0] == ("bought", "timeout")
    early = waiting.came_at + timedelta(days=1) - timedelta(microseconds=1)
    assert advance(definition, waiting, Answers(), early).steps == ()


def test_who_comes_to_wait_asks_first_whether_it_has_already_happened() -> None:
    """JN-9."""
    definition = parse_definition(graph(bought=WELCOME["nodes"]["bought"], out={"kind": "end"}))
    asking = advance(definition, begin(definition, NOW), Answers(), NOW + HOUR)
    assert asking.asks
    came = advance(definition, begin(definition, NOW), Answers(seen=seen(event(70), event(10))), NOW + HOUR)
    assert passed(came) == [("bought", "matched"), ("out", "end")]


@pytest.mark.parametrize(
    ("came_by", "minutes", "position", "counts"),
    [
        (None, 0, 7, True),  # At the instant they came.
        (None, -0.001, 7, False),
        (None, 60, 7, True),  # At the instant the time is up: the branch listed first wins.
        (None, 60.001, 7, False),
        (7, 0, 7, False),  # What brought them opens one door only.
        (7, 0, 6, False),
        (7, 0, 8, True),  # Of one instant, accepted later.
        (7, 0.001, 6, True),
    ],
)
def test_which_events_count_for_who_waits(
    came_by: int | None, minutes: float, position: int, counts: bool
) -> None:
    """JN-9: ties go to the event."""
    assert Awaits(NOW, came_by, NOW + HOUR).takes(happened(event(minutes, position))) is counts


def test_time_flows_with_what_happens_not_with_when_the_engine_looks() -> None:
    nodes: dict[str, Any] = {
        "first": {"kind": "wait", "seconds": 60, "next": "second"},
        "second": {"kind": "wait", "seconds": 60, "next": "third"},
        "third": {"kind": "wait_event", "event": "X", "timeout_s": 60, "matched": "last", "timeout": "last"},
        "last": {"kind": "wait", "seconds": 600, "next": "out"},
        "out": {"kind": "end"},
    }
    definition = parse_definition(graph(**nodes))
    late = advance(
        definition, begin(definition, NOW), Answers(seen=seen(event(2.5, name="X"))), NOW + HOUR / 10
    )
    assert passed(late) == [("first", "next"), ("second", "next"), ("third", "matched")]
    assert [step.entered_at for step in late.steps] == [NOW, NOW + HOUR / 60, NOW + HOUR / 30]
    assert {step.left_at for step in late.steps} == {NOW + HOUR / 10}
    assert late.state.came_at == NOW + 2.5 * HOUR / 60


def test_a_message_brings_a_passage_to_the_present() -> None:
    nodes: dict[str, Any] = {
        "pause": {"kind": "wait", "seconds": 60, "next": "hello"},
        "hello": {**WELCOME["nodes"]["hello"], "next": "rest"},
        "rest": {"kind": "wait", "seconds": 60, "next": "again"},
        "again": {**WELCOME["nodes"]["hello"], "next": "out"},
        "out": {"kind": "end"},
    }
    definition = parse_definition(graph(**nodes))
    after_a_pause = NOW + timedelta(days=3)
    result = advance(definition, begin(definition, NOW), Answers(), after_a_pause)
    assert [send.node for send in result.sends] == ["hello"]  # And not both at once.
    assert (result.state.node, result.state.came_at) == ("rest", after_a_pause)


def test_at_most_an_hour_is_caught_up() -> None:
    nodes: dict[str, Any] = {
        "pause": {"kind": "wait", "seconds": 60, "next": "rest"},
        "rest": {"kind": "wait", "seconds": 7200, "next": "out"},
        "out": {"kind": "end"},
    }
    definition = parse_definition(graph(**nodes))
    late = NOW + timedelta(days=3)
    result = advance(definition, begin(definition, NOW, by=7), Answers(), late)
    assert (result.state.came_at, result.state.came_by) == (late - HOUR, None)
    assert result.state.wake_at == late + HOUR


def test_who_turns_in_time_goes_on_later_and_who_turns_in_place_is_let_out() -> None:
    """JN-11. The second graph cannot be published; should one come along, nobody turns in it for ever."""
    turning = {"kind": "wait_event", "event": "X", "timeout_s": 1, "matched": "out", "timeout": "again"}
    definition = parse_definition(graph(again=turning, out={"kind": "end"}))
    late = NOW + HOUR / 2
    first = advance(definition, begin(definition, NOW), Answers(seen={}), late)
    assert (first.asks, first.state.seq, first.state.came_at) == (False, 1000, NOW + timedelta(seconds=1000))
    in_place = read_definition(graph(a={"kind": "wait", "seconds": 0, "next": "a"}))
    stuck = advance(in_place, begin(in_place, NOW), Answers(), late)
    assert (stuck.state.status, stuck.steps[-1].outcome) == (Status.EXITED, "stuck")


@given(st.lists(st.integers(0, 100_000), max_size=8), st.booleans())
def test_looking_often_or_once_leads_to_the_same_place(looks: list[int], yes: bool) -> None:
    """Advancing is a function of state and time: extra looks in between change nothing but when."""
    definition = parse_definition(WELCOME)
    answers = Answers(ways={1: "yes" if yes else "no"}, seen={})
    end = NOW + timedelta(days=3)
    state = begin(definition, NOW)
    outcomes = []
    for look in [*sorted(NOW + timedelta(seconds=look) for look in looks), end, end + timedelta(days=2)]:
        result = advance(definition, state, answers, look)
        outcomes += passed(result)
        state = result.state
        if state.status is not Status.ACTIVE:
            break
    assert state.status is Status.COMPLETED
    sent = [("hello", "next"), ("bought", "timeout")] if yes else []
    assert outcomes == [("pause", "next"), ("local", "yes" if yes else "no"), *sent, ("out", "end")]


def test_steps_are_numbered_without_gaps() -> None:
    definition = parse_definition(WELCOME)
    result = advance(definition, at("pause", 0, NOW - HOUR), Answers(ways={1: "no"}), NOW)
    assert [step.seq for step in result.steps] == [0, 1, 2]
    assert result.state.seq == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": "nowhere"}, "no node nowhere"),
        ({"nodes": {"pause": {"kind": "wait", "seconds": 1, "next": "gone"}}}, "no node gone"),
        ({"nodes": {"pause": {"kind": "end"}, "island": {"kind": "end"}}}, "nobody can get here"),
        (
            {
                "nodes": {
                    "pause": {"kind": "condition", "test": TEST, "yes": "pause", "no": "out"},
                    "out": {"kind": "end"},
                }
            },
            "loop needs a wait",
        ),
        ({"nodes": {"pause": {"kind": "fly"}}}, "nodes.pause"),
        ({"nodes": {}}, "nodes"),
    ],
)
def test_a_graph_nobody_can_follow_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidJourney, match=says):
        parse_definition({**WELCOME, **change})


def test_a_loop_with_a_wait_is_allowed() -> None:
    """JN-11."""
    parse_definition(
        graph(
            rest={"kind": "wait", "seconds": 60, "next": "again"},
            again={"kind": "condition", "test": TEST, "yes": "rest", "no": "out"},
            out={"kind": "end"},
        )
    )


@pytest.mark.parametrize(
    ("reentry", "last", "active", "allowed"),
    [
        (Reentry(), None, False, True),
        (Reentry(), NOW - HOUR, False, False),
        (Reentry(mode=ReentryMode.AFTER_EXIT), NOW - HOUR, True, False),
        (Reentry(mode=ReentryMode.AFTER_EXIT), NOW - HOUR, False, True),
        (Reentry(mode=ReentryMode.COOL_DOWN, cool_down_s=3600), NOW - HOUR, False, True),
        (Reentry(mode=ReentryMode.COOL_DOWN, cool_down_s=3601), NOW - HOUR, False, False),
        (Reentry(mode=ReentryMode.COOL_DOWN, cool_down_s=0), NOW - HOUR, True, False),
        (Reentry(mode=ReentryMode.AFTER_EXIT), NOW - timedelta(milliseconds=999), False, False),
        (Reentry(mode=ReentryMode.AFTER_EXIT), NOW - timedelta(seconds=1), False, True),
    ],
)
def test_reentry(reentry: Reentry, last: datetime | None, active: bool, allowed: bool) -> None:
    """JN-3: a cool-down counts from the last entry. JN-4: at most one entry a second."""
    assert may_enter(reentry, entered=() if last is None else (last,), is_active=active, at=NOW) is allowed


@pytest.mark.parametrize(
    ("hours_ago", "allowed"),
    [((), True), ((5,), True), ((5, 30), True), ((5, 23), False), ((5, 24), True), ((0,), False)],
)
def test_at_most_so_often_in_a_period(hours_ago: tuple[int, ...], allowed: bool) -> None:
    """JN-3: at most k entries within any period; the instant a whole period after one is free again."""
    reentry = Reentry(mode=ReentryMode.PER_PERIOD, times=2, period_s=86_400)
    entered = tuple(NOW - hours * HOUR for hours in hours_ago)
    assert may_enter(reentry, entered=entered, is_active=False, at=NOW) is allowed
