"""The governor's rules: what is refused, held and reserved, and what follows an unknown outcome."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.contracts import (
    MessageClass,
    MessageKind,
    MessagePolicy,
    QuietHours,
    QuietMode,
    RefusalReason,
)
from quanyu.modules.messaging.rules import (
    AfterUnknown,
    Candidate,
    Hold,
    Refuse,
    Reserve,
    Windows,
    after_unknown,
    judge,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday noon in Shanghai.
NIGHT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # 23:00.
GOOD = Candidate(
    origin_key="k",
    person_id=PersonId(7),
    kind=MessageKind.CUSTOMER_SERVICE_TEXT,
    message_class=MessageClass.MARKETING,
    expires_at=NOW + timedelta(days=3),
    has_openid=True,
    is_subscribed=True,
    unwanted=None,
    template_withdrawn=False,
    unrenderable=None,
    stopped=None,
    windows=Windows.OPEN,
    digest=bytes(range(32)),
)
POLICY = MessagePolicy()

# In the order in which they are given when several apply.
PROBLEMS: list[tuple[dict[str, Any], RefusalReason]] = [
    ({"expires_at": NOW}, RefusalReason.EXPIRED),
    ({"stopped": RefusalReason.STOPPED}, RefusalReason.STOPPED),
    ({"has_openid": False}, RefusalReason.NO_CHANNEL),
    ({"is_subscribed": False}, RefusalReason.NOT_FOLLOWING),
    ({"unwanted": RefusalReason.OPTED_OUT}, RefusalReason.OPTED_OUT),
    ({"template_withdrawn": True}, RefusalReason.TEMPLATE_WITHDRAWN),
    ({"unrenderable": RefusalReason.TEMPLATE_MISSING_VALUES}, RefusalReason.TEMPLATE_MISSING_VALUES),
    ({"windows": Windows.CLOSED}, RefusalReason.WINDOW_CLOSED),
]


@pytest.mark.parametrize(("problem", "reason"), PROBLEMS)
def test_each_problem_refuses(problem: dict[str, Any], reason: RefusalReason) -> None:
    assert judge(replace(GOOD, **problem), POLICY, ZONE, NOW) == Refuse(reason)


def test_the_first_problem_is_the_one_told() -> None:
    candidate = GOOD
    for problem, reason in reversed(PROBLEMS):
        candidate = replace(candidate, **problem)
        assert judge(candidate, POLICY, ZONE, NOW) == Refuse(reason)


def test_a_spent_window_refuses() -> None:
    verdict = judge(replace(GOOD, windows=Windows.SPENT), POLICY, ZONE, NOW)
    assert verdict == Refuse(RefusalReason.WINDOW_BUDGET_SPENT)


def test_templates_need_no_window() -> None:
    template = replace(GOOD, kind=MessageKind.TEMPLATE, windows=None)
    verdict = judge(template, POLICY, ZONE, NOW)
    assert isinstance(verdict, Reserve)
    assert not verdict.needs_window


def test_marketing_takes_counters_of_the_brands_day_and_week() -> None:
    policy = MessagePolicy(daily_cap=2, weekly_cap=5, duplicate_window_s=60)
    late = datetime(2026, 3, 8, 16, 30, tzinfo=UTC)  # Monday 00:30 in Shanghai, still Sunday in UTC.
    verdict = judge(replace(GOOD, expires_at=late + timedelta(days=1)), policy, ZONE, late)

    assert isinstance(verdict, Reserve)
    assert [(claim.name, claim.limit, claim.refusal) for claim in verdict.claims] == [
        ("day:2026-03-09:7", 2, RefusalReason.FREQUENCY_CAPPED),
        ("same:7:000102030405060708090a0b", 1, RefusalReason.DUPLICATE),
        ("week:2026-03-09:7", 5, RefusalReason.FREQUENCY_CAPPED),
    ]
    assert verdict.claims[1].expires_at == late + timedelta(seconds=60)


def test_transactional_messages_are_free_of_caps_duplicates_and_quiet_hours() -> None:
    policy = MessagePolicy(
        daily_cap=1, weekly_cap=1, quiet_hours=QuietHours(start=time(22), end=time(8), mode=QuietMode.DROP)
    )
    candidate = replace(GOOD, message_class=MessageClass.TRANSACTIONAL)
    assert judge(candidate, policy, ZONE, NIGHT) == Reserve((), True)
    assert judge(replace(candidate, unwanted=RefusalReason.OPTED_OUT), policy, ZONE, NOW) == Refuse(
        RefusalReason.OPTED_OUT
    )


def test_quiet_hours_hold_drop_or_come_too_late() -> None:
    hold = MessagePolicy(quiet_hours=QuietHours(start=time(22), end=time(8), jitter_s=0))
    drop = MessagePolicy(quiet_hours=QuietHours(start=time(22), end=time(8), mode=QuietMode.DROP))
    morning = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)

    assert judge(GOOD, hold, ZONE, NIGHT) == Hold(morning)
    assert judge(GOOD, drop, ZONE, NIGHT) == Refuse(RefusalReason.QUIET_HOURS)
    assert judge(replace(GOOD, expires_at=morning), hold, ZONE, NIGHT) == Refuse(RefusalReason.QUIET_HOURS)


@pytest.mark.parametrize(
    ("kind", "message_class", "minutes", "attempts", "after"),
    [
        ("template", "marketing", 8.9, 1, AfterUnknown.REPEAT_SAME_KEY),
        ("template", "marketing", 9.0, 1, AfterUnknown.LEAVE),
        ("template", "transactional", 8.9, 9, AfterUnknown.REPEAT_SAME_KEY),
        ("template", "transactional", 9.0, 1, AfterUnknown.REPEAT),
        ("template", "transactional", 9.0, 4, AfterUnknown.LEAVE),
        ("customer_service_text", "marketing", 0, 1, AfterUnknown.LEAVE),
        ("customer_service_text", "transactional", 0, 3, AfterUnknown.REPEAT),
        ("customer_service_text", "transactional", 0, 4, AfterUnknown.LEAVE),
        ("customer_service_text", "transactional", 61, 1, AfterUnknown.LEAVE),  # Expired.
        ("template", "marketing", 61, 1, AfterUnknown.LEAVE),
    ],
)
def test_after_an_unknown_outcome(
    kind: str, message_class: str, minutes: float, attempts: int, after: AfterUnknown
) -> None:
    assert (
        after_unknown(
            kind=MessageKind(kind),
            message_class=MessageClass(message_class),
            first_handed_at=NOW,
            attempts=attempts,
            expires_at=NOW + timedelta(hours=1),
            repeat_max=3,
            now=NOW + timedelta(minutes=minutes),
        )
        is after
    )
