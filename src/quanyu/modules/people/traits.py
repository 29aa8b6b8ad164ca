"""Attributes of a person by privacy class: what is sealed, what may be counted, what is derived.

The class of a trait follows from its key, and from its value where the key says nothing: a mobile number
under ``remark2`` is still a mobile number. Identifiers and names never reach the warehouse; what segments
need of them is derived here, before they are sealed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from quanyu.modules.people.computed.keys import is_computed_key
from quanyu.modules.people.contracts import AttributeClass, Identifier
from quanyu.modules.people.identifiers import normalise_phone
from quanyu.modules.people.phone_prefixes import phone_facts

KEYS_MAX: Final = 200  # Of one call; what a profile page and a segment editor can still show.
KEY_LENGTH_MAX: Final = 128
DEPTH_MAX: Final = 5
PROPERTY_DEPTH_MAX: Final = 20


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Keys are compared in lower case without "_", "-" and spaces; a nested key by its path and by its last part.
_IDENTIFIERS: Final = _words(
    """
    id userid anonymousid phone phonenumber mobile mobilephone tel telephone cell email emailaddress mail
    idcard idcardno idnumber identitycard nationalid passport passportno ssn taxid openid unionid
    externaluserid wechat wechatid weixin qq alipay alipayid bankcard bankaccount cardno memberno membercard
    membershipno licenseplate plateno carno deviceid imei idfa gaid oaid mac ip ipaddress street
    streetaddress address1 address2 addressline addressdetail fulladdress detailaddress door
    latitude longitude lat lng
    手机 手机号 手机号码 电话 邮箱 身份证 身份证号 微信号 车牌 车牌号 银行卡 银行卡号 会员号 会员卡号
    地址 详细地址 收货地址
    """
)
_NAMES: Final = _words(
    """
    name fullname firstname lastname middlename givenname familyname realname nickname username displayname
    screenname contactname receiver receivername consignee recipient accountname remarkname wechatname
    姓名 名字 昵称 真实姓名 联系人 收货人 收件人 用户名 备注名 微信昵称
    """
)
_FREE: Final = _words(
    """
    description remark remarks note notes comment comments bio about signature message feedback memo
    introduction 描述 备注 留言 签名 简介 说明 反馈
    """
)
# Of event properties only these: "name", "id", "address" and the like are about products and shops there.
_PERSONAL_PROPERTIES: Final = _words(
    """
    phone phonenumber mobile mobilephone telephone cell email emailaddress idcard idcardno idnumber
    identitycard nationalid passport passportno ssn openid unionid externaluserid wechatid bankcard
    bankaccount licenseplate plateno ip ipaddress streetaddress addressdetail detailaddress fulladdress
    latitude longitude fullname firstname lastname middlename realname nickname displayname contactname
    receivername consignee recipient
    手机 手机号 手机号码 电话 邮箱 身份证 身份证号 微信号 车牌 车牌号 银行卡 银行卡号 详细地址 收货地址
    姓名 昵称 真实姓名 联系人 收货人 收件人 微信昵称
    """
)
_PHONE_KEYS: Final = _words(
    "phone phonenumber mobile mobilephone tel telephone cell 手机 手机号 手机号码 电话"
)
_EMAIL_KEYS: Final = _words("email emailaddress mail 邮箱")
_NAME_KEYS: Final = _words("name fullname realname lastname familyname 姓名 真实姓名")

_SEPARATORS: Final = re.compile(r"[\s_\-]+")
_LOOKS_LIKE_IDENTIFIER: Final = re.compile(
    r"(?:\+?86)?1[3-9]\d{9}"  # A mainland mobile number.
    r"|[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"  # An identity card.
    r"|[^@\s]+@[^@\s]+\.[^@\s]+"  # An e-mail address.
)
# Family names of two characters; everybody else's is the first character.
_COMPOUND_SURNAMES: Final = _words(
    """
    欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
    太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 西门 左丘 梁丘 第五 轩辕
    """
)


@dataclass(frozen=True, slots=True)
class SplitTraits:
    """Traits by where they may go. Keys are flat (``address.city``); ``None`` clears the attribute."""

    sealed: dict[str, Any]  # Identifiers and names: encrypted, only in PostgreSQL.
    clear: dict[str, Any]  # Everything else.
    derived: dict[str, Any]  # What the sealed ones tell: has_phone, phone_region, surname …
    identifiers: tuple[Identifier, ...]  # The phone and e-mail address among them: they name the person.


@lru_cache(maxsize=4096)
def classify_trait(key: str) -> AttributeClass:
    """Return the class of an attribute by its key."""
    path = _SEPARATORS.sub("", key.casefold())
    last = path.rsplit(".", 1)[-1]
    for candidate in (path, last):
        if candidate in _IDENTIFIERS:
            return AttributeClass.IDENTIFIER
        if candidate in _NAMES:
            # company.name is no person's name, and neither is product.name.
            if candidate == last != path and last == "name":
                return AttributeClass.NONE
            return AttributeClass.NAME
        if candidate in _FREE:
            return AttributeClass.FREE
    return AttributeClass.NONE


@lru_cache(maxsize=4096)
def holds_phone(key: str) -> bool:
    """Whether an attribute of this key is a telephone number."""
    return _SEPARATORS.sub("", key.casefold()) in _PHONE_KEYS


@lru_cache(maxsize=4096)
def holds_email(key: str) -> bool:
    """Whether an attribute of this key is an e-mail address."""
    return _SEPARATORS.sub("", key.casefold()) in _EMAIL_KEYS


def is_private(attribute_class: AttributeClass) -> bool:
    """Whether attributes of this class are sealed."""
    return attribute_class in (AttributeClass.IDENTIFIER, AttributeClass.NAME)


def split_traits(traits: Mapping[str, Any]) -> SplitTraits:
    """Divide traits by class, nested objects flattened; at most ``KEYS_MAX`` are kept, as ordered.

    What somebody tells under ``computed`` is left out: those keys belong to computed attributes.
    """
    sealed: dict[str, Any] = {}
    clear: dict[str, Any] = {}
    for key, value in list(flatten(traits).items())[:KEYS_MAX]:
        if is_computed_key(key):
            continue  # Only computations say these.
        if is_private(classify_trait(key)) or _entry_is_private(value, PROPERTY_DEPTH_MAX):
            sealed[key] = value
        else:
            clear[key] = value
    return SplitTraits(sealed, clear, _derive(sealed), _identifiers(sealed))


def split_properties(
    properties: Mapping[str, Any], *, depth: int = PROPERTY_DEPTH_MAX
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide an event's properties into (clear, sealed), keeping their nesting.

    An event is about things as well as a person: ``name`` is a product's, and an order number may look like a
    telephone number. So only keys that can mean nothing but a person count here, and values by their look
    unless the key says that they number something. What is nested too deep to be looked at is sealed whole.
    """
    if depth > 0 and _is_plain(properties):
        return dict(properties), {}
    clear: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for key, value in properties.items():
        if _is_private_property(key, value, depth):
            sealed[key] = value
        elif type(value) is dict:
            clear[key], inner_sealed = split_properties(value, depth=depth - 1)
            if inner_sealed:
                sealed[key] = inner_sealed
        else:
            clear[key] = value
    return clear, sealed


