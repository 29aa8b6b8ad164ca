"""Which way of a random split somebody takes: a hash, so that nothing need be kept to draw the same again."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate


def lot_of(journey_id: int, person_id: int) -> str:
    """Return what somebody draws with in a journey: the same in each of their passages (JN-10)."""
    return f"{journey_id}:{person_id}"


def draw(lot: str, node: str, weights: Sequence[int]) -> int:
    """Return the number of the way drawn; ways are drawn in proportion to their weights.

    Another node gives an independent draw. The first 64 bits of the hash are a place on the line of all
    weights, one after the other.
    """
    number = int.from_bytes(sha256(f"{lot}:{node}".encode()).digest()[:8], "big")
    place = number * sum(weights) >> 64
    return next(way for way, end in enumerate(accumulate(weights)) if place < end)
