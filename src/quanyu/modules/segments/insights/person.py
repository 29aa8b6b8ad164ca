"""What the warehouse knows of one person: read as the plain evaluator takes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.segments.conditions.company import OfCompany
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.conditions.membership import InSegment
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights.reading import ITEM_TEXTS, TEXTS, reading_of, whole_reading
from quanyu.modules.segments.plain.companies import Place
from quanyu.modules.segments.plain.history import HistoryEvent, HistoryItem
from quanyu.modules.segments.tree import Condition, conditions_of

EVENTS_MAX: Final = 20_000  # Of one person, of the names asked about; the newest.
_EVENTS: Final = f"""
SELECT {{columns}} FROM events WHERE tenant_id = {{{{tenant:UInt32}}}} AND name IN {{{{names:Array(String)}}}}
    AND person IN {{{{people:Array(UInt32)}}}}
    AND occurred_at <= fromUnixTimestamp64Milli({{{{until:Int64}}}}, 'UTC')
ORDER BY occurred_at DESC, position DESC LIMIT {EVENTS_MAX}
"""  # noqa: S608
_EVENTS_OF_MANY: Final = f"""
SELECT {CANONICAL} AS who, {{columns}} FROM events WHERE events.tenant_id = {{{{tenant:UInt32}}}}
    AND events.name IN {{{{names:Array(String)}}}} AND events.person IN {{{{raw:Array(UInt32)}}}}
    AND who IN {{{{people:Array(UInt32)}}}}
    AND events.occurred_at >= fromUnixTimestamp64Milli({{{{first:Int64}}}}, 'UTC')
    AND events.occurred_at <= fromUnixTimestamp64Milli({{{{until:Int64}}}}, 'UTC')
ORDER BY events.occurred_at DESC, events.position DESC LIMIT {EVENTS_MAX} BY who
"""  # noqa: S608
MERGED: Final = (
    "SELECT person, canonical FROM person_alias FINAL WHERE tenant_id = {tenant:UInt32} "
    "AND canonical IN {people:Array(UInt32)} AND canonical != person"
)
_PROFILES_OF_MANY: Final = (
    "SELECT person, toJSONString(attributes), tags FROM profiles FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)} AND deleted = 0"
)
_SEGMENTS_OF_MANY: Final = (
    "SELECT toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)) "
    "AS who, segment_id, min(since) FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
    "AND segment_id IN {segments:Array(UInt64)} AND who IN {people:Array(UInt32)} AND member = 1 "
    "GROUP BY who, segment_id"
)
_PROFILE: Final = (
    "SELECT toJSONString(attributes), tags FROM profiles FINAL "
    "WHERE tenant_id = {tenant:UInt32} AND person = {person:UInt32} AND deleted = 0"
)
_SEGMENTS: Final = (
    "SELECT segment_id, min(since) FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
    "AND segment_id IN {segments:Array(UInt64)} AND person IN {people:Array(UInt32)} AND member = 1 "
    "GROUP BY segment_id"
)

_PLACES_OF_MANY: Final = (
    "SELECT toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)) AS who, "
    "roles, toJSONString(says), segments FROM company_contact FINAL WHERE tenant_id = {tenant:UInt32} "
    "AND who IN {people:Array(UInt32)} AND deleted = 0"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One person; ``is_living`` is false where no profile is kept."""

    id: int
    is_living: bool
    attributes: dict[str, Any]
    tags: frozenset[int]
    segments: Mapping[int, datetime]  # Since when.
    companies: Sequence[Place]
    events: tuple[HistoryEvent, ...]


async def known_of(
    history: SegmentHistory,
    definition: Condition,
    *,
    person: int,
    members: Sequence[int],
    as_of: datetime,
) -> Known:
    """Read what ``definition`` can ask of one person; ``members`` are all ids merged into them."""
    profile = await history.rows(_PROFILE, {"person": person})
    reading, people = whole_reading(definition), list(members)
    bound = {"names": list(reading.names), "people": people, "until": epoch_ms(as_of)}
    sql = _EVENTS.format(columns=reading.columns)
    found = await history.rows(sql, bound) if reading.names else []
    asked = segments_asked(definition)
    segments = await history.rows(_SEGMENTS, {"segments": asked, "people": people}) if asked else []
    return Known(
        id=person,
        is_living=bool(profile),
        attributes=json.loads(profile[0][0]) if profile else {},
        tags=frozenset(profile[0][1]) if profile else frozenset(),
        segments={segment: _utc(since) for segment, since in segments},
        companies=(await _places(history, definition, [person])).get(person, []),
        events=tuple(_event(person, row) for row in found),
    )


async def known_of_many(
    history: SegmentHistory, definition: Condition, people: Sequence[int], *, at: Evaluation, since: datetime
) -> list[Known]:
    """Read what ``definition`` can ask of canonical people between ``since`` and the instant of evaluation.

    Those without a profile are left out.
    """
    asked = {"people": list(people)}
    merged = [person for person, _ in await history.rows(MERGED, asked)]
    profiles = await history.rows(_PROFILES_OF_MANY, asked)
    reading = reading_of(definition, since=since, zone=at.zone)
    events: dict[int, list[HistoryEvent]] = {}
    if reading.names:
        bound = {
            **asked,
            "raw": [*people, *merged],
            "names": list(reading.names),
            "first": reading.first_ms,
            "until": epoch_ms(at.as_of),
        }
        for who, *row in await history.rows(_EVENTS_OF_MANY.format(columns=reading.columns), bound):
            events.setdefault(who, []).append(_event(who, tuple(row)))
    segments: dict[int, dict[int, datetime]] = {}
    numbers = segments_asked(definition)
    if numbers:
        for who, segment, begun in await history.rows(_SEGMENTS_OF_MANY, {**asked, "segments": numbers}):
            segments.setdefault(who, {})[segment] = _utc(begun)
    places = await _places(history, definition, people)
    return [
        Known(
            id=person,
            is_living=True,
            attributes=json.loads(attributes),
            tags=frozenset(tags),
            segments=segments.get(person, {}),
            companies=places.get(person, []),
            events=tuple(events.get(person, ())),
        )
        for person, attributes, tags in profiles
    ]


async def _places(
    history: SegmentHistory, definition: Condition, people: Sequence[int]
) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    if asks_companies(definition):
        for who, roles, says, segments in await history.rows(_PLACES_OF_MANY, {"people": list(people)}):
            place = Place(frozenset(roles), json.loads(says), frozenset(segments))
            found.setdefault(who, []).append(place)
    return found


def asks_companies(definition: Condition) -> bool:
    """Tell whether a definition looks at companies."""
    return any(isinstance(part, OfCompany) for part in conditions_of(definition))


def segments_asked(definition: Condition) -> list[int]:
    """Return the segments and lists whose members a definition looks at."""
    return [part.number for part in conditions_of(definition) if isinstance(part, (InSegment, InList))]


def _event(person: int, row: tuple[Any, ...]) -> HistoryEvent:
    name, at, position, properties, revenue, quantity, *rest = row
    texts, lines = rest[: len(TEXTS)], rest[len(TEXTS) :]
    return HistoryEvent(
        person=person,
        name=name,
        occurred_at=_utc(at),
        position=position,
        properties=json.loads(properties),
        revenue=revenue,
        quantity=quantity,
        texts=dict(zip(TEXTS, texts, strict=True)),
        items=tuple(
            HistoryItem(
                price=price,
                quantity=amount,
                occurred_at=_utc(when),
                texts=dict(zip(ITEM_TEXTS, words, strict=True)),
            )
            for price, amount, when, *words in zip(*lines, strict=True)
        ),
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
