"""Segments that ask for members of other segments: no circles, and the ones asked for come first.

Segments of people and of companies ask about each other; their numbers are of one kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.segments.conditions.company import ACCOUNT_SEGMENT_PREFIX
from quanyu.modules.segments.conditions.membership import SEGMENT_PREFIX
from quanyu.modules.segments.errors import InvalidDefinition

References = Mapping[int, frozenset[int]]


def asked_in(raw: Any) -> dict[int, str]:
    """Return the segments a stored definition asks about, as numbers and as written in it.

    The rest of it is not read.
    """
    if isinstance(raw, list):
        return {number: text for part in raw for number, text in asked_in(part).items()}
    if not isinstance(raw, dict):
        return {}
    match raw.get("kind"):
        case "segment" | "segment_move":
            return {decode_id(SEGMENT_PREFIX, raw["segment"]): raw["segment"]}
        case "company_contact" if raw.get("segment"):
            return {decode_id(ACCOUNT_SEGMENT_PREFIX, raw["segment"]): raw["segment"]}
        case "contacts":
            return asked_in(raw.get("who"))
        case "all" | "any" | "not":
            return asked_in(raw.get("of"))
        case _:
            return {}


@dataclass(frozen=True, slots=True)
class Stored:
    """All living segments of a brand with what they ask about, and which of them are of companies."""

    asks: References
    companies: frozenset[int] = frozenset()

    def with_company(self, number: int) -> "Stored":
        """Return the same, one more of them being of companies."""
        return Stored(self.asks, self.companies | {number})

    def shown(self, number: int) -> str:
        """Write the id of one as it is shown outside."""
        return encode_id(ACCOUNT_SEGMENT_PREFIX if number in self.companies else SEGMENT_PREFIX, number)


def check_references(asked: Mapping[int, str], stored: Stored, *, segment_id: int | None) -> None:
    """Refuse a definition that asks about a segment there is not, or, by whatever detour, about itself.

    ``asked`` is what ``asked_in`` found in it.

    Raises:
        InvalidDefinition: says which segments.
    """
    missing = [
        asked[number]
        for number in sorted(asked)
        if number not in stored.asks or asked[number] != stored.shown(number)
    ]
    if missing:
        named = missing[0]
        raise InvalidDefinition(
            f"there is no segment {named}", message_zh=f"没有分群 {named}，可能已删除", segment=named
        )
    if segment_id is None:
        return
    circle = _way_back(segment_id, {**stored.asks, segment_id: frozenset(asked)})
    if circle:
        named_circle = [stored.shown(one) for one in circle]
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
