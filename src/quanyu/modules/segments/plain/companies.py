"""Companies in plain Python: one place after the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quanyu.modules.segments.conditions.company import OfCompany
from quanyu.modules.segments.plain.values import compare, look_up


@dataclass(frozen=True, slots=True)
class Place:
    """A company somebody is a contact of: their roles, what it says, the segments it is in."""

    roles: frozenset[str]
    says: Mapping[str, Any]
    segments: frozenset[int] = frozenset()


def places_of(node: OfCompany, places: Iterable[Place]) -> list[Place]:
    """Return the places that are asked about."""
    return [
        place
        for place in places
        if (not node.roles or place.roles & set(node.roles))
        and (node.number is None or node.number in place.segments)
        and all(compare(look_up(place.says, test.key), test) for test in node.where)
    ]
