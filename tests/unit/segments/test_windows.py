"""Windows begin and end on the millisecond they should, in the brand's time zone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from quanyu.modules.events.asking.windows import Window, bounds_of, epoch_ms

AS_OF = datetime(2026, 3, 8, 16, 30, 15, 250_000, tzinfo=UTC)  # Monday 00:30 in Shanghai, Sunday in New York.


def at(text: str) -> int:
    return epoch_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("window", "zone", "first", "last"),
    [
        ({"kind": "ever"}, "UTC", None, "2026-03-08T16:30:15.250Z"),
        (
            {"kind": "rolling", "amount": 90, "unit": "days"},
            "UTC",
            "2025-12-08T16:30:15.250Z",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "absolute", "from": "2026-01-01T00:00:00+08:00", "to": "2026-02-01T00:00:00+08:00"},
            "UTC",
            "2025-12-31T16:00:00Z",
            "2026-01-31T15:59:59.999Z",
        ),
        ({"kind": "absolute", "to": "2027-01-01T00:00:00Z"}, "UTC", None, "2026-03-08T16:30:15.250Z"),
        (
            {"kind": "calendar", "period": "today"},
            "Asia/Shanghai",
            "2026-03-09T00:00:00+08:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "calendar", "period": "yesterday"},
            "Asia/Shanghai",
            "2026-03-08T00:00:00+08:00",
            "2026-03-08T23:59:59.999+08:00",
        ),
        (
            {"kind": "calendar", "period": "last_days", "n": 7},
            "Asia/Shanghai",
            "2026-03-03T00:00:00+08:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "calendar", "period": "this_week"},
            "Asia/Shanghai",
            "2026-03-09T00:00:00+08:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "calendar", "period": "this_week"},
            "America/New_York",
            "2026-03-02T00:00:00-05:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            # The day summer time begins has 23 hours; its midnight is still at -05:00.
            {"kind": "calendar", "period": "today"},
            "America/New_York",
            "2026-03-08T00:00:00-05:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "calendar", "period": "this_month"},
            "Asia/Shanghai",
            "2026-03-01T00:00:00+08:00",
            "2026-03-08T16:30:15.250Z",
        ),
        (
            {"kind": "calendar", "period": "this_year"},
            "Asia/Shanghai",
            "2026-01-01T00:00:00+08:00",
            "2026-03-08T16:30:15.250Z",
        ),
    ],
)
def test_borders(window: dict[str, Any], zone: str, first: str | None, last: str) -> None:
    parsed = TypeAdapter[Any](Window).validate_python(window)
    bounds = bounds_of(parsed, as_of=AS_OF, zone=ZoneInfo(zone))
    assert bounds == (None if first is None else at(first), at(last))


def test_instants_are_whole_milliseconds() -> None:
    assert epoch_ms(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC)) == 1_999
    assert epoch_ms(datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)) == -1
