"""When broadcasts are due, who gets which hour and wave, and which moves are legal."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.plays.broadcasts import rules
from quanyu.modules.plays.broadcasts.contracts import (
    At,
    BroadcastStatus,
    Now,
    Recurring,
    Timing,
    Waves,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # A Monday in Shanghai.


def test_what_is_past_is_due_now() -> None:
    assert rules.first_at(Now(), SHANGHAI, NOON) == NOON
    assert rules.first_at(At(at=NOON - timedelta(days=1)), SHANGHAI, NOON) == NOON
    assert rules.first_at(At(at=NOON + timedelta(days=1)), SHANGHAI, NOON) == NOON + timedelta(days=1)
    assert rules.next_at(Now(), SHANGHAI, NOON) is None


def test_a_recurring_one_is_due_on_its_days_until_the_last() -> None:
    mondays = Recurring(weekdays=(1,), at=time(12), until=date(2026, 3, 9))
    first = rules.first_at(mondays, SHANGHAI, NOON - timedelta(hours=1))
    assert first == NOON
    assert rules.next_at(mondays, SHANGHAI, NOON) == NOON + timedelta(days=7)
    assert rules.next_at(mondays, SHANGHAI, NOON + timedelta(days=7)) is None


def test_a_time_the_clocks_skip_is_the_instant_after() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    nightly = Recurring(weekdays=(7,), at=time(2, 30))
    skipped = rules.first_at(nightly, berlin, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 3:30 in summer time.


@given(st.integers(0, 86_399), st.integers(0, 23), st.integers(1, 10_000))
def test_an_hour_comes_within_a_day(second: int, hour: int, person: int) -> None:
    start = NOON + timedelta(seconds=second)
    at = rules.at_hour(start, SHANGHAI, hour, "bct_1", person)
    assert start <= at < start + timedelta(days=1, hours=1)
    assert at.astimezone(SHANGHAI).hour == hour


def test_shares_are_what_was_asked_for_and_stay() -> None:
    people = range(1, 20_001)
    random = [one for one in people if rules.timing_of("bct_1", one, 1_000) is Timing.RANDOM]
    assert 0.09 < len(random) / 20_000 < 0.11
    assert {rules.hour_of("bct_1", one) for one in random} == set(range(24))
    first = [one for one in people if rules.wave_of("bct_1", one, Waves()) == 0]
    assert 0.045 < len(first) / 20_000 < 0.055
    assert all(rules.wave_of("bct_1", one, None) == 0 for one in range(100))


def test_a_wave_may_do_as_much_harm_as_was_said() -> None:
    """MS-7."""
    waves = Waves(failed_max_bps=1_000, unsubscribed_max_bps=200)
    assert rules.may_go_on(waves, tried=100, failed=10, unsubscribed=2)
    assert not rules.may_go_on(waves, tried=100, failed=11, unsubscribed=0)
    assert not rules.may_go_on(waves, tried=100, failed=0, unsubscribed=3)
    assert rules.may_go_on(waves, tried=0, failed=0, unsubscribed=0)


def test_every_state_can_be_reached_and_what_is_over_stays_so() -> None:
    """MS-1: legal moves."""
    reached, before = {BroadcastStatus.DRAFT}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {target for target in BroadcastStatus if rules.sources_of(target) & reached}
    assert reached == set(BroadcastStatus)
    over = {BroadcastStatus.DONE, BroadcastStatus.CANCELLED}
    assert not any(rules.sources_of(target) & over for target in BroadcastStatus)


def test_parts_of_an_audience_follow_each_other() -> None:
    members = [3, 5, 8, 9]
    assert rules.chunk_after(members, 0, 2) == [3, 5]
    assert rules.chunk_after(members, 5, 2) == [8, 9]
    assert rules.chunk_after(members, 6, 9) == [8, 9]
    assert rules.chunk_after(members, 9, 2) == []
