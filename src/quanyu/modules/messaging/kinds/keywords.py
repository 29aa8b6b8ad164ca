"""Which values the keywords of a subscribe message take: the rule is the letters of the field's name.

Source: official page 发送订阅消息, table 订阅消息参数值内容限制说明 (read 2026).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from quanyu.modules.messaging.kinds.base import Misfit
from quanyu.modules.messaging.kinds.templates import fields_of

_CLOCK: Final = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY: Final = r"\d{4}(年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2})"
_MOMENT: Final = rf"({_DAY}( ?{_CLOCK})?|{_CLOCK})"
_HAN: Final = re.compile(r"[㐀-鿿·]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    fits: Callable[[str], bool]
    en: str
    zh: str


def _pattern(pattern: str, en: str, zh: str) -> _Rule:
    compiled = re.compile(pattern, re.DOTALL)
    return _Rule(lambda value: compiled.fullmatch(value) is not None, en, zh)


def _is_name(value: str) -> bool:
    """Up to ten characters of Chinese alone, up to twenty where letters take part."""
    return len(value) <= (10 if _HAN.fullmatch(value) else 20)


_TIME: Final = _pattern(
    rf"{_MOMENT}(\s?[~-]\s?{_MOMENT})?",
    "a date or time such as 2026年3月8日 15:01, or a span of two with ~",
    "应为日期或时间，如 2026年3月8日 15:01，起止之间用 ~",
)
_RULES: Final[Mapping[str, _Rule]] = {
    "thing": _pattern(r".{1,20}", "at most 20 characters", "最多 20 个字符"),
    "number": _Rule(
        lambda value: len(value) <= 32 and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
        "a number of at most 32 digits",
        "应为 32 位以内的数字",
    ),
    "letter": _pattern(r"[A-Za-z]{1,32}", "at most 32 letters", "应为 32 个以内的字母"),
    "symbol": _pattern(r"[^\w\s]{1,5}", "at most 5 signs", "应为 5 个以内的符号"),
    "character_string": _pattern(
        r"[\x21-\x7e]{1,32}", "at most 32 letters, digits or signs", "应为 32 个以内的数字、字母或符号"
    ),
    "time": _TIME,
    "date": _TIME,
    "amount": _pattern(
        r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?\u5143?",
        "an amount such as ¥68.00, without separators",
        "应为金额，如 ¥68.00，不带千位分隔符",
    ),
    "phone_number": _pattern(
        r"[\d+*() -]{1,17}", "at most 17 digits or signs of a telephone number", "应为 17 位以内的电话号码"
    ),
    "car_number": _pattern(r".{1,8}", "at most 8 characters", "最多 8 个字符"),
    "name": _Rule(
        _is_name, "at most 10 Chinese characters, or 20 with letters", "最多 10 个汉字，含字母时最多 20 个"
    ),
    "phrase": _Rule(
        lambda value: len(value) <= 5 and _HAN.fullmatch(value) is not None,
        "at most 5 Chinese characters",
        "应为 5 个以内的汉字",
    ),
}


def misfit(parts: Mapping[str, str]) -> Misfit | None:
    """Return the first field of some rendered parts whose value breaks the rule of its keyword."""
    for name, value in fields_of(parts).items():
        rule = _RULES.get(name.rstrip("0123456789"))
        if rule is not None and not rule.fits(value):
            return Misfit(f"data.{name}", rule.en, rule.zh)
    return None
