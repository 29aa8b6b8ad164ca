"""Segments that ask about segments (SG `in segment X`): circles are refused, the asked come first."""

import pytest

from quanyu.kernel.ids import encode_id
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.references import Stored, asked_first, asked_in, check_references, with_asked
from quanyu.modules.segments.tree import dump_definition, parse_definition

FIRM = encode_id("aseg", 7)


def member_of(*segments: int) -> dict[str, object]:
    parts = [{"kind": "segment", "segment": encode_id("seg", one)} for one in segments]
    return {"kind": "any", "of": [{"kind": "not", "of": part} for part in parts]}


def test_what_is_asked_is_found_at_any_depth() -> None:
    left = {"kind": "segment_move", "segment": encode_id("seg", 3), "move": "left"}
    definition = parse_definition({"kind": "all", "of": [member_of(1, 2), {"kind": "not", "of": left}]})
    assert asked_in(dump_definition(definition)).keys() == {1, 2, 3}
    assert asked_in({"kind": "attribute", "key": "of", "op": "eq", "value": "segment"}) == {}
    firms = {"kind": "not", "of": {"kind": "contacts", "who": {"kind": "company_contact", "segment": FIRM}}}
    assert asked_in({"kind": "any", "of": [firms, {"kind": "contacts"}]}) == {7: FIRM}
    assert asked_in({"kind": "company_contact"}) == {}


@pytest.mark.parametrize(
    ("stored", "circle"),
    [
        ({1: frozenset({1})}, [1, 1]),
        ({1: frozenset(), 2: frozenset({1})}, [1, 2, 1]),
        ({1: frozenset(), 2: frozenset({3}), 3: frozenset({4, 1}), 4: frozenset()}, [1, 2, 3, 1]),
    ],
)
def test_a_circle_is_refused_and_shown(stored: dict[int, frozenset[int]], circle: list[int]) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        check_references(asked_in(member_of(circle[1])), Stored(stored), segment_id=1)
    assert caught.value.details["circle"] == [encode_id("seg", one) for one in circle]


def test_who_asks_about_leaving_asks_about_the_segment() -> None:
    moved = {"kind": "segment_move", "segment": encode_id("seg", 2), "move": "left"}
    with pytest.raises(InvalidDefinition, match="circle"):
        check_references(asked_in(moved), Stored({1: frozenset(), 2: frozenset({1})}), segment_id=1)


def test_a_detour_over_companies_is_a_circle_too() -> None:
    of_firms = {"kind": "company_contact", "segment": FIRM}
    with pytest.raises(InvalidDefinition) as caught:
        check_references(
            asked_in(of_firms), Stored({1: frozenset(), 7: frozenset({1})}, frozenset({7})), segment_id=1
        )
    assert caught.value.details["circle"] == [encode_id("seg", 1), FIRM, encode_id("seg", 1)]


def test_a_segment_of_companies_is_none_of_people() -> None:
    stored = Stored({1: frozenset(), 7: frozenset()}, frozenset({7}))
    with pytest.raises(InvalidDefinition, match=encode_id("seg", 7)):
        check_references(asked_in(member_of(7)), stored, segment_id=None)
    one = {"kind": "company_contact", "segment": encode_id("aseg", 1)}
    with pytest.raises(InvalidDefinition, match=encode_id("aseg", 1)):
        check_references(asked_in(one), stored, segment_id=None)
    check_references(asked_in({"kind": "company_contact", "segment": FIRM}), stored, segment_id=None)


def test_a_segment_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match=encode_id("seg", 9)):
        check_references(asked_in(member_of(1, 9)), Stored({1: frozenset()}), segment_id=None)


def test_two_ways_to_one_segment_are_no_circle() -> None:
    stored = {2: frozenset({4}), 3: frozenset({4}), 4: frozenset(), 1: frozenset()}
    check_references(asked_in(member_of(2, 3)), Stored(stored), segment_id=1)


def test_the_asked_come_first_and_are_as_fresh() -> None:
    references = {1: frozenset({2, 3}), 2: frozenset({4}), 3: frozenset({4}), 4: frozenset(), 5: frozenset()}
    order = asked_first([5, 1, 2, 3, 4], references)
    assert sorted(order) == [1, 2, 3, 4, 5]
    assert all(order.index(asked) < order.index(one) for one, all_ in references.items() for asked in all_)
    assert with_asked({2}, references) == {2, 4}
