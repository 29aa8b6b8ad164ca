"""Quiet hours: the ends of the interval, midnight, and clock changes."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.messaging import quiet_hours
from quanyu.modules.messaging.contracts import DayKind, Holidays, MessagePolicy, QuietHours, QuietMode
from quanyu.modules.messaging.quiet_hours import Calendar, Quiet, quiet_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours(start=time(22), end=time(6))
NOON = QuietHours(start=time(12), end=time(14))
OFF = QuietHours(start=time(8), end=time(20), days=DayKind.DAY_OFF)
WORK = QuietHours(start=time(8), end=time(20), days=DayKind.WORKDAY)
SUNDAY = QuietHours(start=time(8), end=time(20), weekdays=(7,))


def quiet_end(hours: QuietHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    quiet = quiet_at(MessagePolicy(quiet_hours=(hours,)), zone, at)
    return quiet.end if quiet else None


def release_at(hours: QuietHours, zone: ZoneInfo, *, end: datetime, key: str) -> datetime:
    quiet = Quiet(end, hours.mode, hours.jitter_s)
    return quiet_hours.release_at(MessagePolicy(quiet_hours=(hours,)), zone, quiet, key=key)


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


def test_several_quiet_hours_that_touch_are_one_and_any_that_drops_makes_it_drop() -> None:
    evening = QuietHours(start=time(20), end=time(22), mode=QuietMode.DROP)
    policy = MessagePolicy(quiet_hours=(NIGHT, evening, NOON))

    quiet = quiet_at(policy, SHANGHAI, at("2026-03-04 21:00"))
    assert quiet == Quiet(at("2026-03-05 06:00"), QuietMode.DROP, 900)
    assert quiet_at(policy, SHANGHAI, at("2026-03-04 13:00")) == Quiet(
        at("2026-03-04 14:00"), QuietMode.HOLD, 900
    )
    assert quiet_at(policy, SHANGHAI, at("2026-03-04 15:00")) is None


def test_release_does_not_reach_into_another_quiet_time() -> None:
    policy = MessagePolicy(quiet_hours=(NIGHT, QuietHours(start=time(6, 5), end=time(7), jitter_s=3_600)))
    quiet = Quiet(at("2026-03-05 06:00"), QuietMode.HOLD, 3_600)
    for n in range(200):
        released = quiet_hours.release_at(policy, SHANGHAI, quiet, key=str(n))
        assert released < at("2026-03-05 06:05")


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        # 2026-10-01 … 07 is National Day; 2026-10-10, a Saturday, is worked to make up for it.
        (
            OFF,
            "2026-10-02 09:00",
            "2026-10-02 20:00",
        ),
        (OFF, "2026-10-10 09:00", None),
        (
            WORK,
            "2026-10-10 09:00",
            "2026-10-10 20:00",
        ),
        (SUNDAY, "2026-10-11 09:00", "2026-10-11 20:00"),
        (SUNDAY, "2026-10-12 09:00", None),
        # Whole days run into each other: from Thursday to the first workday.
        (
            QuietHours(start=time(0), end=time(0), all_day=True, days=DayKind.DAY_OFF),
            "2026-10-01 12:00",
            "2026-10-08 00:00",
        ),
    ],
)
def test_holidays_and_weekdays_decide_on_which_days_it_is_quiet(  # SOP-5
    hours: QuietHours, now: str, end: str | None
) -> None:
    policy = MessagePolicy(quiet_hours=(hours,), holidays=Holidays.CHINA)
    quiet = quiet_at(policy, SHANGHAI, at(now))
    assert (quiet.end if quiet else None) == (at(end) if end else None)


def test_the_brands_own_days_come_before_holidays_and_unknown_years_know_weekends() -> None:
    own = Calendar(Holidays.CHINA, {date(2026, 10, 2): DayKind.WORKDAY})
    assert own.kind(date(2026, 10, 2)) is DayKind.WORKDAY
    assert own.kind(date(2026, 10, 3)) is DayKind.DAY_OFF
    assert own.kind(date(2099, 10, 1)) is DayKind.WORKDAY  # A Thursday of a year nobody knows yet.
    assert Calendar().kind(date(2026, 10, 1)) is DayKind.WORKDAY


@pytest.mark.shared
def test_the_calendar_is_what_the_state_council_announced(shared_data: Path) -> None:
    calendar, told = Calendar(Holidays.CHINA), 0
    path = shared_data / "data" / "cn_calendar" / "cn_statutory_days_2004_2023.csv"
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            expected = DayKind.DAY_OFF if row["kind"] == "holiday" else DayKind.WORKDAY
            assert calendar.kind(date.fromisoformat(row["date"])) is expected, row
            told += 1
    assert told > 400
