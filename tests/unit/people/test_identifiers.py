"""Identifiers: one way to write each, and values that mean nothing."""

import pytest

from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.identifiers import NAMESPACES, is_blocked, mask, namespace_of, normalise


@pytest.mark.parametrize(
    ("namespace", "value", "normal"),
    [
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "+86-138-0013-8000", "+8613800138000"),
        ("phone", "138-0013-8000", "+8613800138000"),
        ("phone", "+1 650 253 0000", "+16502530000"),
        ("phone", "12", None),
        ("phone", "call me", None),
        ("email", " Li.Lei@Example.COM ", "li.lei@example.com"),
        ("email", "nobody", None),
        ("openid", "oAbC-1_x", "oAbC-1_x"),
        ("user_id", "  u1 ", "u1"),
        ("user_id", "x" * 257, None),
        ("pos_card", "77", "77"),
        ("Not A Namespace", "77", None),
    ],
)
def test_each_kind_has_one_form(namespace: str, value: str, normal: str | None) -> None:
    expected = None if normal is None else Identifier(namespace, "", normal)
    assert normalise(Identifier(namespace, "", value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "", "0", "000", "---", "0-0", "-1", "null", "NULL", "anonymous", "Guest", "undefined", "NaN", "None",
        "[object Object]", "true", "FALSE", "distinct_id", "id", ' "undefined" ',
    ],
)  # fmt: skip
def test_values_that_stand_for_nothing_are_blocked(value: str) -> None:
    assert is_blocked(value)
    assert normalise(Identifier("user_id", "", value)) is None


@pytest.mark.parametrize("value", ["1", "u0", "0x0", "nulla", "guest42"])
def test_other_values_are_not(value: str) -> None:
    assert not is_blocked(value)


def test_the_order_of_strength_is_total() -> None:
    strengths = [namespace.strength for namespace in NAMESPACES.values()]
    assert strengths == sorted(set(strengths), reverse=True)
    assert list(NAMESPACES) == [
        "unionid", "openid", "external_userid", "user_id", "member_no", "phone", "email", "device",
        "anonymous_id",
    ]  # fmt: skip
    assert NAMESPACES["email"].strength > namespace_of("pos_card").strength > NAMESPACES["device"].strength


def test_masks_show_enough_to_recognise() -> None:
    assert mask("phone", "+8613800138000") == "138****8000"
    assert mask("email", "lilei@example.com") == "l***@example.com"
    assert mask("openid", "oABCDEFGHIJKLMNOP") == "oABC…MNOP"
    assert mask("user_id", "u7") == "u***"
