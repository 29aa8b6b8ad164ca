"""What properties events have, as inferred from some of them; values that name people are never shown."""

from typing import Any

import pytest

from quanyu.modules.events.observed.contracts import PropertySeen, PropertyType
from quanyu.modules.events.observed.inference import DISTINCT_MAX, HIDDEN, KEYS_MAX, infer, redacted
from quanyu.modules.people.traits import may_be_shown


def shown_of_events(key: str, value: Any) -> bool:
    return may_be_shown(False, key, value)


def described(*samples: dict[str, Any]) -> dict[str, PropertySeen]:
    return {one.key: one for one in infer(samples, shown_of_events)}


def test_types_presence_and_examples() -> None:
    found = described(
        {"color": "红", "price": 12.5, "gift": True, "tags": ["a"], "size": {"cm": 3}, "gone": None},
        {"color": "绿", "price": 8, "gift": False, "size": {"cm": "XL"}},
        {"color": "红", "price": 12.5},
    )

    assert {key: (one.type.value, one.present) for key, one in found.items()} == {
        "color": ("text", 3), "price": ("number", 3), "gift": ("boolean", 2),
        "size.cm": ("mixed", 2), "tags": ("list", 1),
    }  # fmt: skip
    assert found["color"].examples == ("红", "绿")
    assert found["price"].examples == ("12.5", "8")
    assert found["gift"].examples == ("false", "true")
    assert (found["tags"].examples, found["tags"].distinct) == ((), 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [("phone", "13812345678"), ("order_no", "13812345678"), ("comment", "放门口"), ("tags", ["a@b.cn"])],
)
def test_what_may_name_somebody_is_described_but_not_shown(key: str, value: Any) -> None:
    found = described({key: "plain"}, {key: value}, {key: "plain"})[key]

    assert (found.present, found.examples, found.distinct) == (3, (), 0)
    assert redacted({key: value, "deep": {key: value}}, shown_of_events) == {
        key: HIDDEN,
        "deep": {key: HIDDEN},
    }


def test_names_of_things_are_shown_and_names_of_people_are_not() -> None:
    assert may_be_shown(False, "name", "明前龙井")
    assert not may_be_shown(True, "name", "林知夏")
    assert may_be_shown(True, "city", "杭州")


def test_many_keys_and_values_stay_bounded() -> None:
    many = infer([{f"k{number}": number for number in range(KEYS_MAX + 50)}], shown_of_events)
    assert len(many) == KEYS_MAX
    free = described(*({"note_no": f"n{number}"} for number in range(DISTINCT_MAX + 9)))["note_no"]
    assert (free.present, free.distinct, free.type) == (DISTINCT_MAX + 9, DISTINCT_MAX, PropertyType.TEXT)
