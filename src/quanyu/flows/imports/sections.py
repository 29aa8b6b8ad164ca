"""Reading one table of a TOML map, with errors that name the place and say what to do."""

import difflib
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from quanyu.flows.imports.errors import MapInvalid

Choice = TypeVar("Choice", bound=StrEnum)


class Section:
    """One table of the map. Keys that nobody asked for are errors, so a misspelt key is never ignored."""

    def __init__(self, name: str, values: dict[str, Any], *, file: str) -> None:
        self.name = name
        self.file = file
        self._values = values
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._values

    def fail(self, key: str, *, zh: str, en: str) -> MapInvalid:
        """Return the error for ``key`` of this table."""
        place = f"[{self.name}] {key}".strip() if self.name else key
        return MapInvalid(
            f"{self.file}: {place}: {en}", message_zh=f"{self.file}：{place}：{zh}", place=place
        )

    def take(self, key: str) -> Any:
        """Return the raw value, or ``None``."""
        self._asked.add(key)
        return self._values.get(key)

    def section(self, key: str) -> "Section":
        """Return the table under ``key``; an absent one is empty."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            raise self.fail(
                key, zh='应为一个表，如 { column = "…" }', en='expected a table like { column = "…" }'
            )
        name = f"{self.name}.{key}" if self.name else key
        return Section(name, value or {}, file=self.file)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a text, or ``default``."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str) or not value:
            raise self.fail(key, zh="应为非空文本", en="expected a text that is not empty")
        return value

    def required_text(self, key: str, *, zh: str, en: str) -> str:
        """Return a text that must be there; the two texts say what it is for."""
        value = self.text(key)
        if value is None:
            raise self.fail(key, zh=f"缺少：{zh}", en=f"missing: {en}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(key, zh="应为 true 或 false", en="expected true or false")
        return value

    def count(self, key: str, *, default: int, most: int) -> int:
        """Return a whole number between 0 and ``most``."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self.fail(
                key, zh=f"应为 0 到 {most} 的整数", en=f"expected a whole number from 0 to {most}"
            )
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return one text or a list of texts."""
        value = self.take(key)
        if value is None:
            return default
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise self.fail(key, zh="应为文本或文本列表", en="expected a text or a list of texts")
        return tuple(values)

    def choice(self, key: str, default: Choice) -> Choice:
        """Return one of the values of ``default``'s enumeration."""
        value = self.take(key)
        if value is None:
            return default
        known = [member.value for member in type(default)]
        if value not in known:
            listed = ", ".join(known)
            raise self.fail(key, zh=f"应为以下之一：{listed}", en=f"expected one of: {listed}")
        return type(default)(value)

    def chosen_keys(self) -> tuple[str, ...]:
        """Return the keys of a table whose keys the writer of the map chooses."""
        self._asked.update(self._values)
        return tuple(self._values)

    def finish(self) -> None:
        """Refuse keys that mean nothing here."""
        for key in self._values:
            if key not in self._asked:
                zh, en = suggest(key, self._asked)
                raise self.fail(key, zh=f"未知的设置{zh}", en=f"unknown setting{en}")


def suggest(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return "did you mean" endings in both languages; the known words when none is close."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    if close:
        return f"；是否想写 {close[0]}？", f"; did you mean {close[0]}?"
    listed = ", ".join(words)
    return f"；可用：{listed}", f"; known here: {listed}"
