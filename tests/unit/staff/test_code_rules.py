"""Whom a code leads to: obstacles, caps, backup, keeper, acceptance (CW-1, CW-2, CW-4)."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.staff.codes.rules import (
    Acceptance,
    Distribution,
    Member,
    Obstacle,
    Plan,
    Route,
    Standing,
    Tier,
    fingerprint,
    route,
)
from quanyu.modules.staff.codes.schedules import Schedule, Shift, Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)
ANNA, BEN = Member(userid="anna", weight=2, daily_cap=10), Member(userid="ben", held_cap=500)
CARL = Member(userid="carl", daily_cap=1)
PLAN = Plan(
    members=(ANNA, BEN),
    schedule=Schedule(otherwise=frozenset({"anna", "ben"})),
    distribution=Distribution.SHARED,
    backup=(CARL,),
    keeper="keeper",
)
FREE = {userid: Standing() for userid in ("anna", "ben", "carl", "keeper")}


def decided(plan: Plan = PLAN, **standings: Standing) -> Route:
    return route(plan, FREE | standings, SHANGHAI, NOON)


def test_cw_1_everybody_free_serves() -> None:
    found = decided()
    assert (found.tier, found.users, found.skip_verify) == (Tier.STAFF, ("anna", "ben"), True)
    assert found.obstacles == {}


@pytest.mark.parametrize(
    ("standing", "obstacle"),
    [
        (Standing(is_active=False), Obstacle.GONE),
        (Standing(can_serve=False), Obstacle.NO_PERMISSION),
        (Standing(is_online=False), Obstacle.OFFLINE),
        (Standing(added_today=10), Obstacle.DAILY_CAP),  # At the cap, not beyond it.
        (Standing(added_today=11), Obstacle.DAILY_CAP),
    ],
)
def test_cw_1_what_keeps_a_member_from_serving(standing: Standing, obstacle: Obstacle) -> None:
    found = decided(anna=standing)
    assert (found.users, found.obstacles) == (("ben",), {"anna": obstacle})


def test_cw_1_one_below_the_caps_serves() -> None:
    assert decided(anna=Standing(added_today=9), ben=Standing(held=499)).users == ("anna", "ben")
    assert decided(ben=Standing(held=500)).obstacles == {"ben": Obstacle.HELD_CAP}


def test_cw_1_who_is_unknown_is_gone() -> None:
    found = route(PLAN, {"ben": Standing()}, SHANGHAI, NOON)
    assert found.users == ("ben",)
    assert found.obstacles["anna"] is Obstacle.GONE


def test_cw_1_who_is_off_duty_waits() -> None:
    morning = Shift(
        window=Window(start=time(9), end=time(13)), userids=frozenset({"ben"}), weekdays=frozenset({2})
    )
    found = decided(replace(PLAN, schedule=Schedule(weekly=(morning,))))
    assert (found.users, found.obstacles) == (("ben",), {"anna": Obstacle.OFF_DUTY})


AWAY = {"anna": Standing(is_online=False), "ben": Standing(held=500)}


def test_cw_2_nobody_left_leads_to_the_backup_whatever_its_cap() -> None:
    found = decided(**AWAY, carl=Standing(added_today=1))
    assert (found.tier, found.users) == (Tier.BACKUP, ("carl",))
    assert decided(**AWAY, carl=Standing(is_active=False)).tier is Tier.KEEPER


def test_cw_2_a_hard_cap_binds_the_backup_too() -> None:
    found = decided(replace(PLAN, hard_cap=True), **AWAY, carl=Standing(added_today=1))
    assert (found.tier, found.users, found.skip_verify) == (Tier.KEEPER, ("keeper",), False)
    assert found.obstacles["carl"] is Obstacle.DAILY_CAP


def test_cw_2_a_keeper_may_be_offline_but_not_gone() -> None:
    plan = replace(PLAN, backup=())
    assert decided(plan, **AWAY, keeper=Standing(is_online=False)).tier is Tier.KEEPER
    found = decided(plan, **AWAY, keeper=Standing(is_active=False))
    assert (found.tier, found.users) == (Tier.NOBODY, ())


def test_distributions_choose_among_who_is_free() -> None:
    assert decided(replace(PLAN, distribution=Distribution.SEQUENTIAL)).users == ("anna",)
    weighted = replace(PLAN, distribution=Distribution.WEIGHTED)
    assert route(weighted, FREE, SHANGHAI, NOON, credits={"anna": -3}).users == ("ben",)
    assert route(weighted, FREE, SHANGHAI, NOON).eligible == ("anna", "ben")


def test_acceptance_flips_with_its_windows() -> None:
    windows = (Window(start=time(11), end=time(12)), Window(start=time(18), end=time(9)))
    plan = replace(PLAN, acceptance=Acceptance.WINDOWS, accept_windows=windows)
    found = decided(plan)
    assert not found.skip_verify
    assert found.next_border == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert route(plan, FREE, SHANGHAI, found.next_border).skip_verify
    assert not decided(replace(PLAN, acceptance=Acceptance.NEVER)).skip_verify


def test_cw_4_the_fingerprint_is_what_the_platform_hears() -> None:
    assert fingerprint(["a", "b"], skip_verify=True) == fingerprint(["b", "a"], skip_verify=True)
    assert fingerprint(["a"], skip_verify=True) != fingerprint(["a"], skip_verify=False)
    assert fingerprint(["a"], skip_verify=True) != fingerprint(["a", "b"], skip_verify=True)
