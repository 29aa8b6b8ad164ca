"""Which welcome speaks, and in which of its variants (WM-4, WM-8)."""

from collections import Counter
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from quanyu.modules.staff.welcomes.contents import WelcomeContent
from quanyu.modules.staff.welcomes.contracts import (
    Scope,
    SlotKind,
    WelcomeDraft,
    WelcomeRuleId,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.modules.staff.welcomes.periods import SpecialDates, WeeklyWindow
from quanyu.modules.staff.welcomes.rules import KeptRule, Situation, choose, rivals


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo("Asia/Shanghai"))


NOON = wall(2026, 11, 11, 12, 0)  # A Wednesday.


def say(name: str, period: SpecialDates | WeeklyWindow | None = None, *, variants: int = 1) -> WelcomeSlot:
    wordings = tuple(
        WelcomeVariant(name=f"v{n}", weight=n, content=WelcomeContent(text=name))
        for n in range(1, variants + 1)
    )
    return WelcomeSlot(name=name, period=period, variants=wordings)


def rule(
    number: int, scope: Scope, *targets: str, slots: tuple[WelcomeSlot, ...] = (), enabled: bool = True
) -> KeptRule:
    draft = WelcomeDraft(
        name=f"rule {number}",
        corp="wcp_1",
        scope=scope,
        targets=targets,
        enabled=enabled,
        slots=slots or (say("default"),),
    )
    return KeptRule(WelcomeRuleId(number), draft)


SINGLES_DAY = SpecialDates(first=date(2026, 11, 11), last=date(2026, 11, 11))
WEDNESDAYS = WeeklyWindow(weekdays=(3,))
OF_CODE = rule(
    1,
    Scope.CODE,
    "liv_1",
    slots=(say("default"), say("weekly", WEDNESDAYS), say("special", SINGLES_DAY)),
)
EVERYTHING = (
    rule(4, Scope.CORP),
    rule(3, Scope.STAFF, "zhang"),
    rule(2, Scope.STORE, "西湖店"),
    OF_CODE,
)
ALL_KNOWN = Situation(code="liv_1", stores=("西湖店",), staff="zhang", local=NOON)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (ALL_KNOWN, (1, "special")),
        (Situation(code="liv_1", stores=("西湖店",), local=wall(2026, 11, 18, 12)), (1, "weekly")),
        (Situation(code="liv_1", stores=("西湖店",), local=wall(2026, 11, 19, 12)), (1, "default")),
        (Situation(stores=("西湖店",), staff="zhang", local=NOON), (2, "default")),
        (Situation(code="liv_9", stores=("城东店",), staff="zhang", local=NOON), (3, "default")),
        (Situation(staff="li", local=NOON), (4, "default")),
    ],
)
def test_the_closest_rule_speaks_in_its_closest_period(
    situation: Situation, expected: tuple[int, str]
) -> None:
    """WM-4: code special > code periodic > code default > store > staff > corp."""
    chosen = choose(EVERYTHING, situation, whom=b"w")

    assert chosen is not None
    assert (chosen.rule.rule_id, chosen.slot.name) == expected


def test_the_store_of_the_code_is_closer_than_that_of_the_member() -> None:
    rules = (rule(1, Scope.STORE, "城东店"), rule(2, Scope.STORE, "西湖店"))
    chosen = choose(rules, Situation(stores=("西湖店", "城东店"), local=NOON), whom=b"w")
    assert chosen is not None
    assert chosen.rule.rule_id == 2


def test_a_rule_that_is_off_does_not_speak() -> None:
    assert choose((rule(1, Scope.CORP, enabled=False),), ALL_KNOWN, whom=b"w") is None


def test_of_two_periods_that_hold_the_first_one_speaks() -> None:
    slots = (say("default"), say("late", WEDNESDAYS), say("later", WeeklyWindow(weekdays=(2, 3))))
    chosen = choose((rule(1, Scope.CORP, slots=slots),), ALL_KNOWN, whom=b"w")
    assert chosen is not None
    assert (chosen.slot.name, chosen.slot.kind) == ("late", SlotKind.PERIODIC)


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (wall(2026, 11, 13, 21, 59), False),
        (wall(2026, 11, 13, 22, 0), True),  # Friday night …
        (wall(2026, 11, 14, 1, 59), True),  # … until Saturday at two.
        (wall(2026, 11, 14, 2, 0), False),
        (wall(2026, 11, 14, 22, 0), False),
    ],
)
def test_a_window_across_midnight_belongs_to_the_day_it_begins(at: datetime, holds: bool) -> None:
    window = WeeklyWindow(weekdays=(5,), begins=time(22), ends=time(2))
    assert window.holds(at) is holds


def test_special_dates_hold_until_the_last_moment_of_the_last_day() -> None:
    period = SpecialDates(first=date(2026, 2, 28), last=date(2026, 3, 1))
    assert period.holds(wall(2026, 3, 1, 23, 59, 59))
    assert not period.holds(wall(2026, 3, 2))
    assert not period.holds(wall(2026, 2, 27, 23, 59, 59))


def test_a_variant_sticks_and_shares_follow_the_weights() -> None:
    """WM-8: the same customer gets the same variant, whoever asks and whenever."""
    kept = rule(7, Scope.CORP, slots=(say("default", variants=3),))
    counts: Counter[str] = Counter()
    for number in range(6_000):
        whom = number.to_bytes(16)
        first, again = (choose((kept,), ALL_KNOWN, whom=whom) for _ in range(2))
        assert first is not None
        assert first == again
        counts[first.variant.name] += 1
    assert [round(counts[name] / 1_000, 1) for name in ("v1", "v2", "v3")] == [1.0, 2.0, 3.0]


def test_two_rules_cannot_claim_the_same_target() -> None:
    others = (
        rule(1, Scope.STAFF, "zhang", "li"),
        rule(2, Scope.CORP),
        rule(3, Scope.STAFF, "wang", enabled=False),
    )
    assert rivals(rule(9, Scope.STAFF, "li", "wang").draft, others) == (others[0],)
    assert rivals(rule(9, Scope.CORP).draft, others) == (others[1],)
    assert rivals(rule(9, Scope.CORP, enabled=False).draft, others) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"scope": "staff"}, "name staff"),
        ({"targets": ("a",)}, "none for the corp"),
        ({"slots": (say("a"), say("b"))}, "exactly one slot"),
        ({"slots": (say("a", WEDNESDAYS),)}, "exactly one slot"),
        ({"slots": (say("a"), say("a", WEDNESDAYS))}, "same name"),
        ({"scope": "staff", "targets": ("a", "a")}, "twice"),
    ],
)
def test_a_rule_that_does_not_fit_together_is_refused(change: dict[str, object], says: str) -> None:
    fields = {"name": "r", "corp": "wcp_1", "scope": "corp", "slots": (say("default"),), **change}
    with pytest.raises(ValidationError, match=says):
        WelcomeDraft.model_validate(fields)
