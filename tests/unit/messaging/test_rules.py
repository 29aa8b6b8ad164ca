"""The governor's rules: what is refused, held and reserved, and what follows an unknown outcome."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.kernel.ids import PersonId
from quanyu.modules.messaging.contracts import (
    CapRule,
    CapUnit,
    Channel,
    ExclusionRule,
    MessageClass,
    MessageKind,
    MessagePolicy,
    Priority,
    QuietHours,
    QuietMode,
    RefusalReason,
)
from quanyu.modules.messaging.credits import Credits
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
    has_address=True,
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
    ({"has_address": False}, RefusalReason.NO_CHANNEL),
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


DAILY = CapRule(key="daily", limit=2)
WEEKLY = CapRule(key="weekly", limit=5, unit=CapUnit.WEEKS)


def test_marketing_takes_counters_of_the_zones_day_and_week() -> None:
    policy = MessagePolicy(caps=(DAILY, WEEKLY), duplicate_window_s=60)
    late = datetime(2026, 3, 8, 16, 30, tzinfo=UTC)  # Monday 00:30 in Shanghai, still Sunday in UTC.
    verdict = judge(replace(GOOD, expires_at=late + timedelta(days=1)), policy, ZONE, late)

    assert isinstance(verdict, Reserve)
    monday = datetime(2026, 3, 8, 16, tzinfo=UTC) - timedelta(microseconds=1)
    assert [(claim.name, claim.limit, claim.since, claim.refusal) for claim in verdict.claims] == [
        ("cap:daily", 2, monday, RefusalReason.FREQUENCY_CAPPED),
        ("cap:weekly", 5, monday, RefusalReason.FREQUENCY_CAPPED),
        ("same:000102030405060708090a0b", 1, late - timedelta(seconds=60), RefusalReason.DUPLICATE),
    ]


def claims_of(policy: MessagePolicy, **changes: Any) -> list[tuple[str, int, str | None]]:
    verdict = judge(replace(GOOD, **changes), policy, ZONE, NOW)
    assert isinstance(verdict, Reserve)
    return [(claim.name, claim.limit, claim.holder) for claim in verdict.claims]


def test_caps_bind_the_channels_and_purposes_they_name() -> None:  # FC: scope channel | tag | all
    policy = MessagePolicy(
        caps=(
            CapRule(key="everything", limit=9),
            CapRule(key="mini", limit=1, channel=Channel.MINI_PROGRAM),
            CapRule(key="news", limit=1, purpose="newsletter"),
        ),
        duplicate_window_s=0,
    )
    assert claims_of(policy) == [("cap:everything", 9, None)]
    assert claims_of(policy, purpose="newsletter") == [("cap:everything", 9, None), ("cap:news", 1, None)]
    subscribe = {"kind": MessageKind.MINI_PROGRAM_SUBSCRIBE, "credits": Credits.OPEN, "windows": None}
    assert claims_of(policy, **subscribe) == [("cap:everything", 9, None), ("cap:mini", 1, None)]


def test_some_room_is_kept_for_campaigns_of_high_priority() -> None:  # FC: arbitration
    policy = MessagePolicy(
        caps=(CapRule(key="daily", limit=3, kept_for_high=1),),
        priorities={"jrn_a": Priority.HIGH, "jrn_b": Priority.LOW},
        duplicate_window_s=0,
    )
    assert claims_of(policy, campaign="jrn_a") == [("cap:daily", 3, None)]
    assert claims_of(policy, campaign="jrn_b") == [("cap:daily", 2, None)]
    assert claims_of(policy) == [("cap:daily", 2, None)]


def test_a_group_of_campaigns_excludes_each_other() -> None:  # SOP-4
    policy = MessagePolicy(
        exclusions=(ExclusionRule(key="winter", campaigns=("jrn_a", "bct_b")),), duplicate_window_s=0
    )
    ((name, _, holder),) = claims_of(policy, campaign="jrn_a")
    assert (name, holder) == ("only:winter", "jrn_a")
    assert claims_of(policy, campaign="jrn_c") == []


def test_transactional_messages_count_under_caps_only_where_the_brand_says_so() -> None:  # FC: two flags
    policy = MessagePolicy(caps=(DAILY,))
    transactional = {"message_class": MessageClass.TRANSACTIONAL}
    assert claims_of(policy, **transactional) == []
    ((name, limit, _),) = claims_of(policy.model_copy(update={"transactional_counts": True}), **transactional)
    assert name == "cap:daily"
    assert limit > 1_000_000  # It counts, and is not bound.


def test_transactional_messages_are_free_of_caps_duplicates_and_quiet_hours() -> None:
    policy = MessagePolicy(
        caps=(DAILY,), quiet_hours=(QuietHours(start=time(22), end=time(8), mode=QuietMode.DROP),)
    )
    candidate = replace(GOOD, message_class=MessageClass.TRANSACTIONAL)
    assert judge(candidate, policy, ZONE, NIGHT) == Reserve((), True)
    assert judge(replace(candidate, unwanted=RefusalReason.OPTED_OUT), policy, ZONE, NOW) == Refuse(
        RefusalReason.OPTED_OUT
    )


def test_rules_that_make_no_sense_are_told() -> None:
    with pytest.raises(ValueError, match="keep fewer"):
        CapRule(key="daily", limit=2, kept_for_high=2)
    with pytest.raises(ValueError, match="same key"):
        MessagePolicy(caps=(DAILY, DAILY))


def test_quiet_hours_hold_drop_or_come_too_late() -> None:
    hold = MessagePolicy(quiet_hours=(QuietHours(start=time(22), end=time(8), jitter_s=0),))
    drop = MessagePolicy(quiet_hours=(QuietHours(start=time(22), end=time(8), mode=QuietMode.DROP),))
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
