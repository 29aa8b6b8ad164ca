"""Random splits: by weight, the same for somebody each time, independent from node to node (JN-10)."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.drawing import draw, lot_of
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.graph import parse_definition
from quanyu.modules.journeys.rules import Answers, advance, begin

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
PEOPLE = 20_000
KEPT = [1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1]


def split(*ways: tuple[str, int, str]) -> dict[str, Any]:
    node = {"kind": "random", "ways": [{"name": n, "weight": w, "next": to} for n, w, to in ways]}
    return {
        "entry": {"kind": "event", "event": "Followed"},
        "start": "part",
        "nodes": {"part": node, "one": {"kind": "end"}, "other": {"kind": "end"}},
    }


def test_shares_follow_the_weights() -> None:
    drawn = Counter(draw(lot_of(1, person), "part", (1, 2, 7)) for person in range(PEOPLE))
    # Six standard deviations of the widest share.
    assert all(abs(drawn[way] / PEOPLE - share) < 0.02 for way, share in enumerate((0.1, 0.2, 0.7)))


def test_draws_are_kept_for_ever() -> None:
    """Whoever is on the way must not change sides with a release."""
    assert [draw(lot_of(7, person), "part", (50, 50)) for person in range(12)] == KEPT


def test_another_node_and_another_journey_draw_anew() -> None:
    for other in ((7, "later"), (8, "part")):
        same = sum(
            draw(lot_of(7, person), "part", (1, 1)) == draw(lot_of(other[0], person), other[1], (1, 1))
            for person in range(PEOPLE)
        )
        assert abs(same / PEOPLE - 0.5) < 0.02


def test_somebody_takes_the_same_way_again_in_no_time() -> None:
    definition = read_definition(split(("a", 1, "one"), ("b", 1, "other")))
    ways = set()
    for person in range(50):
        answers = Answers(lot=lot_of(7, person))
        first = advance(definition, begin(definition, NOW), answers, NOW)
        again = advance(definition, begin(definition, NOW), answers, NOW)
        assert first == again
        assert first.steps[0].entered_at == first.steps[0].left_at == NOW
        ways.add((first.steps[0].outcome, first.state.node))
    assert ways == {("a", "one"), ("b", "other")}


@pytest.mark.parametrize(
    ("definition", "place"),
    [
        (split(("a", 1, "one")), "nodes.part.ways"),
        (split(("a", 0, "one"), ("b", 1, "other")), "nodes.part.ways.0.weight"),
        (split(("a", 1, "one"), ("z", 1, "other")), "nodes.part.ways.1.name"),
        (split(("a", 1, "one"), ("a", 1, "other")), "nodes.part"),
        (split(("a", 1, "one"), ("b", 1, "nowhere")), "nodes.part.b"),
        (split(("a", 1, "one"), ("b", 1, "part")), "nodes.other"),
    ],
)
def test_a_wrong_split_is_said_with_its_place(definition: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidJourney) as caught:
        parse_definition(definition)
    assert (caught.value.findings[0].node, caught.value.findings[0].path) == (
        "other" if place == "nodes.other" else "part",
        place,
    )


def test_a_split_that_leads_back_at_once_needs_a_wait() -> None:
    definition = split(("a", 1, "one"), ("b", 1, "part"), ("c", 1, "other"))
    with pytest.raises(InvalidJourney, match="a loop needs a wait"):
        parse_definition(definition)
