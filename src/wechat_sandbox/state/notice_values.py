"""Which values a keyword of a subscribe message takes.

Source: official page 发送订阅消息, table 订阅消息参数值内容限制说明 (mirror read 2026-07-30).
"""

import re
from collections.abc import Callable

_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2})"
_MOMENT = rf"({_DAY}( ?{_CLOCK})?|{_CLOCK})"
_TIME = re.compile(rf"{_MOMENT}(\s?[~-]\s?{_MOMENT})?")
_AMOUNT = re.compile(r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?")
_HAN = re.compile(r"[㐀-鿿·]+")


def accepts(rule: str, value: str, choices: tuple[str, ...] = ()) -> bool:
    """Whether a value fits the rule of its keyword."""
    if rule == "enum":
        return value in choices
    check = _CHECKS.get(rule)
    return check is None or check(value)


def _is_name(value: str) -> bool:
    """Up to ten characters of Chinese alone, up to twenty where letters take part."""
    return len(value) <= (10 if _HAN.fullmatch(value) else 20)


def _fits(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "number": lambda value: len(value) <= 32 and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    "letter": _fits(r"[A-Za-z]{1,32}"),
    "symbol": _fits(r"[^\w\s]{1,5}"),
    "character_string": _fits(r"[\x21-\x7e]{1,32}"),
    "time": lambda value: _TIME.fullmatch(value) is not None,
    "date": lambda value: _TIME.fullmatch(value) is not None,
    "amount": lambda value: _AMOUNT.fullmatch(value) is not None,
    "phone_number": _fits(r"[\d+*() -]{1,17}"),
    "car_number": lambda value: 1 <= len(value) <= 8,
    "name": _is_name,
    "phrase": lambda value: len(value) <= 5 and _HAN.fullmatch(value) is not None,
}
