"""When the wait for a date or a time of day is over (JN-8, SOP-8)."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.journeys.definition import WaitUntil
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.journeys.moments import moment_of

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def _moment(until: dict[str, Any], came: str, value: object = None, zone: ZoneInfo = SHANGHAI) -> str | None:
    node = WaitUntil.model_validate({"kind": "wait_until", "until": until, "next": "n"})
    came_at = datetime.fromisoformat(came).replace(tzinfo=zone)
    found = moment_of(node.until, value, came_at.astimezone(UTC), zone)
    return None if found is None else found.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")


def test_a_day_is_one_of_the_brands_calendar() -> None:
    until = {"kind": "day", "day": "2026-12-24", "at": "20:30"}
    assert _moment(until, "2026-12-01 00:00") == "2026-12-24 20:30"
    assert _moment(until, "2027-01-01 00:00") == "2026-12-24 20:30"  # Past: they go on at once.


@pytest.mark.parametrize(
    ("offset", "unit", "value", "expected"),
    [
        (-3, "days", "2026-03-02", "2026-02-27 10:00"),
        (0, "days", "2026-03-01T20:00:00Z", "2026-03-02 10:00"),  # The second in Shanghai.
        (1, "months", "2026-01-31", "2026-02-28 10:00"),
        (-1, "months", "2024-03-31", "2024-02-29 10:00"),
        (25, "months", "2026-12-31", "2029-01-31 10:00"),
        (-2, "hours", "2026-03-02T10:30:00+08:00", "2026-03-02 08:30"),
        (90, "minutes", "2026-03-02", "2026-03-02 01:30"),
    ],
)
def test_a_date_of_an_attribute_is_moved(offset: int, unit: str, value: str, expected: str) -> None:
    until = {"kind": "date", "attribute": "due", "offset": offset, "unit": unit, "at": "10:00"}
    assert _moment(until, "2026-01-01 00:00", value) == expected


@pytest.mark.parametrize("value", [None, "", "soon", 20260302, "2026-02-30", True])
def test_what_names_no_date_is_missing(value: object) -> None:
    assert _moment({"kind": "date", "attribute": "due"}, "2026-01-01 00:00", value) is None


@pytest.mark.parametrize(
    ("came", "born", "offset", "expected"),
    [
        ("2026-05-01 08:00", "1990-05-01", 0, "2026-05-01 09:00"),
        ("2026-05-01 09:01", "1990-05-01", 0, "2027-05-01 09:00"),  # After the step's time of that day.
        ("2026-02-01 00:00", "1992-02-29", 0, "2026-02-28 09:00"),
        ("2027-03-01 00:00", "1992-02-29", 0, "2028-02-29 09:00"),
        ("2026-12-28 00:00", "1990-01-02", -7, "2027-12-26 09:00"),
        ("2026-12-20 00:00", "1990-01-02", -7, "2026-12-26 09:00"),
        ("2026-01-05 00:00", "1990-12-31", 7, "2026-01-07 09:00"),
        ("2026-05-01 00:00", "2030-02-03", 0, "2030-02-03 09:00"),
    ],
)
def test_birthdays_come_round(came: str, born: str, offset: int, expected: str) -> None:
    """SOP-8: of a leap day the 28th in common years; whoever comes after the time waits a year."""
    until = {"kind": "date", "attribute": "birthday", "offset": offset, "yearly": True}
    assert _moment(until, came, born) == expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ("2026-03-06 12:00", "2026-03-06 12:00"),  # Friday, within.
        ("2026-03-06 08:59", "2026-03-06 09:00"),
        ("2026-03-06 18:00", "2026-03-09 09:00"),  # Half open: six is over, then Monday.
        ("2026-03-08 03:00", "2026-03-09 09:00"),
        # 00:30 of Saturday in Shanghai is Friday in UTC: the weekday is the brand's.
        ("2026-03-07 00:30", "2026-03-09 09:00"),
    ],
)
def test_a_window_is_of_the_brands_weekdays(came: str, expected: str) -> None:
    until = {"kind": "window", "weekdays": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "18:00"}
    assert _moment(until, came) == expected


def test_a_window_may_reach_over_midnight() -> None:
    until = {"kind": "window", "weekdays": [5], "opens": "22:00", "closes": "02:00"}
    assert _moment(until, "2026-03-07 01:59") == "2026-03-07 01:59"  # Of Friday's.
    assert _moment(until, "2026-03-07 02:00") == "2026-03-13 22:00"
    until = {"kind": "window", "weekdays": [5], "opens": "00:00", "closes": "00:00"}
    assert _moment(until, "2026-03-06 23:59") == "2026-03-06 23:59"


def test_clock_changes() -> None:
    """JN-8: a skipped time is the instant of the change, a doubled one the first; a swallowed window next."""
    day = {"kind": "day", "day": "2026-03-08", "at": "02:30"}
    assert _moment(day, "2026-03-01 00:00", zone=NEW_YORK) == "2026-03-08 03:00"
    twice = {"kind": "day", "day": "2026-11-01", "at": "01:30"}
    node = WaitUntil.model_validate({"kind": "wait_until", "until": twice, "next": "n"})
    assert moment_of(node.until, None, datetime(2026, 1, 1, tzinfo=UTC), NEW_YORK) == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )
    swallowed = {"kind": "window", "weekdays": [7], "opens": "02:10", "closes": "02:50"}
    assert _moment(swallowed, "2026-03-07 12:00", zone=NEW_YORK) == "2026-03-15 02:10"


def _faults(**node: Any) -> list[tuple[str, str, str]]:
    graph = {
        "entry": {"kind": "event", "event": "Start"},
        "start": "w",
        "nodes": {"w": {"kind": "wait_until", "next": "e", **node}, "e": {"kind": "end"}},
    }
    with pytest.raises(InvalidJourney) as refused:
        parse_definition(graph)
    return [(one.path, one.en, one.zh) for one in refused.value.findings]


def test_who_has_no_date_must_be_able_to_go_on() -> None:
    ((path, en, zh),) = _faults(until={"kind": "date", "attribute": "birthday"})
    assert path == "nodes.w.missing"
    assert en.endswith("say where people go who have no such date")
    assert zh.endswith("请指定没有该日期的用户走向哪一步")
    window = {"kind": "window", "weekdays": [1], "opens": "09:00", "closes": "18:00"}
    ((path, _, _),) = _faults(until=window, missing="e")
    assert path == "nodes.w.missing"


def test_places_of_faults_are_the_definitions_own() -> None:
    ((path, _, _),) = _faults(until={"kind": "window", "weekdays": [1], "opens": "9", "closes": "18:00"})
    assert path == "nodes.w.until.opens"


def test_a_loop_of_windows_alone_takes_no_time() -> None:
    window = {"kind": "window", "weekdays": [1], "opens": "09:00", "closes": "18:00"}
    graph = {
        "entry": {"kind": "event", "event": "Start"},
        "start": "w",
        "nodes": {"w": {"kind": "wait_until", "until": window, "next": "w"}},
    }
    with pytest.raises(InvalidJourney, match="needs a wait"):
        parse_definition(graph)
