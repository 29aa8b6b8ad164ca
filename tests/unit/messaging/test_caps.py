"""Caps: from when messages count, and when there is room again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.messaging.caps import counts_after, longest, room_again, stops_counting
from quanyu.modules.messaging.contracts import CapRule, CapUnit

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]
rules = st.builds(
    CapRule,
    key=st.just("rule"),
    limit=st.integers(1, 4),
    every=st.integers(1, 40),
    unit=st.sampled_from(CapUnit),
)
instants = st.integers(1_735_689_600, 1_830_297_600).map(lambda at: datetime.fromtimestamp(at, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("unit", "every", "taken", "first_free"),
    [
        (CapUnit.MINUTES, 90, "2026-03-04 22:00", "2026-03-04 23:30"),
        (CapUnit.HOURS, 24, "2026-03-04 22:00", "2026-03-05 22:00"),
        (CapUnit.DAYS, 1, "2026-03-04 22:00", "2026-03-05 00:00"),
        (CapUnit.DAYS, 3, "2026-03-04 22:00", "2026-03-07 00:00"),
        (CapUnit.WEEKS, 1, "2026-03-04 22:00", "2026-03-09 00:00"),  # Weeks begin on Monday.
        (CapUnit.MONTHS, 1, "2026-03-04 22:00", "2026-04-01 00:00"),
        (CapUnit.MONTHS, 12, "2026-03-04 22:00", "2027-03-01 00:00"),
    ],
)
def test_when_a_message_stops_counting(unit: CapUnit, every: int, taken: str, first_free: str) -> None:
    rule = CapRule(key="rule", limit=1, every=every, unit=unit)
    assert room_again(rule, SHANGHAI, [at(taken)], limit=1, now=at(taken)) == at(first_free)


@given(rule=rules, zone=st.sampled_from(ZONES), taken=instants, now=instants)
def test_both_readings_of_a_rule_agree(rule: CapRule, zone: ZoneInfo, taken: datetime, now: datetime) -> None:
    """It counts at ``now`` exactly as long as its time has not come."""
    if taken <= now:
        assert (taken > counts_after(rule, zone, now)) == (now < stops_counting(rule, zone, taken))
        assert stops_counting(rule, zone, taken) <= taken + longest(rule)


@given(
    rule=rules,
    zone=st.sampled_from(ZONES),
    now=instants,
    ago=st.lists(st.integers(0, 10_000_000), max_size=9),
)
def test_there_is_room_when_it_says_and_not_before(
    rule: CapRule, zone: ZoneInfo, now: datetime, ago: list[int]
) -> None:
    taken = [now - timedelta(seconds=one) for one in ago]
    when = room_again(rule, zone, taken, limit=rule.limit, now=now)

    def counting(instant: datetime) -> int:
        return sum(one > counts_after(rule, zone, instant) for one in taken)

    assert counting(when) < rule.limit
    if when > now:
        assert counting(when - timedelta(microseconds=1)) >= rule.limit
