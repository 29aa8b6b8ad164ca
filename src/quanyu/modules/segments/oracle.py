"""The plain evaluator: the same tree over Python objects, one person at a time.

It shares no arithmetic of time or comparison with the compiler, so that one mistake cannot hide in
both. The property tests compare the two; it also answers why a single person is in or out.
"""

import hashlib
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from quanyu.modules.segments.conditions.bucket import BUCKETS
from quanyu.modules.segments.plain.companies import Place, places_of
from quanyu.modules.segments.plain.consents import stands
from quanyu.modules.segments.plain.dates import is_date_met
from quanyu.modules.segments.plain.facts import aggregate, facts_of, recency
from quanyu.modules.segments.plain.habits import regular, restarted, stopped
from quanyu.modules.segments.plain.history import HistoryEvent, HistoryItem
from quanyu.modules.segments.plain.relations import belongs, moves_of, related_to
from quanyu.modules.segments.plain.sequences import happened_in_sequence
from quanyu.modules.segments.plain.values import compare, field_value, look_up, meets
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    Attribute,
    Bucket,
    Condition,
    Consented,
    DateTest,
    Event,
    InList,
    InSegment,
    Moved,
    Not,
    OfCompany,
    Recency,
    Regular,
    Relation,
    Restarted,
    Sequence,
    Stopped,
    Tag,
)

__all__ = [
    "HistoryEvent",
    "HistoryItem",
    "bucket_of",
    "compare",
    "evaluate",
    "field_value",
    "holds",
    "look_up",
]

DIGITS: Final = 76  # Enough that no sum or product of amounts is ever rounded.


def evaluate(
    definition: Condition,
    *,
    profiles: Mapping[int, Mapping[str, Any]],
    events: Iterable[HistoryEvent],
    canonical: Mapping[int, int],
    as_of: datetime,
    zone: ZoneInfo,
    tags: Mapping[int, frozenset[int]] | None = None,
    segments: Mapping[int, Mapping[int, datetime]] | None = None,
    companies: Mapping[int, Many[Place]] | None = None,
) -> frozenset[int]:
    """Return the people among ``profiles`` (the living ones, by canonical person) who are in.

    ``tags`` are those each canonical person carries, ``segments`` the stored members of each segment and
    the entries of each list, with since when they are, ``companies`` where each person is a contact.
    """
    histories: dict[int, list[HistoryEvent]] = {}
    for event in events:
        if event.person:
            histories.setdefault(canonical.get(event.person, event.person), []).append(event)
    carried = tags or {}
    memberships: dict[int, dict[int, datetime]] = {}
    for segment, members in (segments or {}).items():
        for member, since in members.items():
            known = memberships.setdefault(canonical.get(member, member), {})
            known[segment] = min(since, known.get(segment, since))
    places: dict[int, list[Place]] = {}
    for contact, found in (companies or {}).items():
        places.setdefault(canonical.get(contact, contact), []).extend(found)
    with localcontext(prec=DIGITS):
        return frozenset(
            person
            for person, attributes in profiles.items()
            if canonical.get(person, person) == person
            and holds(
                definition,
                _Person(
                    person,
                    attributes,
                    histories.get(person, []),
                    carried.get(person, frozenset()),
                    memberships.get(person, {}),
                    places.get(person, []),
                ),
                as_of,
                zone,
            )
        )


class PersonLike(Protocol):
    """What a definition can ask of one person."""

    @property
    def id(self) -> int: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def events(self) -> Many[HistoryEvent]: ...
    @property
    def tags(self) -> frozenset[int]: ...
    @property
    def segments(self) -> Mapping[int, datetime]: ...
    @property
    def companies(self) -> Many[Place]: ...


@dataclass(frozen=True, slots=True)
class _Person:
    """What is known of one person."""

    id: int
    attributes: Mapping[str, Any]
    events: Many[HistoryEvent]
    tags: frozenset[int]
    segments: Mapping[int, datetime]
    companies: Many[Place]


def holds(node: Condition, person: PersonLike, as_of: datetime, zone: ZoneInfo) -> bool:
    """Tell whether one person meets a definition; numbers are exact within ``DIGITS``."""
    match node:
        case All():
            return all(holds(part, person, as_of, zone) for part in node.of)
        case Any_():
            return any(holds(part, person, as_of, zone) for part in node.of)
        case Not():
            return not holds(node.of, person, as_of, zone)
        case Attribute():
            return compare(look_up(person.attributes, node.key), node)
        case Tag():
            return _tagged(node, person.tags)
        case Event():
            return meets(Decimal(len(facts_of(node, person.events, as_of, zone))), node.count)
        case Recency():
            return recency(node, facts_of(node, person.events, as_of, zone), as_of)
        case Aggregate():
            return aggregate(node, facts_of(node, person.events, as_of, zone))
        case Stopped():
            return stopped(node, facts_of(node, person.events, as_of, zone), as_of)
        case Restarted():
            return restarted(node, facts_of(node, person.events, as_of, zone), as_of)
        case Regular():
            return regular(node, facts_of(node, person.events, as_of, zone), as_of, zone)
        case Sequence():
            return bool(happened_in_sequence(node, person.events, as_of, zone))
        case Bucket():
            return node.from_ <= bucket_of(node.salt, person.id) < node.to
        case DateTest():
            return is_date_met(node, look_up(person.attributes, node.key), as_of, zone)
        case InSegment():
            return belongs(node, person.segments.get(node.number), as_of, zone)
        case Moved():
            return bool(moves_of(node, person.events, as_of, zone))
        case InList():
            return node.number in person.segments
        case Relation():
            return bool(related_to(node, person.events, as_of, zone)) == (node.op == "any")
        case OfCompany():
            return bool(places_of(node, person.companies))
        case Consented():
            return stands(node, person.events, as_of, zone)


def _tagged(node: Tag, carried: frozenset[int]) -> bool:
    having = [number for number in node.numbers if number in carried]
    match node.op:
        case "any":
            return bool(having)
        case "all":
            return len(having) == len(node.numbers)
        case "none":
            return not having


def bucket_of(salt: str, person: int) -> int:
    """Return the bucket of a canonical person, 0 to 9,999."""
    digest = hashlib.md5(f"{salt}:{person}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "little") % BUCKETS
