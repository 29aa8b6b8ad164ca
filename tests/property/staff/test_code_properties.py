"""Schedules against their own borders, and the rotation against its weights."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.modules.staff.codes import rotation
from quanyu.modules.staff.codes.schedules import (
    Schedule,
    Shift,
    SpecialDates,
    Window,
    is_within,
    next_border,
    on_duty,
)

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")]
SHANGHAI = ZONES[0]
minutes = st.integers(0, 47).map(lambda half: time(half // 2, half % 2 * 30))
windows = st.builds(Window, start=minutes, end=minutes)
userids = st.frozensets(st.sampled_from("abcd"), max_size=3)
weekly = st.builds(Shift, window=windows, userids=userids, weekdays=st.frozensets(st.integers(0, 6)))
own = st.builds(Shift, window=windows, userids=userids)
# Around the clock changes of New York and Lord Howe in spring 2026.
days = st.dates(date(2026, 3, 1), date(2026, 4, 10))
specials = st.builds(
    lambda first, length, shifts, like: SpecialDates(
        first=first, last=first + timedelta(days=length), shifts=tuple(shifts), like_weekday=like
    ),
    days,
    st.integers(0, 2),
    st.lists(own, max_size=2),
    st.none() | st.integers(0, 6),
)
schedules = st.builds(
    Schedule,
    special=st.lists(specials, max_size=3).map(tuple),
    weekly=st.lists(weekly, max_size=3).map(tuple),
    otherwise=userids,
)
instants = st.integers(1_772_323_200, 1_775_865_600).map(lambda second: datetime.fromtimestamp(second, UTC))


@settings(max_examples=60)
@given(
    schedule=schedules,
    at=instants,
    zone=st.sampled_from(ZONES),
    accept=st.lists(windows, max_size=2),
    inside=st.floats(0, 1, exclude_max=True),
)
def test_cw_5_between_two_borders_nothing_changes(
    schedule: Schedule, at: datetime, zone: ZoneInfo, accept: Sequence[Window], inside: float
) -> None:
    border = next_border(schedule, zone, at, windows=accept)
    assert at < border <= at + timedelta(hours=25)
    later = at + (border - at) * inside
    if later < border:
        assert on_duty(schedule, zone, later) == on_duty(schedule, zone, at)
        assert is_within(accept, zone, later) == is_within(accept, zone, at)
        assert later.astimezone(zone).date() == at.astimezone(zone).date()


@settings(max_examples=60)
@given(shift=weekly, at=instants)
def test_cw_1_without_clock_changes_duty_is_what_the_wall_clock_says(shift: Shift, at: datetime) -> None:
    wall = at.astimezone(SHANGHAI)
    start, end, now = shift.window.start, shift.window.end, wall.time()
    if start < end:
        begun = wall.weekday() if start <= now < end else None
        expected = begun in shift.weekdays
    else:
        yesterday = (wall.weekday() - 1) % 7
        expected = (now >= start and wall.weekday() in shift.weekdays) or (
            now < end and yesterday in shift.weekdays
        )
    found = on_duty(Schedule(weekly=(shift,), otherwise=frozenset({"z"})), SHANGHAI, at)
    assert found == (shift.userids if expected and shift.userids else frozenset({"z"}))


weightings = st.lists(st.integers(1, 20), min_size=2, max_size=6).map(
    lambda numbers: {chr(97 + at): number for at, number in enumerate(numbers)}
)


@settings(max_examples=40)
@given(weights=weightings, batches=st.lists(st.integers(1, 8), min_size=50, max_size=200))
def test_cw_11_shares_follow_the_weights_whatever_is_in_flight(
    weights: dict[str, int], batches: list[int]
) -> None:
    """Some adds reach whom the code pointed at before: nobody is ever further off than what was under way."""
    credits: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for batch in batches:
        chosen = rotation.choose(credits, weights)
        credits = rotation.after_adds(credits, weights, {chosen: batch})
        counts[chosen] += batch
    total, rounds = counts.total(), sum(weights.values())
    assert sum(credits.values()) == 0
    for userid, weight in weights.items():
        assert abs(counts[userid] - total * weight / rounds) <= max(batches) + len(weights)


@given(weights=weightings)
def test_cw_11_one_at_a_time_each_round_is_exact(weights: dict[str, int]) -> None:
    credits: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for _ in range(sum(weights.values())):
        chosen = rotation.choose(credits, weights)
        credits = rotation.after_adds(credits, weights, {chosen: 1})
        counts[chosen] += 1
    assert counts == weights
    assert credits == {}


def test_cw_11_who_was_away_does_not_catch_up() -> None:
    credits: dict[str, int] = {}
    for _ in range(100):
        chosen = rotation.choose(credits, {"a": 1})
        credits = rotation.after_adds(credits, {"a": 1}, {chosen: 1})
    assert rotation.after_adds(credits, {"a": 1, "b": 1}, {"b": 1}) == {"a": 1, "b": -1}


def test_cw_11_a_late_add_of_somebody_else_is_charged() -> None:
    assert rotation.after_adds({}, {"a": 1, "b": 1}, {"c": 1}) == {"a": 1, "b": 1, "c": -2}