@lru_cache(maxsize=4096)
def _property_role(key: str) -> tuple[bool, bool]:
    """Whether a property is private by its key, and whether its key says that it numbers something."""
    plain = _SEPARATORS.sub("", key.casefold())
    private = plain in _PERSONAL_PROPERTIES
    return private, plain.endswith(("id", "no", "number", "code", "sku", "key", "hash"))


def _is_plain(properties: Mapping[str, Any]) -> bool:
    """Whether nothing is private and nothing nested: so with most events, and cheap to see."""
    for key, value in properties.items():
        private, numbers_something = _property_role(key)
        kind = type(value)
        if private or kind is dict or kind is list:
            return False
        if kind is str and not numbers_something and _looks_private(value):
            return False
    return True


def _is_private_property(key: str, value: Any, depth: int) -> bool:
    private, numbers_something = _property_role(key)
    if private or depth <= 0:
        return True
    kind = type(value)
    if kind is str:
        return not numbers_something and _looks_private(value)
    return kind is list and _list_is_private(value, depth - 1)


def _list_is_private(values: list[Any], depth: int) -> bool:
    """Whether anything in a list is private; the whole list is sealed then."""
    return depth <= 0 or any(_entry_is_private(entry, depth) for entry in values)


def _entry_is_private(entry: Any, depth: int) -> bool:
    if isinstance(entry, str):
        return _looks_private(entry)
    if isinstance(entry, list):
        return _list_is_private(entry, depth - 1)
    if not isinstance(entry, dict):
        return False
    return any(
        _is_private_property(key, value, depth)
        or (isinstance(value, dict) and _entry_is_private(value, depth - 1))
        for key, value in entry.items()
    )


