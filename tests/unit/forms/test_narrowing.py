"""Days of the brand's calendar become instants; days without answers are shown."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.forms.contracts import Narrowing
from quanyu.modules.forms.errors import UnfitFilter
from quanyu.modules.forms.figures import filled_days
from quanyu.modules.forms.narrowing import EVERYTHING, Bounds, bounds_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAY_1, MAY_4 = date(2026, 5, 1), date(2026, 5, 4)


def test_days_are_the_brands_and_both_included() -> None:
    bounds = bounds_of(Narrowing(first_day=MAY_1, last_day=MAY_1), SHANGHAI)

    assert bounds.since == datetime(2026, 4, 30, 16, tzinfo=UTC)
    assert bounds.until == datetime(2026, 5, 1, 16, tzinfo=UTC)


def test_a_day_the_clock_is_changed_on_has_23_hours() -> None:
    day = date(2026, 3, 29)
    bounds = bounds_of(Narrowing(first_day=day, last_day=day), ZoneInfo("Europe/Berlin"))

    assert bounds.since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert bounds.until == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_no_source_and_any_source_are_two_things() -> None:
    assert bounds_of(Narrowing(), SHANGHAI) == EVERYTHING
    assert bounds_of(Narrowing(source="poster"), SHANGHAI) == Bounds(source="poster")
    assert bounds_of(Narrowing(unmarked=True), SHANGHAI) == Bounds(source="")


@pytest.mark.parametrize(
    "unfit",
    [
        Narrowing(first_day=MAY_4, last_day=MAY_1),
        Narrowing(first_day=date(1999, 12, 31)),
        Narrowing(last_day=date.max),
        Narrowing(source="poster", unmarked=True),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(unfit: Narrowing) -> None:
    with pytest.raises(UnfitFilter) as refusal:
        bounds_of(unfit, SHANGHAI)

    assert refusal.value.message_zh


def test_days_nobody_answered_on_are_shown() -> None:
    counts = {MAY_1: 2, date(2026, 5, 3): 1}

    def shown(first: date | None, last: date | None, most: int = 366) -> list[tuple[str, int]]:
        return [(one.day[-2:], one.answers) for one in filled_days(counts, first=first, last=last, most=most)]

    assert shown(None, None) == [("01", 2), ("02", 0), ("03", 1)]
    assert shown(date(2026, 4, 30), MAY_4) == [("30", 0), ("01", 2), ("02", 0), ("03", 1), ("04", 0)]
    assert shown(date(2020, 1, 1), MAY_4, most=2) == [("03", 1), ("04", 0)]
    assert filled_days({}, first=MAY_1, last=MAY_4, most=366) == ()
