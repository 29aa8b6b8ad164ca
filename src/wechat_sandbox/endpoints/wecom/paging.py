"""Pages by cursor: an empty one is the first page, an empty ``next_cursor`` the last."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.wire.errors import PlatformError

T = TypeVar("T")


def take_page(
    call: CorpCall, items: Sequence[T], *, default: int, most: int, limit_name: str = "limit"
) -> tuple[Sequence[T], str]:
    """Return one page and the cursor of the next; a limit above the most counts as the most.

    Raises:
        PlatformError: 50100 a cursor nobody gave out, 40058 a limit that is no number.
    """
    limit = min(call.number(limit_name, default), most) or default
    start = read_cursor(call.text("cursor"))
    end = start + limit
    return items[start:end], write_cursor(end) if end < len(items) else ""


def write_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"c:{position}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError, UnicodeDecodeError) as error:
        raise PlatformError(50100) from error
    mark, _, position = text.partition(":")
    if mark != "c" or not position.isdecimal():
        raise PlatformError(50100)
    return int(position)
