"""Saying what must come back: exact where it is known, by shape where the platform chooses."""

import re
from collections.abc import Callable, Mapping
from typing import Any

OK = {"errcode": 0, "errmsg": "ok"}
TEXT: Callable[[Any], bool] = lambda value: isinstance(value, str) and value != ""  # noqa: E731
NUMBER: Callable[[Any], bool] = lambda value: isinstance(value, int) and value > 0  # noqa: E731


def differences(actual: Any, expected: Any, at: str = "answer") -> list[str]:
    """Compare an answer with what is expected and name each place where they differ.

    A mapping names the fields that matter, others may be there; a list or tuple is complete and in
    order; a type means any value of it; a compiled pattern must match the whole text; a function
    decides by itself; anything else is compared as it is.
    """
    if isinstance(expected, Mapping):
        if not isinstance(actual, Mapping):
            return [f"{at} is {actual!r}, not an object"]
        return [
            found
            for name, wanted in expected.items()
            for found in (
                differences(actual[name], wanted, f"{at}.{name}")
                if name in actual
                else [f"{at}.{name} is absent"]
            )
        ]
    if isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            return [f"{at} is {actual!r}, not {len(expected)} items"]
        return [
            found
            for index, (one, wanted) in enumerate(zip(actual, expected, strict=True))
            for found in differences(one, wanted, f"{at}[{index}]")
        ]
    return [] if _fits(actual, expected) else [f"{at} is {actual!r}, wanted {_name(expected)}"]


def _fits(actual: Any, expected: Any) -> bool:
    if isinstance(expected, type):
        return isinstance(actual, expected) and not (expected is int and isinstance(actual, bool))
    if isinstance(expected, re.Pattern):
        return isinstance(actual, str) and expected.fullmatch(actual) is not None
    if callable(expected):
        return bool(expected(actual))
    return bool(actual == expected) and isinstance(actual, bool) == isinstance(expected, bool)


def _name(expected: Any) -> str:
    return getattr(expected, "__name__", None) or repr(expected)
