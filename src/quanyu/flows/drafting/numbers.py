"""Numbers as people say them: 三次, 半年, twice, 1.5 万."""

import re
import unicodedata
from typing import Final

_DIGITS: Final = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_UNITS: Final = r"(?:个|天|日|周|星期|礼拜|月|年|小时|分钟|次|回|元|块|单|笔|件|成|%|季|到)"
_CHINESE: Final = re.compile(rf"(?<![\d.])[零〇一二两三四五六七八九十百千万]+(?=\s*{_UNITS})")
_ENGLISH: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
_ENGLISH_UNITS: Final = r"(?:minutes?|hours?|days?|weeks?|months?|years?|times?|orders?|purchases?|or\b)"
_WORDS: Final = re.compile(
    rf"\b({'|'.join(_ENGLISH)})(?=\s+{_ENGLISH_UNITS})|\b(an?)(?=\s+(?:minute|hour|day|week|month|year)\b)",
    re.IGNORECASE,
)
_SAID: Final = (
    (re.compile(r"半(?:个)?月"), "15天"),
    (re.compile(r"半年"), "180天"),
    (re.compile(r"半天"), "12小时"),
    (re.compile(r"(\d+)个?半月"), lambda found: f"{int(found[1]) * 30 + 15}天"),
    (re.compile(r"多次|多回"), "至少2次"),
    (re.compile(r"\btwice\b", re.IGNORECASE), "2 times"),
    (re.compile(r"\bonce\b(?! more)", re.IGNORECASE), "1 times"),
    (re.compile(r"\b(several|multiple|many) times\b|\brepeatedly\b", re.IGNORECASE), "at least 2 times"),
    (re.compile(r"(\d+)\s+or more\b", re.IGNORECASE), r"at least \1"),
    (re.compile(r"(\d+)\s*\+"), r"at least \1"),
    (re.compile(r"(\d+)\s+or (?:less|fewer)\b", re.IGNORECASE), r"at most \1"),
    (re.compile(r"\bbetween\s+(\S+)\s+and\s+(\d)", re.IGNORECASE), r"\1~\2"),
    (re.compile(r"(\d(?:元|块)?)\s*[到至]\s*(?=\d)"), r"\1~"),
    (re.compile(r"(?<![\d-])(\d+(?:元|块)?)\s*[-–]\s*(?=\d+(?![\d-]))"), r"\1~"),
    (re.compile(r"(?<=\d)\s+to\s+(?=\d)", re.IGNORECASE), "~"),
    (re.compile(r"[或及和]以上"), "以上"),
    (re.compile(r"[或及和]以下"), "以下"),
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"下(?:过|了)?((?:至少|超过|不少于|大于|恰好|正好|刚好|只)?\d+)单"), r"下单\1次"),
    (re.compile(r"(\d+)单(?=以上|以下)"), r"\1次"),
)


# 30 岁以上, over 30 years old: an age, whether or not that is said.
_YEARS: Final = (
    (re.compile(r"((?:至少|超过|大于|小于|不到|不满|未满|满)?\d+岁?(?:[~到至-]\d+)?岁)"), r"年龄\1"),
    (
        re.compile(
            r"((?:over|under|older than|younger than|at least)?\s*\d+(?:~\d+)?\s+years?[ -]old)",
            re.IGNORECASE,
        ),
        r" age \1",
    ),
)
_AGE: Final = re.compile(r"年龄|年纪|\bage", re.IGNORECASE)


def plain_numbers(text: str) -> str:
    """Return the text in usual letters, with every number in digits."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = re.sub(r"[\x00-\x1f]+", " ", text)
    text = _CHINESE.sub(lambda found: str(_chinese(found[0])), text)
    text = _WORDS.sub(lambda found: str(_ENGLISH.get((found[1] or "").lower(), 1)), text)
    for pattern, years in _YEARS if _AGE.search(text) is None else ():
        text = pattern.sub(years, text)
    for pattern, said in _SAID:
        text = pattern.sub(said, text)
    return text


def _chinese(word: str) -> int:
    whole, part, digit = 0, 0, 0
    for letter in word:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter == "万":
            whole += (part + digit or 1) * 10_000
            part = digit = 0
        else:
            part += (digit or 1) * _TENS[letter]
            digit = 0
    return whole + part + digit


def number(text: str, scale: str = "") -> int | float:
    """Return a written number, times ten thousand where 万 follows it."""
    value = float(text) * {"万": 10_000, "千": 1_000, "k": 1_000}.get(scale.lower() if scale else "", 1)
    return int(value) if value == int(value) else value
