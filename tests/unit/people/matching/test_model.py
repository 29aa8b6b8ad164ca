"""Who may be the same person: what agreements add, what they cost, and which pairs are compared at all."""

import pytest

from quanyu.modules.people.matching.blocking import BLOCK_MAX, Blocks, keys
from quanyu.modules.people.matching.comparing import addresses, codes, dates, mails, names, plain
from quanyu.modules.people.matching.model import CountedValues, Model, Record

WANG: Record = {"name": ("王小明",), "birth_date": ("1990-05-17",), "city": ("杭州",)}


def model(*others: Record) -> Model:
    """Return a model of a brand of some size in which nothing but ``others`` is known."""
    strangers: list[Record] = [
        {"name": (f"路人{number}",), "city": ("杭州",) if number % 3 else ("宁波",)} for number in range(300)
    ]
    return Model(CountedValues([*strangers, *others]))


def levels(one: Record, other: Record) -> dict[str, str]:
    _, agreements = model(one, other).compare(one, other)
    return {found.field: found.level for found in agreements}


@pytest.mark.parametrize(
    ("compare", "a", "b", "level"),
    [
        (names, "王小明", "王晓明", "close"),  # One character heard wrong.
        (names, "王明", "李明", "different"),  # Of two characters one is half the name.
        (names, "robert", "rob", "similar"),
        (names, "martha", "marhta", "close"),
        (names, "elizabeth", "liz", "different"),
        (codes, "+8613800138000", "+8613800138001", "close"),
        (codes, "+8613800138000", "+8613800183000", "close"),  # Two digits exchanged.
        (codes, "+8613800138000", "+8613911138000", "different"),
        (dates, "1990-05-17", "1990-05-18", "close"),
        (dates, "1990-05-17", "1990-06-20", "similar"),  # By the lunar calendar.
        (dates, "1990-05-17", "1972-11-03", "different"),
        (dates, "no date", "1972-11-03", "different"),
        (addresses, "中山路 12 号 3 室", "3 室 12 号 中山路", "close"),
        (addresses, "wallaby place 7", "hoseason street", "different"),
        (mails, "xiaoming@qq.com", "xiaoming@163.com", "close"),
        (mails, "xiaoming@qq.com", "zhangwei@qq.com", "different"),
    ],
)
def test_values_agree_more_or_less(compare, a: str, b: str, level: str) -> None:  # type: ignore[no-untyped-def]
    assert compare(a, b) == compare(b, a) == level


def test_width_case_and_blanks_do_not_count() -> None:
    assert plain("  ＷＡＮＧ xiao ") == "wang xiao"


def test_a_rare_value_in_common_says_more_than_a_common_one() -> None:
    common, rare = {"city": ("杭州",)}, {"city": ("漠河",)}
    scorer = model(rare, rare)
    assert scorer.compare(rare, rare)[0] > scorer.compare(common, common)[0]


def test_every_field_that_agrees_adds_and_one_that_differs_costs() -> None:
    scorer = model(WANG, WANG)
    less = scorer.compare({"name": WANG["name"]}, WANG)[0]
    more = scorer.compare({"name": WANG["name"], "birth_date": WANG["birth_date"]}, WANG)[0]
    differing = scorer.compare({"name": WANG["name"], "birth_date": ("1961-12-01",)}, WANG)[0]
    assert differing < less < more


def test_a_name_alone_joins_nobody() -> None:
    same_name = {"name": ("王小明",)}
    probability, _ = model(*[same_name] * 4).compare(same_name, same_name)
    assert probability < 0.5


def test_of_several_phones_the_best_pair_counts() -> None:
    one = {"phone": ("+8613800138000", "+8613900000001")}
    other = {"phone": ("+8613700000009", "+8613800138001")}
    assert levels(one, other) == {"phone": "close"}


def test_given_and_family_name_in_each_others_place_agree() -> None:
    one = {"given_name": ("isla",), "surname": ("hall",)}
    other = {"given_name": ("hall",), "surname": ("isla",)}
    assert levels(one, other) == {"given_name": "swapped"}


def test_a_field_only_one_side_has_says_nothing() -> None:
    assert levels({"name": ("王小明",)}, {"city": ("杭州",)}) == {}


def test_a_block_too_large_is_dropped_and_counted() -> None:
    blocks = Blocks([{"city": ("杭州",), "name": ("王小明",)}] * (BLOCK_MAX + 1))
    assert list(blocks.pairs()) == []
    assert blocks.dropped == len(keys({"city": ("杭州",), "name": ("王小明",)}))


def test_a_wrong_digit_or_exchanged_letters_still_meet() -> None:
    pairs = [
        ({"phone": ("+8613800138000",)}, {"phone": ("+8613800138007",)}),
        ({"phone": ("+8613800138000",)}, {"phone": ("+8613700138000",)}),
        ({"given_name": ("sofia",), "surname": ("hall",)}, {"given_name": ("fosia",), "surname": ("halll",)}),
        ({"name": ("王小明",), "birth_date": ("1990-05-17",)}, {"birth_date": ("1990-05-17",)}),
        ({"email": ("rob.allen25@smith.net",)}, {"email": ("rob.allen@brooks.com",)}),
    ]
    for one, other in pairs:
        assert list(Blocks([one, other]).pairs()) == [(0, 1)]
