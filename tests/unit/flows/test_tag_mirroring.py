"""B4: both sides of linked tags come together, whatever was changed where and in whichever order."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from quanyu.flows.tag_mirroring.rules import Place, decide


def test_whoever_changed_since_the_last_agreement_is_followed() -> None:
    agreed = Place(has=True, agreed=True)
    assert decide(ours=True, places=[agreed], has_rival=False)
    assert not decide(ours=False, places=[agreed], has_rival=False)  # We took it: it goes there.
    assert not decide(ours=True, places=[agreed, Place(has=False, agreed=True)], has_rival=False)
    assert decide(ours=False, places=[Place(has=True, agreed=False)], has_rival=True)


def test_tags_add_up_at_the_first_meeting_unless_another_of_the_group_is_carried() -> None:
    new = Place(has=True, agreed=None)
    assert decide(ours=False, places=[new], has_rival=False)
    assert not decide(ours=False, places=[new], has_rival=True)
    assert decide(ours=True, places=[Place(has=False, agreed=None)], has_rival=False)
    assert not decide(ours=False, places=[], has_rival=False)


@dataclass
class Sides:
    """One person, one tag, several places; ``calls`` are changes carried there."""

    ours: bool = False
    there: list[bool] = field(default_factory=lambda: [False, False, False])
    agreed: list[bool | None] = field(default_factory=lambda: [None, None, None])
    calls: int = 0

    def settle(self) -> None:
        places = [Place(has=has, agreed=agreed) for has, agreed in zip(self.there, self.agreed, strict=True)]
        self.ours = decide(ours=self.ours, places=places, has_rival=False)
        self.calls += sum(has != self.ours for has in self.there)
        self.there = [self.ours] * 3
        self.agreed = [self.ours] * 3


CHANGES = st.lists(st.tuples(st.sampled_from(["ours", 0, 1, 2, "settle", "left"]), st.booleans()))


@given(CHANGES)
def test_both_sides_end_the_same_and_stay_so(changes: list[tuple[str | int, bool]]) -> None:
    sides = Sides()
    for where, wanted in changes:
        if where == "ours":
            sides.ours = wanted
        elif where == "left":
            sides.there[0], sides.agreed[0] = False, None
        elif isinstance(where, int):
            sides.there[where] = wanted
        else:
            sides.settle()
    sides.settle()
    calls, ours = sides.calls, sides.ours
    sides.settle()

    assert sides.there == [ours] * 3
    assert (sides.ours, sides.calls) == (ours, calls)  # No echo.


@given(st.sampled_from(["ours", 0, 1, 2]), st.booleans())
def test_the_only_change_since_both_agreed_wins(where: str | int, before: bool) -> None:
    sides = Sides(ours=before, there=[before] * 3, agreed=[before] * 3)
    if isinstance(where, int):
        sides.there[where] = not before
    else:
        sides.ours = not before
    sides.settle()

    assert sides.ours is (not before)
    assert sides.there == [not before] * 3


def test_somebody_who_left_takes_nothing_with_them() -> None:
    sides = Sides(ours=True, there=[True] * 3, agreed=[True] * 3)
    sides.there[0], sides.agreed[0] = False, None
    sides.settle()
    assert sides.ours
