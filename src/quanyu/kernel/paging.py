"""Pages: every list is bounded, and continues from an opaque cursor."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from quanyu.kernel.errors import InvalidInput

Item = TypeVar("Item")

DEFAULT_LIMIT: Final = 50
LIMIT_MAX: Final = 200


class InvalidCursor(InvalidInput):
    """A cursor was not made by this list."""

    code = "quanyu.invalid_cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and the cursor after them; ``None`` where the list ends."""

    items: tuple[Item, ...]
    next_cursor: str | None


def foreign_cursor() -> InvalidCursor:
    """Return the refusal of a cursor that another list made."""
    return InvalidCursor("this cursor belongs to another list", message_zh="该分页游标属于另一个列表")


def encode_cursor(*keys: Any) -> str:
    """Write the sort keys of the last item as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """Read a cursor back, checking that it holds values of ``kinds``.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
    """
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursor(
            "this cursor is not valid; start again without one",
            message_zh="分页游标无效，请不带游标重新开始",
        ) from error
    fits = isinstance(keys, list) and len(keys) == len(kinds)
    if not fits or not all(isinstance(key, kind) for key, kind in zip(keys, kinds, strict=True)):
        raise foreign_cursor()
    return tuple(keys)


def clamp_limit(limit: int | None) -> int:
    """Return a page size between 1 and ``LIMIT_MAX``."""
    return DEFAULT_LIMIT if limit is None else max(1, min(limit, LIMIT_MAX))
