"""Who must not become one person, rule by rule (ID-2, and the limits of customer-data-and-engagement.md)."""

from quanyu.modules.people.rules import EXPLICIT, Reason

from .test_rules import World, people

MODEL = "match@1"


def test_two_phones_on_one_unionid_are_both_the_persons() -> None:
    """ID-2: one unionid with two phones is one person who has two; the sixth phone is one too many."""
    world = World()
    for number in range(6):
        world.see("x1@wx", f"p{number}", number)
    assert world.people() == people("x1@wx p0 p1 p2 p3 p4", "p5")
    assert set(world.decide().demotions.values()) == {"limit:phone"}


def test_two_unionids_on_one_phone_are_two_people() -> None:
    """ID-2, WX-1: at most one unionid per platform account; the phone stays with whom it was with first."""
    world = World()
    world.see("x1@wx", "p1", 1)
    late = world.see("x2@wx", "p1", 2)
    assert world.people() == people("x1@wx p1", "x2@wx")
    assert world.decide().demotions == {late.key: "limit:unionid"}


def test_a_family_phone_goes_with_who_had_it_first_whatever_arrives_last() -> None:
    """ID-2: family phone."""
    world = World()
    world.see("o2@a", "p1", 5)
    world.see("o1@a", "p1", 1)
    world.see("o3@a", "p1", 9)
    assert world.people() == people("o1@a p1", "o2@a", "o3@a")


def test_a_staff_phone_joins_nobody_once_it_is_marked() -> None:
    """ID-2: a staff phone used for many is blocked as shared, also for who is of different accounts."""
    world = World(p1=Reason.SHARED)
    for number in range(4):
        world.see(f"o{number}@app{number}", "p1", number)
    assert len(world.people()) == 5
    assert set(world.decide().demotions.values()) == {Reason.SHARED}


def test_a_shop_tablet_joins_no_two_members() -> None:
    """ID-2: a device everybody signs in on; only somebody who says so may join through it."""
    world = World()
    world.see("a1", "u1", 1)
    for number in range(2, 5):
        world.see("a1", f"u{number}", number)
    assert world.people() == people("a1 u1", "u2", "u3", "u4")
    # Two members stay two even then: a member number is one per person.
    world.see("a1", "u2", 9, evidence=EXPLICIT)
    assert world.people() == people("a1 u1", "u2", "u3", "u4")


def test_what_a_model_holds_likely_breaks_no_limit_and_yields_to_what_is_observed() -> None:
    """Rule "batch match": an edge of type ``model@version`` is the weakest of all."""
    world = World()
    world.see("o1@a", "u1", 1, evidence=MODEL)
    assert world.people() == people("o1@a u1")
    world.see("o1@a", "e1", 2)
    world.see("e1", "u2", 3)
    assert world.people() == people("o1@a e1 u2", "u1")
    assert list(world.decide().demotions.values()) == ["limit:user_id"]


def test_a_model_joins_nobody_through_a_shared_value_or_a_device_of_two_known_people() -> None:
    world = World(p1=Reason.SHARED)
    world.see("u1", "p1", 1, evidence=MODEL)
    world.see("e1", "a1", 1)
    world.see("p2", "a1", 2, evidence=MODEL)
    assert world.people() == people("u1", "p1", "e1 a1", "p2")
