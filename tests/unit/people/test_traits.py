"""Traits: which are sealed, which may be counted, what is derived."""

import pytest

from quanyu.modules.people.contracts import AttributeClass, Identifier
from quanyu.modules.people.phone_prefixes import PhoneFacts, phone_facts
from quanyu.modules.people.traits import classify_trait, split_properties, split_traits, surname


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("phone", AttributeClass.IDENTIFIER),
        ("Mobile_Phone", AttributeClass.IDENTIFIER),
        ("idCard", AttributeClass.IDENTIFIER),
        ("address.street", AttributeClass.IDENTIFIER),
        ("手机号", AttributeClass.IDENTIFIER),
        ("name", AttributeClass.NAME),
        ("firstName", AttributeClass.NAME),
        ("昵称", AttributeClass.NAME),
        ("company.name", AttributeClass.NONE),
        ("contact.phone", AttributeClass.IDENTIFIER),
        ("remark", AttributeClass.FREE),
        ("备注", AttributeClass.FREE),
        ("city", AttributeClass.NONE),
        ("birthday", AttributeClass.NONE),
        ("rfm_class", AttributeClass.NONE),
    ],
)
def test_the_key_tells_the_class(key: str, expected: AttributeClass) -> None:
    assert classify_trait(key) is expected


def test_traits_are_split_flattened_and_derived() -> None:
    split = split_traits(
        {
            "name": "欧阳娜娜",
            "phone": "138 0013 8000",
            "email": "Na@Example.com",
            "address": {"city": "上海", "street": "南京路 1 号", "geo": {"zone": 3}},
            "level": 3,
            "spare": "13912345678",
            "contacts": [{"nickname": "阿明", "role": "friend"}],
            "tags": ["tea", "vip"],
        }
    )
    assert split.sealed == {
        "name": "欧阳娜娜",
        "phone": "138 0013 8000",
        "email": "Na@Example.com",
        "address.street": "南京路 1 号",
        "spare": "13912345678",
        "contacts": [{"nickname": "阿明", "role": "friend"}],
    }
    assert split.clear == {
        "address.city": "上海",
        "address.geo.zone": 3,
        "level": 3,
        "tags": ["tea", "vip"],
    }
    assert split.derived == {
        "surname": "欧阳",
        "has_phone": True,
        "phone_carrier": "中国移动",
        "phone_region": "北京市",
        "has_email": True,
    }
    assert split.identifiers == (
        Identifier("phone", "", "138 0013 8000"),
        Identifier("email", "", "Na@Example.com"),
    )


def test_clearing_a_phone_clears_what_it_told() -> None:
    split = split_traits({"phone": None})
    assert split.sealed == {"phone": None}
    assert split.derived == {"has_phone": False, "phone_carrier": None, "phone_region": None}
    assert split.identifiers == ()


def test_unusable_keys_and_bottomless_nesting_are_left_out() -> None:
    deep: dict[str, object] = {"x": 1}
    for _ in range(9):
        deep = {"d": deep}
    assert split_traits({"": 1, "a\0b": 2, "k" * 129: 3, "deep": deep, "ok": 4}).clear == {"ok": 4}


def test_event_properties_keep_things_and_lose_people() -> None:
    properties = {
        "product_id": "p1",
        "name": "龙井",
        "order_id": "13912345678",
        "contact": "13912345678",
        "shipping": {"city": "杭州", "receiver_name": "韩梅梅", "to": {"phone": "13800138000"}},
        "products": [{"product_id": "p1", "name": "龙井", "price": 9.5}],
        "guests": [{"phone": "1"}],
        "lines": [{"sku": "1", "gift": {"to": {"mobile": "1"}}}],
    }
    clear, sealed = split_properties(properties)
    assert clear == {
        "product_id": "p1",
        "name": "龙井",
        "order_id": "13912345678",
        "shipping": {"city": "杭州", "to": {}},
        "products": [{"product_id": "p1", "name": "龙井", "price": 9.5}],
    }
    assert sealed == {
        "contact": "13912345678",
        "shipping": {"receiver_name": "韩梅梅", "to": {"phone": "13800138000"}},
        "guests": [{"phone": "1"}],
        "lines": [{"sku": "1", "gift": {"to": {"mobile": "1"}}}],
    }


def test_properties_nested_too_deep_are_sealed_whole() -> None:
    deep: dict[str, object] = {"phone": "13800138000"}
    for _ in range(200):
        deep = {"d": deep}
    clear, sealed = split_properties({"deep": deep, "ok": 1})
    assert "13800138000" not in str(clear)
    assert "13800138000" in str(sealed)


def test_prefixes_tell_carrier_and_region() -> None:
    assert phone_facts("+8615868812345") == PhoneFacts("中国移动", "浙江省杭州市")
    assert phone_facts("+8613000171111") == PhoneFacts("中国联通", "山东省济南市")
    assert phone_facts("+8619912345678").carrier == "中国电信"
    assert phone_facts("+861088888888") == PhoneFacts("", "")
    assert phone_facts("+16502530000") == PhoneFacts("", "")


def test_surnames() -> None:
    assert [surname(name) for name in ("王伟", "司马光", "Li Lei", "")] == ["王", "司马", "", ""]
