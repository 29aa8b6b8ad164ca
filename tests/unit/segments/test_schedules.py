"""Schedules: the next full hour, the next local time of day, also where the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.segments.schedules import Daily, Hourly, Live, Manual, Schedule, is_planned, next_after

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "as_of", "zone", "planned"),
    [
        (Live(), "2026-03-04T04:00:00", SHANGHAI, None),
        (Manual(kind="manual"), "2026-03-04T04:00:00", SHANGHAI, None),
        (Hourly(kind="hourly"), "2026-03-04T04:00:00", SHANGHAI, "2026-03-04T05:00:00"),
        (Hourly(kind="hourly"), "2026-03-04T04:59:59", SHANGHAI, "2026-03-04T05:00:00"),
        (Daily(kind="daily", at="08:00"), "2026-03-03T23:59:59", SHANGHAI, "2026-03-04T00:00:00"),
        (Daily(kind="daily", at="08:00"), "2026-03-04T00:00:00", SHANGHAI, "2026-03-05T00:00:00"),
        # 02:30 of that day is left out in New York; 01:30 comes twice in November.
        (Daily(kind="daily", at="02:30"), "2026-03-08T00:00:00", NEW_YORK, "2026-03-08T07:30:00"),
        (Daily(kind="daily", at="01:30"), "2026-11-01T00:00:00", NEW_YORK, "2026-11-01T05:30:00"),
    ],
)
def test_next(schedule: Schedule, as_of: str, zone: ZoneInfo, planned: str | None) -> None:
    expected = None if planned is None else at(planned)
    assert next_after(schedule, at(as_of), zone) == expected
    if expected is not None:
        assert is_planned(schedule, as_of=at(as_of), now=expected, zone=zone)
        assert not is_planned(schedule, as_of=at(as_of), now=at(as_of), zone=zone)
