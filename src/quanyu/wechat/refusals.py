"""What the platform's error codes mean, and what a caller can do about each.

WeCom numbers its codes by itself: one number means one thing there and another elsewhere.
Source: developers.weixin.qq.com and developer.work.weixin.qq.com, 全局返回码说明 / 全局错误码 and the tables
of the single calls (read 2026); the codes are in ``refusal_codes`` and ``wecom.refusal_codes``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from quanyu.wechat.refusal_codes import CODES
from quanyu.wechat.wecom import archive_codes
from quanyu.wechat.wecom import refusal_codes as wecom


class Dialect(StrEnum):
    """Whose numbers an error code is one of."""

    OPEN = "open"  # Official accounts and mini programs.
    WECOM = "wecom"
    ARCHIVE = "archive"  # The native library of WeCom's archive of chats.


class Action(StrEnum):
    """What helps after a refusal."""

    RETRY = "retry"  # The platform is busy: the same call, a moment later.
    REFRESH = "refresh"  # A new access token, then once more.
    BACK_OFF = "back_off"  # A limit of the second or the minute: later, and slower.
    QUOTA = "quota"  # The day's or the month's count is used up: not before it starts again.
    GIVE_UP = "give_up"  # The same call will be refused again.


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code, in both languages."""

    meaning: str
    meaning_zh: str
    action: Action = Action.GIVE_UP


_UNKNOWN: Final = Meaning("", "")


def explain(errcode: int, dialect: Dialect = Dialect.OPEN) -> Meaning:
    """Return what is known of a code; unknown ones are given up, with the platform's own words."""
    return _MEANINGS[dialect].get(errcode, _UNKNOWN)


def known_codes(dialect: Dialect = Dialect.OPEN) -> tuple[int, ...]:
    """Return every code with a meaning, ascending."""
    return tuple(sorted(_MEANINGS[dialect]))


def read_meanings(table: str) -> dict[str, Meaning]:
    """Read a table of codes, one a line: code | action, if not to give up | English | 中文."""
    meanings: dict[str, Meaning] = {}
    for line in table.strip().splitlines():
        code, action, meaning, meaning_zh = (cell.strip() for cell in line.split("|"))
        meanings[code] = Meaning(meaning, meaning_zh, Action(action or "give_up"))
    return meanings


_MEANINGS: Final = {
    dialect: {int(code): meaning for code, meaning in read_meanings(table).items()}
    for dialect, table in (
        (Dialect.OPEN, CODES),
        (Dialect.WECOM, wecom.CODES),
        (Dialect.ARCHIVE, archive_codes.CODES),
    )
}
