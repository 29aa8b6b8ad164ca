"""Which arm a person gets: a hash, so that everybody who knows the seed comes to the same answer.

Compatible with version 2 of GrowthBook's hash, ``fnv32a(str(fnv32a(seed + value))) mod 10000``; its vectors
are in the tests. Shares are basis points, so ranges are compared without rounding.
"""

from collections.abc import Sequence
from typing import Final

BUCKETS: Final = 10_000
HASH_VERSION: Final = 2  # Stored with each experiment, so that a later hash moves nobody.
_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193


def fnv32a(text: str) -> int:
    """Return the 32-bit FNV-1a hash over the characters of a text."""
    number = _OFFSET
    for letter in text:
        number = ((number ^ ord(letter)) * _PRIME) & 0xFFFFFFFF
    return number


def bucket(seed: str, value: str) -> int:
    """Return the bucket of a value, 0 to 9,999; another seed gives an independent one."""
    return fnv32a(str(fnv32a(seed + value))) % BUCKETS


def arm_at(place: int, weights_bps: Sequence[int], coverage_bps: int) -> int | None:
    """Return the number of the arm whose range holds a bucket, or ``None`` outside coverage.

    Each arm's range begins where the weights before it end, and covers its weight times the coverage: with a
    wider coverage every range grows at its end, and nobody changes arms.
    """
    start = 0
    for number, weight in enumerate(weights_bps):
        if start <= place < start + weight:
            return number if (place - start) * BUCKETS < weight * coverage_bps else None
        start += weight
    return None


def in_layer(layer: str, value: str, *, start: int, end: int) -> bool:
    """Tell whether a value belongs to the part [start, end) of a layer: disjoint parts share nobody."""
    return start <= bucket(f"layer:{layer}", value) < end


def is_held_out(seed: str, value: str, share_bps: int) -> bool:
    """Tell whether a value is in the share nobody sends marketing to; a larger share keeps who was in it."""
    return bucket(f"holdout:{seed}", value) < share_bps


def free_part(taken: Sequence[tuple[int, int]], wanted: int) -> tuple[int, int] | None:
    """Return the first free part of a layer that is wide enough, or ``None``."""
    start = 0
    for begin, end in sorted(taken):
        if begin - start >= wanted:
            break
        start = max(start, end)
    return (start, start + wanted) if start + wanted <= BUCKETS else None
