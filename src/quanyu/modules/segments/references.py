"""Segments that ask for members of other segments: no circles, and the ones asked for come first."""

from collections.abc import Iterable, Mapping
from typing import Any

from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.segments.conditions.membership import SEGMENT_PREFIX, InSegment, Moved
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.tree import Condition, conditions_of

References = Mapping[int, frozenset[int]]


def asked_of(definition: Condition) -> frozenset[int]:
    """Return the segments a definition asks about."""
    return frozenset(
        part.number for part in conditions_of(definition) if isinstance(part, (InSegment, Moved))
    )


def asked_in(raw: Any) -> frozenset[int]:
    """Return the segments a stored definition asks about, without reading the rest of it."""
    if isinstance(raw, list):
        return frozenset().union(*(asked_in(part) for part in raw))
    if not isinstance(raw, dict):
        return frozenset()
    if raw.get("kind") in ("segment", "segment_move"):
        return frozenset({decode_id(SEGMENT_PREFIX, raw["segment"])})
    return asked_in(raw.get("of")) if raw.get("kind") in ("all", "any", "not") else frozenset()


def check_references(definition: Condition, stored: References, *, segment_id: int | None) -> None:
    """Refuse a definition that asks about a segment there is not, or, by whatever detour, about itself.

    ``stored`` are all living segments of the brand with what they ask about.

    Raises:
        InvalidDefinition: says which segments.
    """
    asked = asked_of(definition)
    missing = sorted(asked - stored.keys())
    if missing:
        named = encode_id(SEGMENT_PREFIX, missing[0])
        raise InvalidDefinition(
            f"there is no segment {named}", message_zh=f"没有分群 {named}，可能已删除", segment=named
        )
    if segment_id is None:
        return
    circle = _way_back(segment_id, {**stored, segment_id: asked})
    if circle:
        named_circle = [encode_id(SEGMENT_PREFIX, one) for one in circle]
        raise InvalidDefinition(
            f"segments ask about each other in a circle: {' → '.join(named_circle)}",
            message_zh=f"分群互相引用形成循环：{' → '.join(named_circle)}",
            circle=named_circle,
        )


def _way_back(start: int, references: References) -> list[int]:
    """Return a way from ``start`` to itself, empty if there is none."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for following in references.get(way[-1], frozenset()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def asked_first(segments: Iterable[int], references: References) -> list[int]:
    """Order segments so that those asked about come before those that ask; otherwise as given."""
    wanted = list(segments)
    known, ordered = set(wanted), []
    placed: set[int] = set()

    def place(segment: int) -> None:
        waiting = [(segment, False)]
        while waiting:
            one, is_ready = waiting.pop()
            if is_ready:
                ordered.append(one)
            elif one not in placed:
                placed.add(one)
                waiting.append((one, True))
                waiting += [(asked, False) for asked in references.get(one, ()) if asked in known]

    for segment in wanted:
        place(segment)
    return ordered


def with_asked(listened: Iterable[int], references: References) -> set[int]:
    """Return the segments listened to, and all those they ask about: these must be as fresh."""
    found: set[int] = set()
    waiting = list(listened)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += references.get(one, ())
    return found
