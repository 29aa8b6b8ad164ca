"""Who came and who went: GC-5, EV-3 and EV-4 as pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.modules.community.groups import rules
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey, SeenMember

NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)


def key(name: str, minutes: int = 0) -> MemberKey:
    return MemberKey(name.encode(), NOON + timedelta(minutes=minutes))


def seen(*keys: MemberKey) -> list[SeenMember]:
    return [SeenMember(key=one, is_customer=True) for one in keys]


def test_who_is_new_came_and_who_is_missing_went() -> None:
    changes = rules.compare({key("a"): True, key("b"): True, key("gone"): False}, seen(key("b"), key("c")))

    assert [one.key for one in changes.joined] == [key("c")]
    assert changes.left == (key("a"),)
    assert changes.returned == ()


def test_joining_again_ends_one_stay_and_begins_another() -> None:
    changes = rules.compare({key("a"): True}, seen(key("a", 30)))

    assert [one.key for one in changes.joined] == [key("a", 30)]
    assert changes.left == (key("a"),)


def test_a_stay_taken_for_ended_that_lasts_is_taken_back() -> None:
    assert rules.compare({key("a"): False}, seen(key("a"))).returned == (key("a"),)


@pytest.mark.parametrize(
    ("event_at", "synthetic"),
    [
        (None, True),  # Nobody told us: a sync found it.
        (NOON, False),
        (NOON + timedelta(minutes=4), False),  # The callback came a little after the join.
        (NOON + timedelta(minutes=6), True),  # Another join was told; this one is older.
        (NOON - timedelta(days=1), False),  # Joined after the first event nobody had looked into.
    ],
)
def test_joins_nobody_told_of_are_synthetic(event_at: datetime | None, synthetic: bool) -> None:
    """EV-3."""
    assert rules.is_synthetic(NOON, event_at) is synthetic


def test_how_members_left_is_known_only_if_all_went_alike() -> None:
    left, removed = rules.quit_bit("0"), rules.quit_bit(1)

    assert rules.leave_scene(left) is LeaveScene.LEFT
    assert rules.leave_scene(removed) is LeaveScene.REMOVED
    assert rules.leave_scene(left | removed) is None
    assert rules.leave_scene(rules.quit_bit(None)) is None


def test_nobody_leaves_before_they_came() -> None:
    assert rules.left_at(NOON, NOON - timedelta(hours=1), NOON) == NOON
    assert rules.left_at(NOON, None, NOON + timedelta(hours=1)) == NOON + timedelta(hours=1)
    assert rules.left_at(NOON, NOON + timedelta(minutes=2), NOON + timedelta(hours=1)) == NOON + timedelta(
        minutes=2
    )
