"""Wall time against instants, on plain days and when clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from quanyu.kernel.wall_clock import first_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def test_a_plain_day() -> None:
    assert first_instant(date(2026, 3, 4), time(8), SHANGHAI) == datetime(2026, 3, 4, 0, tzinfo=UTC)


def test_a_skipped_time_is_the_instant_of_the_change() -> None:
    # Shanghai kept daylight saving time in 1986: 05-04 02:00 was skipped.
    assert first_instant(date(1986, 5, 4), time(2, 30), SHANGHAI) == datetime(1986, 5, 3, 18, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_both() -> None:
    assert first_instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
