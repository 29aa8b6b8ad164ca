"""What a field of a request may be, declared once per call, and the first rule it breaks.

A name ending in ``!`` must be there. Lengths count characters. A field that is not declared is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from wechat_sandbox.wire.pay.errors import OUT_OF_RANGE, UNKNOWN_FIELD, PayError, param_error

NOTIFY_URL = r"https?://([^\s/?#\[\]@]+@)?([^\s/?#@:]+)(?::\d{2,5})?([^\s?#\[\]]*)"


@dataclass(frozen=True, slots=True)
class Text:
    """A string: its length in characters, the form it has, or the values it is one of."""

    max: int = 4096
    min: int = 1
    pattern: str = ""
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer."""

    min: int = 0
    max: int = 10**12


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as RFC 3339 with its offset."""


@dataclass(frozen=True, slots=True)
class Group:
    """An object."""

    fields: Mapping[str, "Rule"]


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: "Rule"
    min: int = 0
    max: int = 1000


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever; the endpoint looks itself, or the platform does not care."""


Rule = Text | Whole | Flag | Moment | Group | Many | Anything
Fields = Mapping[str, Rule]
CIPHER = Text(max=1024)
URL = Text(max=255, pattern=NOTIFY_URL)


def check(fields: Fields, value: Mapping[str, Any], at: str = "/body") -> None:
    """Hold an object to its declaration.

    Raises:
        PayError: the first rule that is broken, known fields first.
    """
    known = set()
    for declared, rule in fields.items():
        name = declared.removesuffix("!")
        known.add(name)
        found = value.get(name)
        if found is None:
            if declared.endswith("!"):
                raise param_error(f"{at}/{name}", None, "此字段为必填项")
            continue
        _check_one(rule, found, f"{at}/{name}")
    for name in value:
        if name not in known:
            raise param_error(f"{at}/{name}", None, "未知的参数", reason=UNKNOWN_FIELD)


def _check_one(rule: Rule, value: Any, at: str) -> None:
    match rule:
        case Text():
            _check_text(rule, value, at)
        case Whole():
            if isinstance(value, bool) or not isinstance(value, int):
                raise param_error(at, value, "类型应为整数")
            if not rule.min <= value <= rule.max:
                raise param_error(at, value, f"应在 {rule.min} 与 {rule.max} 之间", reason=OUT_OF_RANGE)
        case Flag():
            if not isinstance(value, bool):
                raise param_error(at, value, "类型应为布尔值")
        case Moment():
            _check_text(Text(max=64), value, at)
            read_moment(value, at)
        case Group():
            if not isinstance(value, dict):
                raise param_error(at, value, "类型应为对象")
            check(rule.fields, value, at)
        case Many():
            _check_many(rule, value, at)
        case Anything():
            pass


def _check_many(rule: Many, value: Any, at: str) -> None:
    if not isinstance(value, list):
        raise param_error(at, value, "类型应为数组")
    if not rule.min <= len(value) <= rule.max:
        raise param_error(at, len(value), f"数组长度应在 {rule.min} 与 {rule.max} 之间")
    for index, item in enumerate(value):
        _check_one(rule.item, item, f"{at}/{index}")


def _check_text(rule: Text, value: Any, at: str) -> None:
    if not isinstance(value, str):
        raise param_error(at, value, "类型应为字符串")
    if rule.one_of and value not in rule.one_of:
        raise param_error(at, value, "不在可选值之内")
    if len(value) < rule.min:
        raise _string_error(at, len(value), f"字符数 {len(value)},小于最小值 {rule.min}")
    if len(value) > rule.max:
        raise _string_error(at, len(value), f"字符数 {len(value)},大于最大值 {rule.max}")
    if rule.pattern and _compiled(rule.pattern).fullmatch(value) is None:
        raise _string_error(at, value, f"不匹配正则表达式“{rule.pattern}”")


def _string_error(at: str, value: object, issue: str) -> PayError:
    """Strings are refused in a form of their own: the value or its length, without the field."""
    where = "query" if at.startswith("/query") else "body"
    message = f"输入源“{at}”字符串规则校验失败,{issue}"
    return PayError("PARAM_ERROR", message, detail={"location": where, "value": value})


def read_moment(text: str, at: str = "/body") -> float:
    """Return an RFC 3339 instant as epoch seconds, or refuse it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise param_error(at, text, "时间格式应遵循 rfc3339") from error
    if moment.tzinfo is None or "T" not in text:
        raise param_error(at, text, "时间格式应遵循 rfc3339")
    return moment.timestamp()


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
