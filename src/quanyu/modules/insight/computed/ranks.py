"""A person's place among all who have a value: pure."""

from bisect import bisect_left
from collections.abc import Mapping


def places(values: Mapping[int, float]) -> dict[int, int]:
    """Return for each person the share of the others with a smaller value, in whole per cent cut down.

    Equal values have equal places; a person alone has 100.
    """
    ordered = sorted(values.values())
    others = len(ordered) - 1
    if others < 1:
        return dict.fromkeys(values, 100)
    return {person: 100 * bisect_left(ordered, value) // others for person, value in values.items()}
