"""Definitions that ask about what is sealed are refused with what to ask instead, not answered with 0."""

from typing import Any

import pytest

from quanyu.modules.segments.askable import read_definition
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.tree import parse_definition


def attribute(key: str) -> dict[str, Any]:
    return {"kind": "attribute", "key": key, "op": "is_set"}


def bought(field: str) -> dict[str, Any]:
    return {"kind": "event", "name": "Order Completed", "where": [{"field": field, "op": "is_set"}]}


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("phone", ["has_phone", "phone_carrier", "phone_region"]),
        ("手机号", ["has_phone", "phone_carrier", "phone_region"]),
        ("Email", ["has_email"]),
        ("name", ["surname"]),
        ("nickname", []),
        ("openid", []),
        ("address.street", []),
    ],
)
def test_identifiers_and_names_cannot_be_asked_about(key: str, instead: list[str]) -> None:
    tree = {"kind": "all", "of": [{"kind": "not", "of": attribute(key)}]}

    with pytest.raises(InvalidDefinition, match="is sealed") as refused:
        read_definition(tree)

    assert refused.value.details == {"key": key, "instead": instead}
    assert all(one in refused.value.message and one in refused.value.message_zh for one in instead)
    assert "已加密" in refused.value.message_zh


@pytest.mark.parametrize("field", ["properties.phone", "properties.buyer.mobile", "properties.昵称"])
def test_neither_can_what_an_event_says_of_them(field: str) -> None:
    with pytest.raises(InvalidDefinition, match="is sealed"):
        read_definition(bought(field))
    with pytest.raises(InvalidDefinition, match="is sealed"):
        read_definition(
            {
                "kind": "aggregate",
                "name": "Order Completed",
                "function": "distinct",
                "of": {"kind": "field", "field": field},
                "test": {"op": "gte", "value": 2},
            }
        )


@pytest.mark.parametrize(
    "definition",
    [
        *map(
            attribute, ("has_phone", "phone_region", "surname", "city", "company.name", "rfm_class", "remark")
        ),
        *map(bought, ("properties.name", "properties.id", "revenue", "message_id")),
    ],
)
def test_the_rest_can(definition: dict[str, Any]) -> None:
    assert read_definition(definition) == parse_definition(definition)
