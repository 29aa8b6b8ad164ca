"""Identifiers: time-ordered inside, prefixed and opaque outside."""

import itertools
import os
import time
from typing import Final, NewType

from quanyu.kernel.errors import InvalidInput

TenantId = NewType("TenantId", int)
PersonId = NewType("PersonId", int)

# Crockford's base 32: no letters that are misread, and the order of numbers is kept.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_EPOCH_MS: Final = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_sequence = itertools.count(int.from_bytes(os.urandom(3), "big"))


class InvalidId(InvalidInput):
    """An identifier is not one of ours, or one of another kind of thing."""

    code = "quanyu.invalid_id"


def new_id() -> int:
    """Return a positive 63-bit id: 41 bits of milliseconds, then 22 bits that differ within one."""
    elapsed_ms = int(time.time() * 1000) - _EPOCH_MS
    return (elapsed_ms << 22) | (next(_sequence) & 0x3FFFFF)


def encode_id(prefix: str, number: int) -> str:
    """Write ``number`` as it is shown outside, for example ``seg_3f7k9``."""
    digits = []
    while True:
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
        if number == 0:
            return f"{prefix}_{''.join(reversed(digits))}"


def decode_id(prefix: str, text: str) -> int:
    """Read what ``encode_id`` wrote.

    Raises:
        InvalidId: the text has another prefix, other letters, or is too long.
    """
    head, separator, body = text.partition("_")
    if head != prefix or not separator or not 1 <= len(body) <= 13:
        raise _no_such_kind(prefix, text)
    number = 0
    for letter in body:
        value = _VALUES.get(letter)
        if value is None:
            raise _no_such_kind(prefix, text)
        number = number * 32 + value
    if number >= 2**63:
        raise InvalidId(f"{text[:40]!r} is out of range", message_zh=f"标识 {text[:40]!r} 超出范围")
    return number


def _no_such_kind(prefix: str, text: str) -> InvalidId:
    return InvalidId(
        f"{text[:40]!r} is not an id of the kind {prefix}_…",
        message_zh=f"{text[:40]!r} 不是有效的标识，应形如 {prefix}_…",
    )
