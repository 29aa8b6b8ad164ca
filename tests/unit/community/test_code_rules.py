"""Where a group code leads: GC-1 to GC-4 and GC-6 as pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.community.codes import rules
from quanyu.modules.community.codes.contracts import Where
from quanyu.modules.community.codes.rules import Limits, Option, Outcome, Room, Visitor

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
LIMITS = Limits(capacity=200, margin=5)


def way(number: int, *members: int, where: Where | None = None, auto: bool = False) -> Option:
    rooms = tuple(Room(number * 10 + at, count, True) for at, count in enumerate(members))
    return Option(target_id=number, where=where or Where(), rooms=rooms, auto_create=auto)


def image(number: int, *, shown: int = 0, hours: int = 48) -> Option:
    return Option(
        target_id=number,
        where=Where(),
        is_image=True,
        shown=shown,
        user_limit=100,
        expires_at=NOW + timedelta(hours=hours),
    )


def outcome(*options: Option, visitor: Visitor | None = None, is_open: bool = True) -> tuple[Outcome, int]:
    found = rules.route(visitor or Visitor(), options, LIMITS, now=NOW, is_open=is_open)
    return found.outcome, found.target_id or 0


def test_the_first_with_room_then_the_next_then_a_new_group_then_the_standby() -> None:
    """GC-1, GC-2: 195 is full, for some are on their way."""
    assert outcome(way(1, 194), way(2, 0)) == (Outcome.WAY, 1)
    assert outcome(way(1, 195), way(2, 0)) == (Outcome.WAY, 2)
    assert outcome(way(1, 195), way(2, 200, auto=True)) == (Outcome.WAY, 2)
    assert outcome(way(1, 195), way(2, 200)) == (Outcome.STANDBY, 0)
    assert outcome() == (Outcome.STANDBY, 0)
    assert outcome(way(1, 0), is_open=False) == (Outcome.STANDBY, 0)


@pytest.mark.parametrize(
    ("visitor", "target"),
    [
        (Visitor(store="湖滨", language="en-US"), 4),  # Both fit: the most particular first.
        (Visitor(store="湖滨"), 2),
        (Visitor(language="en-GB"), 3),
        (Visitor(source="展会"), 5),
        (Visitor(segments=frozenset({"seg_vip"})), 6),
        (Visitor(store="西溪"), 1),
    ],
)
def test_place_segment_language_and_source_choose(visitor: Visitor, target: int) -> None:
    """GC-1."""
    options = (
        way(1, 0),
        way(2, 0, where=Where(stores=("湖滨",))),
        way(3, 0, where=Where(languages=("en",))),
        way(4, 0, where=Where(stores=("湖滨",), languages=("en",))),
        way(5, 0, where=Where(sources=("展会",))),
        way(6, 0, where=Where(segments=("seg_vip",))),
    )

    assert outcome(*options, visitor=visitor) == (Outcome.WAY, target)


def test_a_full_particular_target_gives_way_to_one_for_everybody() -> None:
    full = way(2, 200, where=Where(stores=("湖滨",)))

    assert outcome(way(1, 0), full, visitor=Visitor(store="湖滨")) == (Outcome.WAY, 1)


def test_pictures_end_and_fill_up() -> None:
    """GC-3: at their end they are skipped; who was counted may come back."""
    assert outcome(image(1), way(2, 0)) == (Outcome.IMAGE, 1)
    assert outcome(image(1, hours=0), way(2, 0)) == (Outcome.WAY, 2)
    assert outcome(image(1, shown=100), way(2, 0)) == (Outcome.WAY, 2)
    assert outcome(image(1, shown=100), way(2, 0), visitor=Visitor(shown_before=1)) == (Outcome.IMAGE, 1)
    assert rules.is_expiring(NOW + timedelta(hours=24), NOW)
    assert not rules.is_expiring(NOW + timedelta(hours=25), NOW)
    assert not rules.is_expiring(NOW, NOW)


def test_who_is_in_a_sibling_group_is_told_so() -> None:
    """GC-4: whichever target would have been theirs, and however full the group is."""
    found = rules.route(
        Visitor(group_ids=frozenset({20})), [way(1, 0), way(2, 200)], LIMITS, now=NOW, is_open=True
    )

    assert (found.outcome, found.group_id) == (Outcome.ALREADY, 20)


def test_dismissed_groups_are_left_out() -> None:
    """GC-6."""
    gone, full, free = Room(1, 0, False), Room(2, 200, True), Room(3, 5, True)

    assert rules.lead([gone, full, free], LIMITS) == (3,)
    assert rules.lead([gone, full], LIMITS) == (2,)  # The platform opens the next one after it.
    assert rules.lead([gone], LIMITS) == ()
    dead = Option(target_id=1, where=Where(), rooms=(gone,), auto_create=True)
    assert outcome(dead) == (Outcome.STANDBY, 0)


def test_a_way_leads_to_five_groups_at_most() -> None:
    rooms = [Room(number, 0, True) for number in range(9)]

    assert rules.lead(rooms, LIMITS) == (0, 1, 2, 3, 4)


ROOMS = st.builds(Room, st.integers(1, 40), st.integers(0, 500), st.booleans())
OPTIONS = st.lists(
    st.builds(
        Option,
        target_id=st.integers(1, 9),
        where=st.builds(Where, stores=st.sampled_from([(), ("甲",)])),
        is_ready=st.booleans(),
        rooms=st.lists(ROOMS, max_size=4).map(tuple),
        auto_create=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda one: one.target_id,
)


@given(OPTIONS, st.sampled_from(["", "甲"]), st.integers(0, 199))
def test_nobody_is_ever_led_nowhere_or_into_a_full_group(
    options: list[Option], store: str, margin: int
) -> None:
    """GC-1, GC-2 for any code."""
    limits = Limits(200, margin)

    found = rules.route(Visitor(store=store), options, limits, now=NOW)

    assert found.outcome in Outcome
    if found.outcome is Outcome.WAY:
        (chosen,) = (one for one in options if one.target_id == found.target_id)
        assert chosen.is_ready
        assert chosen.auto_create or any(r.is_active and r.members < limits.full_at for r in chosen.rooms)
        assert any(r.is_active for r in chosen.rooms)
