"""The step function of journeys: pure, deterministic, and never stuck in place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.journeys.definition import Reentry, ReentryMode, parse_definition
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.rules import Answers, State, Status, advance, begin, may_enter

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


def test_a_passage_waits_asks_sends_and_ends() -> None:
    definition = parse_definition(WELCOME)
    parked = advance(definition, begin(definition, NOW), Answers({}), NOW)
    assert parked.state == State("pause", 0, Status.ACTIVE, NOW + HOUR, NOW)
    assert advance(definition, parked.state, Answers({}), NOW + HOUR / 2).state == parked.state

    asking = advance(definition, parked.state, Answers({}), NOW + HOUR)
    assert asking.asks == "local"

    told = advance(definition, parked.state, Answers({"local": True}), NOW + HOUR)
    assert [send.node for send in told.sends] == ["hello"]
    assert [(step.node, step.outcome) for step in told.steps] == [
        ("pause", "next"),
        ("local", "yes"),
        ("hello", "next"),
    ]
    assert told.state.node == "bought"
    assert told.state.wake_at == NOW + HOUR + timedelta(days=1)

    matched = advance(definition, told.state, Answers({}, matched_at=NOW + 2 * HOUR), NOW + 3 * HOUR)
    assert [(step.node, step.outcome) for step in matched.steps] == [("bought", "matched"), ("out", "end")]
    assert matched.state.status is Status.COMPLETED
    assert matched.state.wake_at is None


def test_time_runs_out_when_nothing_comes() -> None:
    definition = parse_definition(WELCOME)
    waiting = State("bought", 3, Status.ACTIVE, NOW, NOW - timedelta(days=1))
    result = advance(definition, waiting, Answers({}), NOW)
    assert result.steps[0].outcome == "timeout"


def test_an_event_after_the_time_was_up_does_not_count() -> None:
    definition = parse_definition(WELCOME)
    waiting = State("bought", 3, Status.ACTIVE, NOW, NOW - timedelta(days=1))
    result = advance(definition, waiting, Answers({}, matched_at=NOW + HOUR), NOW + HOUR)
    assert result.steps[0].outcome == "timeout"


@given(st.lists(st.integers(0, 100_000), max_size=8), st.booleans())
def test_looking_often_or_once_leads_to_the_same_place(looks: list[int], yes: bool) -> None:
    """Advancing is a function of state and time: extra looks in between change nothing but when."""
    definition = parse_definition(WELCOME)
    answers = Answers({"local": yes})
    end = NOW + timedelta(days=3)
    state = begin(definition, NOW)
    outcomes = []
    for at in [*sorted(NOW + timedelta(seconds=look) for look in looks), end, end + timedelta(days=2)]:
        result = advance(definition, state, answers, at)
        outcomes += [(step.node, step.outcome) for step in result.steps]
        state = result.state
        if state.status is not Status.ACTIVE:
            break
    assert state.status is Status.COMPLETED
    sent = [("hello", "next"), ("bought", "timeout")] if yes else []
    assert outcomes == [("pause", "next"), ("local", "yes" if yes else "no"), *sent, ("out", "end")]


def test_steps_are_numbered_without_gaps() -> None:
    definition = parse_definition(WELCOME)
    result = advance(
        definition, State("pause", 0, Status.ACTIVE, NOW, NOW - HOUR), Answers({"local": False}), NOW
    )
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
    ],
)
def test_reentry(reentry: Reentry, last: datetime | None, active: bool, allowed: bool) -> None:
    """JN-3: a cool-down counts from the last entry."""
    assert may_enter(reentry, last_entry_at=last, is_active=active, at=NOW) is allowed
