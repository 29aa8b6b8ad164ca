"""What asking the platform settles, and what it leaves open."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.modules.channels.rules import Asked, FollowState, reconcile

T0 = datetime(2026, 3, 4, tzinfo=UTC)


def at(second: int) -> datetime:
    return T0 + timedelta(seconds=second)


FOLLOWING = FollowState(subscribed=True, changed_at=at(0), subscribed_at=at(0))
DISPUTED = FollowState(subscribed=False, changed_at=at(0), is_disputed=True, subscribed_at=at(0))
LEFT = FollowState(subscribed=False, changed_at=at(50), subscribed_at=at(0))


@pytest.mark.parametrize(
    ("state", "asked", "subscribed", "disputed"),
    [
        (FollowState(), Asked(at(9), True, at(0)), True, False),
        (FollowState(), Asked(at(9), False, None), False, False),
        (DISPUTED, Asked(at(9), True, at(0)), True, False),
        (DISPUTED, Asked(at(9), False, None), False, False),
        # They left after the answer was made: the answer is older than what we know.
        (LEFT, Asked(at(49), True, at(0)), False, False),
        (LEFT, Asked(at(99), True, at(80)), True, False),
        # The unfollow event was lost: the platform knows better.
        (FOLLOWING, Asked(at(3600), False, None), False, False),
    ],
)
def test_settled(state: FollowState, asked: Asked, subscribed: bool, disputed: bool) -> None:
    settled = reconcile(state, asked)

    assert (settled.state.subscribed, settled.state.is_disputed) == (subscribed, disputed)
    assert settled.ask_again_at is None


def test_a_follow_while_we_asked_is_asked_about_again() -> None:
    settled = reconcile(FOLLOWING, Asked(at(1), False, None))

    assert settled.state == FOLLOWING
    assert settled.ask_again_at == at(61)
