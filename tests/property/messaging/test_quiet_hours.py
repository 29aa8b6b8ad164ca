"""Quiet hours against a plain reading of the wall clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.messaging import quiet_hours
from quanyu.modules.messaging.contracts import MessagePolicy, QuietHours
from quanyu.modules.messaging.quiet_hours import Quiet, quiet_at

ZONES = [
    ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
]
STILL = ZoneInfo("Asia/Shanghai")  # No clock change since 1991.
minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
instants = st.integers(1_735_689_600, 1_830_297_600).map(lambda at: datetime.fromtimestamp(at, UTC))


def quiet_end(hours: QuietHours, zone: ZoneInfo, at: datetime) -> datetime | None:
    quiet = quiet_at(MessagePolicy(quiet_hours=(hours,)), zone, at)
    return quiet.end if quiet else None


def release_at(hours: QuietHours, zone: ZoneInfo, *, end: datetime, key: str) -> datetime:
    quiet = Quiet(end, hours.mode, hours.jitter_s)
    return quiet_hours.release_at(MessagePolicy(quiet_hours=(hours,)), zone, quiet, key=key)


@given(start=minutes, end=minutes, at=instants)
def test_without_clock_changes_it_is_what_the_wall_clock_says(start: time, end: time, at: datetime) -> None:
    wall = at.astimezone(STILL).time()
    expected = start <= wall < end if start <= end else (wall >= start or wall < end)

    found = quiet_end(QuietHours(start=start, end=end), STILL, at)

    assert (found is not None) == expected
    if found is not None:
        assert found.astimezone(STILL).time() == end
        assert timedelta() < found - at <= timedelta(days=1)


@given(start=minutes, end=minutes, at=instants, zone=st.sampled_from(ZONES))
def test_in_every_zone_the_end_lies_ahead_and_is_not_quiet(
    start: time, end: time, at: datetime, zone: ZoneInfo
) -> None:
    hours = QuietHours(start=start, end=end)
    found = quiet_end(hours, zone, at)
    if found is not None:
        assert at < found <= at + timedelta(hours=49)  # A skipped hour may join two days.
        assert quiet_end(hours, zone, found) is None


@given(start=minutes, end=minutes, at=instants, zone=st.sampled_from(ZONES), key=st.text(max_size=20))
def test_a_held_message_is_released_outside_quiet_hours(
    start: time, end: time, at: datetime, zone: ZoneInfo, key: str
) -> None:
    hours = QuietHours(start=start, end=end, jitter_s=3_600)
    found = quiet_end(hours, zone, at)
    if found is not None:
        released = release_at(hours, zone, end=found, key=key)
        assert found <= released < found + timedelta(hours=1) or released == found
        assert quiet_end(hours, zone, released) is None
