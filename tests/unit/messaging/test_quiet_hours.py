"""Quiet hours: the ends of the interval, midnight, and clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.messaging.contracts import QuietHours
from quanyu.modules.messaging.quiet_hours import quiet_end, release_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours(start=time(22), end=time(6))
NOON = QuietHours(start=time(12), end=time(14))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-03-04 21:59:59.999999", None),
        (NIGHT, "2026-03-04 22:00", "2026-03-05 06:00"),  # Start inclusive.
        (NIGHT, "2026-03-04 23:59:59", "2026-03-05 06:00"),
        (NIGHT, "2026-03-05 00:00", "2026-03-05 06:00"),
        (NIGHT, "2026-03-05 05:59:59.999999", "2026-03-05 06:00"),
        (NIGHT, "2026-03-05 06:00", None),  # End exclusive.
        (NIGHT, "2026-03-05 12:00", None),  # Crossing midnight does not turn the interval around.
        (NOON, "2026-03-04 11:59:59", None),
        (NOON, "2026-03-04 12:00", "2026-03-04 14:00"),
        (NOON, "2026-03-04 14:00", None),
        (QuietHours(start=time(9), end=time(9)), "2026-03-04 09:00", None),  # Equal: never.
        (QuietHours(start=time(0), end=time(23, 59)), "2026-03-04 00:00", "2026-03-04 23:59"),
    ],
)
def test_the_interval(hours: QuietHours, now: str, end: str | None) -> None:
    assert quiet_end(hours, SHANGHAI, at(now)) == (at(end) if end else None)


def test_the_brands_zone_decides() -> None:
    instant = at("2026-03-04 23:00", SHANGHAI)  # 10:00 in New York.
    assert quiet_end(NIGHT, NEW_YORK, instant) is None


def test_a_wall_time_that_is_skipped_ends_at_the_change() -> None:
    # 2026-03-08 02:00 → 03:00 in New York.
    hours = QuietHours(start=time(22), end=time(2, 30))
    end = quiet_end(hours, NEW_YORK, at("2026-03-08 01:00", NEW_YORK))
    assert end == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_wall_time_that_comes_twice_ends_at_its_first_occurrence() -> None:
    # 2026-11-01 02:00 → 01:00 in New York: 01:30 comes at 05:30Z and at 06:30Z.
    hours = QuietHours(start=time(22), end=time(1, 30))
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert quiet_end(hours, NEW_YORK, first - timedelta(seconds=1)) == first
    assert quiet_end(hours, NEW_YORK, first) is None
    assert quiet_end(hours, NEW_YORK, first + timedelta(minutes=45)) is None  # 01:15 for the second time.


def test_release_is_spread_and_the_same_each_time() -> None:
    hours = QuietHours(start=time(22), end=time(6), jitter_s=600)
    end = at("2026-03-05 06:00")
    releases = [release_at(hours, SHANGHAI, end=end, key=f"k{n}") for n in range(2_000)]
    again = [release_at(hours, SHANGHAI, end=end, key=f"k{n}") for n in range(2_000)]

    assert releases == again
    assert min(releases) >= end
    assert max(releases) < end + timedelta(minutes=10)
    assert len(set(releases)) > 500


def test_release_never_reaches_into_the_next_quiet_time() -> None:
    hours = QuietHours(start=time(6, 1), end=time(6), jitter_s=3_600)  # Open for one minute a day.
    end = at("2026-03-05 06:00")
    for n in range(500):
        assert quiet_end(hours, SHANGHAI, release_at(hours, SHANGHAI, end=end, key=str(n))) is None


def test_no_jitter_means_the_very_end() -> None:
    hours = QuietHours(start=time(22), end=time(6), jitter_s=0)
    end = at("2026-03-05 06:00")
    assert release_at(hours, SHANGHAI, end=end, key="k") == end


def test_quiet_hours_are_local_times() -> None:
    with pytest.raises(ValueError, match="local times"):
        QuietHours(start=time(22, tzinfo=UTC), end=time(6))
