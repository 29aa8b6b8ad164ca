"""What follows and unfollows add up to does not depend on their order or on repetitions."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.channels.rules import (
    Asked,
    FollowChange,
    FollowState,
    apply_changes,
    reconcile,
)

T0 = datetime(2026, 3, 4, tzinfo=UTC)
seconds = st.integers(0, 6)
changes = st.builds(
    lambda second, subscribed: FollowChange(T0 + timedelta(seconds=second), subscribed),
    seconds,
    st.booleans(),
)


@given(st.lists(changes, max_size=12), st.randoms(use_true_random=False), st.integers(0, 12))
def test_order_repetition_and_cutting_do_not_matter(
    happened: list[FollowChange], shuffle: random.Random, cut: int
) -> None:
    mixed = [*happened, *happened[:cut]]
    shuffle.shuffle(mixed)

    in_parts = apply_changes(apply_changes(FollowState(), mixed[:cut]), mixed[cut:])

    assert in_parts == apply_changes(FollowState(), happened)


@given(st.lists(changes, min_size=1, max_size=12))
def test_the_last_second_decides(happened: list[FollowChange]) -> None:
    state = apply_changes(FollowState(), happened)

    last = max(change.at for change in happened)
    said = {change.subscribed for change in happened if change.at == last}
    assert state.changed_at == last
    assert state.is_disputed == (said == {True, False})
    assert state.subscribed == (said == {True})


@given(st.lists(changes, max_size=8), st.randoms(use_true_random=False))
def test_asking_settles_what_really_is(happened: list[FollowChange], shuffle: random.Random) -> None:
    """Events arrive in any order, some before we ask and some after: in the end we know the truth."""
    truth = sorted({change.at: change for change in happened}.values(), key=lambda change: change.at)
    now_following = bool(truth) and truth[-1].subscribed
    since = truth[-1].at if now_following else None
    asked = Asked(T0 + timedelta(hours=1), now_following, since)
    shuffle.shuffle(truth)
    cut = shuffle.randint(0, len(truth))

    state = apply_changes(FollowState(), truth[:cut])
    state = reconcile(state, asked).state
    state = apply_changes(state, truth[cut:])

    if now_following:
        assert state.subscribed is True
    elif truth[cut:] == [] or not any(change.subscribed for change in truth[cut:]):
        assert state.subscribed is False