def flatten(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Write nested objects as dotted keys; what is nested too deep, or has an unusable key, is left out."""
    flat: dict[str, Any] = {}
    _flatten_into(flat, "", traits, DEPTH_MAX)
    return flat


def _flatten_into(flat: dict[str, Any], prefix: str, traits: Mapping[str, Any], depth: int) -> None:
    for key, value in traits.items():
        path = f"{prefix}{key}"
        if not key or len(path) > KEY_LENGTH_MAX or "\0" in path:
            continue
        if not isinstance(value, Mapping):
            flat[path] = value
        elif depth > 1:
            _flatten_into(flat, f"{path}.", value, depth - 1)


def _looks_private(value: str) -> bool:
    """Whether a text is a mobile number, an identity card number or an e-mail address."""
    # Most text is neither as short as a number nor an address: told without the expression.
    if not 5 < len(value) <= 320 or not (value[-1:].isdigit() or "@" in value or value[-1:] in "xX "):
        return False
    return _LOOKS_LIKE_IDENTIFIER.fullmatch(value.strip()) is not None


def _identifiers(sealed: Mapping[str, Any]) -> tuple[Identifier, ...]:
    found = []
    for key, value in sealed.items():
        plain = _SEPARATORS.sub("", key.casefold())
        if value is None or isinstance(value, bool | list):
            continue
        if plain in _PHONE_KEYS:
            found.append(Identifier("phone", "", str(value)))
        elif plain in _EMAIL_KEYS:
            found.append(Identifier("email", "", str(value)))
    return tuple(found)


def _derive(sealed: Mapping[str, Any]) -> dict[str, Any]:
    derived: dict[str, Any] = {}
    for key, value in sealed.items():
        plain = _SEPARATORS.sub("", key.casefold())
        text = str(value).strip() if value is not None else ""
        if plain in _PHONE_KEYS:
            derived |= _derive_phone(text)
        elif plain in _EMAIL_KEYS:
            derived["has_email"] = "@" in text
        elif plain in _NAME_KEYS and "surname" not in derived:
            derived["surname"] = surname(text) or None
    return derived


def _derive_phone(text: str) -> dict[str, Any]:
    phone = normalise_phone(text) if text else None
    if phone is None:
        return {"has_phone": False, "phone_carrier": None, "phone_region": None}
    facts = phone_facts(phone)
    return {"has_phone": True, "phone_carrier": facts.carrier or None, "phone_region": facts.region or None}


def surname(name: str) -> str:
    """Return the family name of a Chinese name, or "" when the name is written in other letters."""
    if name[:2] in _COMPOUND_SURNAMES:
        return name[:2]
    first = name[:1]
    return first if "\u4e00" <= first <= "\u9fff" else ""


def asked_instead(key: str) -> tuple[str, ...] | None:
    """Return what can be asked about instead of a sealed attribute; ``None`` if it is not sealed."""
    if not is_private(classify_trait(key)):
        return None
    plain = _SEPARATORS.sub("", key.casefold())
    if plain in _PHONE_KEYS:
        return ("has_phone", "phone_carrier", "phone_region")
    if plain in _EMAIL_KEYS:
        return ("has_email",)
    return ("surname",) if plain in _NAME_KEYS else ()


def is_sealed_property(path: str) -> bool:
    """Whether an event's property is sealed whatever it holds; dots reach into objects."""
    return any(_property_role(part)[0] for part in path.split("."))


def may_be_shown(is_attribute: bool, key: str, value: Any) -> bool:
    """Whether a value may be shown as an example: it says nothing of who somebody is.

    ``is_attribute`` tells attributes of a person from properties of an event, where ``name`` is a product's.
    """
    if _entry_is_private(value, PROPERTY_DEPTH_MAX) or is_sealed_property(key):
        return False
    found = classify_trait(key)
    if found in (AttributeClass.IDENTIFIER, AttributeClass.FREE):
        return False
    return found is AttributeClass.NONE or not is_attribute
