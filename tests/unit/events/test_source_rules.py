"""When a source is healthy, silent, failing, or was never heard."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanyu.modules.events.sources.contracts import SourceReason, SourceState
from quanyu.modules.events.sources.rules import Heard, judge

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ago(hours: float) -> datetime:
    return NOW - hours * HOUR


def heard(**changes: Any) -> Heard:
    return Heard(**({"accepted": 1_000, "last_at": NOW} | changes))


def test_a_key_that_nobody_used_waits() -> None:
    assert judge(heard(accepted=0, last_at=None), NOW) == (SourceState.WAITING, (SourceReason.NEVER_HEARD,))


@pytest.mark.parametrize(
    ("counts", "reasons"),
    [
        ({"rejected": 53}, (SourceReason.REJECTED,)),
        ({"rejected": 52}, ()),
        ({"accepted": 10, "rejected": 4}, ()),  # Somebody tries things out.
        ({"accepted": 0, "last_at": None, "rejected": 5}, (SourceReason.REJECTED,)),
        ({"quarantined": 60}, (SourceReason.QUARANTINED,)),
        ({"differs": 10}, (SourceReason.DIFFERS,)),
        ({"differs": 9}, ()),
    ],
)
def test_what_cannot_be_taken_makes_a_source_fail_from_a_share_on(
    counts: dict[str, Any], reasons: tuple[SourceReason, ...]
) -> None:
    state = SourceState.FAILING if reasons else SourceState.HEALTHY
    assert judge(heard(**counts), NOW) == (state, reasons)


@pytest.mark.parametrize(
    ("quiet_h", "active", "state"),
    [
        (2.9, [ago(h) for h in range(40, 2, -1)], SourceState.HEALTHY),
        (3.1, [ago(h) for h in range(40, 3, -1)], SourceState.SILENT),
        # Closed every night for ten hours: a night is no silence, two are.
        (12.0, [ago(h) for day in (4, 3, 2, 1) for h in range(24 * day + 2, 24 * day - 12, -1)], None),
        (30.0, [ago(30 + h) for h in range(14, 0, -1)], SourceState.SILENT),
        # No rhythm yet, so none that could be broken.
        (100.0, [ago(100)], SourceState.HEALTHY),
        (24 * 7 + 1, [], SourceState.SILENT),
    ],
)
def test_silence_is_measured_by_the_pauses_a_source_makes(
    quiet_h: float, active: list[datetime], state: SourceState | None
) -> None:
    found, reasons = judge(heard(last_at=ago(quiet_h), active_hours=active), NOW)

    assert found is (state or SourceState.HEALTHY)
    assert (SourceReason.QUIET in reasons) is (found is SourceState.SILENT)


def test_a_wrong_clock_and_late_events_are_hints() -> None:
    assert judge(heard(skewed=200, late=199), NOW) == (SourceState.HEALTHY, (SourceReason.CLOCK,))
    assert judge(heard(late=300), NOW) == (SourceState.HEALTHY, (SourceReason.LATE,))


def test_failing_comes_before_silent() -> None:
    regular = [ago(h) for h in range(60, 10, -1)]
    state, reasons = judge(heard(accepted=100, rejected=90, last_at=ago(10), active_hours=regular), NOW)
    assert (state, reasons) == (SourceState.FAILING, (SourceReason.REJECTED,))
