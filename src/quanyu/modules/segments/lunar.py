"""The lunar calendar, as `borax` knows it: which days of all years share a lunar day and month.

A person keeps a lunar birthday by month and day: what fell into a leap month is kept in the month of that
number, and the 30th on the 29th where the month has no 30th.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from borax.calendars.lunardate import InvalidLunarDateError, LunarDate

FIRST_YEAR: Final = 1901
LAST_YEAR: Final = 2099


def born_alike(days: Iterable[date]) -> tuple[date, ...]:
    """Return every day of 1901 to 2099 whose lunar anniversary falls on one of the given days, ascending."""
    kept: set[tuple[int, int]] = set()
    for day in days:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            continue  # Beyond the tables: nobody has a lunar anniversary there.
        lunar = LunarDate.from_solar(day)
        if lunar.leap:
            continue  # It was kept in the month before, which has the same number.
        kept.add((lunar.month, lunar.day))
        if lunar.day == 29 and LunarDate.from_solar(day + timedelta(days=1)).day == 1:
            kept.add((lunar.month, 30))
    return tuple(sorted(day for month, number in kept for day in _days_of(month, number)))


@lru_cache(maxsize=400)
def _days_of(month: int, day: int) -> tuple[date, ...]:
    """Return all days of that lunar month and day, leap months included."""
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for leap in (0, 1):
            try:
                found.append(LunarDate(year, month, day, leap).to_solar_date())
            except InvalidLunarDateError:
                continue
    return tuple(found)
