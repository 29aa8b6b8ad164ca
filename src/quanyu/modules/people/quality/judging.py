"""Whether a value is one: pure. docs/reference/data-quality.md lists every rule."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import phonenumbers

from quanyu.modules.people.quality.contracts import AttributeRule, Finding, ValueKind
from quanyu.modules.people.traits import holds_email, holds_phone


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Compared folded: NFKC, without blanks around, in lower case.
_NOTHING: Final = _words(
    """
    无 没有 暂无 未知 不详 不知道 未填 未填写 保密 空 测试 测试用户 匿名 默认 其他人 待补充
    test tester test1 test123 testing none null nil n/a na nan undefined unknown anonymous asdf qwerty abc xxx
    - -- --- / // . .. ... ? ?? * ** *** x xx 0000-00-00 0001-01-01 1900-01-01 1900/01/01 19000101 9999-12-31
    """
) | {"", "[object object]"}
_PHONES: Final = frozenset({"13800000000", "13800138000", "13888888888", "12345678901", "13912345678"})
_SAME_DIGITS: Final = re.compile(r"1[3-9]\d(\d)\1{7}|(\d)\2{6,}")
_MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})")
_EMAIL: Final = re.compile(r"([^@\s]+)@([^@\s.]+(?:\.[^@\s.]+)+)")
_NO_MAILBOX: Final = frozenset(
    {"test", "noemail", "none", "null", "a", "abc", "noreply", "no-reply", "example"}
)
_NO_DOMAIN: Final = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net)|test\.com|invalid|localhost\.\w+)")
_DAY: Final = re.compile(r"(\d{4})[年/.-]?(\d{1,2})[月/.-]?(\d{1,2})(?:日)?(?:[Tt ].*)?")
_ID_NUMBER: Final = re.compile(r"[1-9]\d{5}(\d{8})\d{3}[\dX]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_YEARS_MAX: Final = 120
_DATE_KEYS: Final = re.compile(
    r"(?:.*[._-])?(?:生日|出生日期|出生年月日|birthday|birth_?date|birthdate|date_?of_?birth|dob)",
    re.IGNORECASE,
)
_ID_KEYS: Final = re.compile(
    r"(?:.*[._-])?(?:身份证|身份证号|id_?card(?:_?no)?|id_?number|identity_?card)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges values by a brand's rules as of a day."""

    rules: Mapping[str, AttributeRule]
    placeholders: frozenset[str]
    today: date

    def kind_of(self, key: str) -> ValueKind:
        """Return what an attribute's values are: as the brand says, else by its key."""
        rule = self.rules.get(key)
        return rule.kind if rule is not None and rule.kind is not None else guess_kind(key)

    def fault(self, key: str, value: Any) -> Finding | None:
        """Return what is wrong with a value, or ``None``. Of a list, the first fault of its entries."""
        if isinstance(value, list):
            faults = (self.fault(key, entry) for entry in value)
            return next((one for one in faults if one is not None), None) if value else Finding.PLACEHOLDER
        text = folded(value)
        if isinstance(value, str) and (text in _NOTHING or text in self.placeholders):
            return Finding.PLACEHOLDER
        found = self._by_kind(self.kind_of(key), value, text)
        if found is not None:
            return found
        rule = self.rules.get(key)
        return None if rule is None else _by_rule(rule, value, text)

    def _by_kind(self, kind: ValueKind, value: Any, text: str) -> Finding | None:
        match kind:
            case ValueKind.ANY:
                return None
            case ValueKind.TEXT:
                return None if isinstance(value, str) else Finding.WRONG_TYPE
            case ValueKind.NUMBER:
                return None if number_of(value) is not None else Finding.WRONG_TYPE
            case ValueKind.DATE:
                return _day_fault(value, text, self.today)
            case ValueKind.PHONE:
                return _phone_fault(text)
            case ValueKind.EMAIL:
                return _email_fault(text)
            case ValueKind.ID_NUMBER:
                return _id_fault(text.upper(), self.today)


def guess_kind(key: str) -> ValueKind:
    """Return what the values of an attribute are by its key."""
    if holds_phone(key):
        return ValueKind.PHONE
    if holds_email(key):
        return ValueKind.EMAIL
    if _DATE_KEYS.fullmatch(key):
        return ValueKind.DATE
    return ValueKind.ID_NUMBER if _ID_KEYS.fullmatch(key) else ValueKind.ANY


def folded(value: Any) -> str:
    """Return a value as text to compare."""
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def number_of(value: Any) -> float | None:
    """Return a number, also one written as text; ``None`` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def day_of(text: str) -> date | None:
    """Return the day a text says, or ``None``."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _by_rule(rule: AttributeRule, value: Any, text: str) -> Finding | None:
    if rule.allowed and text not in {folded(one) for one in rule.allowed}:
        return Finding.NOT_ALLOWED
    if rule.minimum is None and rule.maximum is None:
        return None
    number = number_of(value)
    if number is None:
        return Finding.WRONG_TYPE
    is_low = rule.minimum is not None and number < rule.minimum
    is_high = rule.maximum is not None and number > rule.maximum
    return Finding.OUT_OF_RANGE if is_low or is_high else None


def _day_fault(value: Any, text: str, today: date) -> Finding | None:
    if isinstance(value, bool):
        return Finding.WRONG_TYPE
    day = day_of(text)
    if day is None:
        return Finding.BAD_FORMAT
    if day > today:
        return Finding.IN_FUTURE
    return Finding.OUT_OF_RANGE if today.year - day.year > _YEARS_MAX else None


def _phone_fault(text: str) -> Finding | None:
    mobile = _MOBILE.fullmatch(text)
    digits = re.sub(r"\D", "", mobile[1] if mobile else text)
    if digits in _PHONES or _SAME_DIGITS.fullmatch(digits):
        return Finding.PLACEHOLDER
    if mobile:
        return None
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return Finding.BAD_FORMAT
    return None if phonenumbers.is_valid_number(number) else Finding.BAD_FORMAT


def _email_fault(text: str) -> Finding | None:
    match = _EMAIL.fullmatch(text)
    if match is None:
        return Finding.BAD_FORMAT
    if match[1] in _NO_MAILBOX or _NO_DOMAIN.fullmatch(match[2]):
        return Finding.PLACEHOLDER
    return None


def _id_fault(text: str, today: date) -> Finding | None:
    match = _ID_NUMBER.fullmatch(text)
    born = day_of(match[1]) if match else None
    if born is None:
        return Finding.BAD_FORMAT
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    if text[17] != _ID_CHECKS[total % 11]:
        return Finding.BAD_FORMAT
    return Finding.IN_FUTURE if born > today else None
