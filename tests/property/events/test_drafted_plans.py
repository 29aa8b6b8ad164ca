"""A plan drafted from observed events accepts those events, whatever they hold."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.events.observed.inference import infer
from quanyu.modules.events.plan.contracts import PlanMode
from quanyu.modules.events.plan.rules import CHOICES_DRAFTED_FROM, check, draft
from quanyu.modules.people.traits import may_be_shown

# Few keys, some with dots or empty: the same path is reached in several ways, with several types.
KEYS = st.sampled_from(["a", "b", "a.b", "b.c", "a.b.c", "", "phone", "名"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "红", "13812345678", "长" * 80])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=6)


def shown(key: str, value: Any) -> bool:
    return may_be_shown(False, key, value)


@given(EVENTS)
def test_a_drafted_plan_accepts_the_events_it_was_drafted_from(events: list[dict[str, Any]]) -> None:
    # As many of each as make choices of texts that repeat.
    events = events * CHOICES_DRAFTED_FROM
    plan = draft(infer(events, shown), len(events))

    assert plan.mode is PlanMode.OFF
    assert [check(plan, event) for event in events[: len(events) // CHOICES_DRAFTED_FROM]] == [()] * (
        len(events) // CHOICES_DRAFTED_FROM
    )
