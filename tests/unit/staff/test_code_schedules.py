"""Who is on duty: the week, nights, holidays, make-up days (CW-1)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.staff.codes.schedules import Schedule, Shift, SpecialDates, Window, next_border, on_duty

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAYS = frozenset(range(5))
DAY = Shift(
    window=Window(start=time(9), end=time(18)), userids=frozenset({"day1", "day2"}), weekdays=WORKDAYS
)
NIGHT = Shift(
    window=Window(start=time(22), end=time(6)), userids=frozenset({"night"}), weekdays=frozenset({4})
)
HOLIDAY = SpecialDates(first=date(2026, 10, 1), last=date(2026, 10, 3))
MAKE_UP = SpecialDates(first=date(2026, 10, 10), last=date(2026, 10, 10), like_weekday=4)  # A Saturday.
OPENING = SpecialDates(
    first=date(2026, 5, 20),
    last=date(2026, 5, 20),
    shifts=(Shift(window=Window(start=time(20), end=time(2)), userids=frozenset({"special"})),),
)
SCHEDULE = Schedule(
    special=(HOLIDAY, MAKE_UP, OPENING), weekly=(DAY, NIGHT), otherwise=frozenset({"otherwise"})
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ("2026-03-04 09:00", {"day1", "day2"}),  # A Wednesday; the start is included …
        ("2026-03-04 18:00", {"otherwise"}),  # … the end is not.
        ("2026-03-04 22:30", {"otherwise"}),  # The night shift is Friday's.
        ("2026-03-06 22:30", {"night"}),
        ("2026-03-07 05:59", {"night"}),  # Saturday morning still belongs to Friday's shift.
        ("2026-03-07 06:00", {"otherwise"}),
        ("2026-03-07 10:00", {"otherwise"}),  # OS never looked at the weekday.
        ("2026-10-02 10:00", set()),  # A holiday on a Friday: nobody, not even otherwise.
        ("2026-10-03 01:00", set()),  # Its night shift does not begin either.
        ("2026-10-10 10:00", {"day1", "day2"}),  # 调休: this Saturday works like a Friday …
        ("2026-10-11 05:00", {"night"}),  # … with the night after it.
        ("2026-05-20 10:00", set()),  # A special date rules its whole date.
        ("2026-05-20 21:00", {"special"}),
        ("2026-05-21 01:59", {"special"}),  # Its night runs to its end.
        ("2026-05-21 02:00", {"otherwise"}),
    ],
)
def test_cw_1_special_before_weekly_before_otherwise(when: str, who: set[str]) -> None:
    assert on_duty(SCHEDULE, SHANGHAI, at(when)) == who


def test_cw_1_the_zone_is_the_brands() -> None:
    # 09:30 in Shanghai is 01:30 in London.
    assert on_duty(SCHEDULE, ZoneInfo("Europe/London"), at("2026-03-04 09:30")) == {"otherwise"}


def test_cw_5_borders_follow_one_another() -> None:
    seen, now = [], at("2026-03-06 08:00")
    for _ in range(6):
        now = next_border(SCHEDULE, SHANGHAI, now)
        seen.append(now.astimezone(SHANGHAI).strftime("%d %H:%M"))
    assert seen == ["06 09:00", "06 18:00", "06 22:00", "07 00:00", "07 06:00", "08 00:00"]


def test_cw_5_windows_of_acceptance_are_borders_too() -> None:
    lunch = Window(start=time(12), end=time(13, 30))
    first = next_border(Schedule(), SHANGHAI, at("2026-03-06 08:00"), windows=(lunch,))
    assert first == at("2026-03-06 12:00")
    assert next_border(Schedule(), SHANGHAI, first, windows=(lunch,)) - first == timedelta(
        hours=1, minutes=30
    )
