"""What the warehouse knows of one person: read as the plain evaluator takes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.scanning import CANONICAL
from quanyu.modules.segments.belonging_sql import bond_names
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.conditions.membership import Bond, InSegment, Moved, Relation
from quanyu.modules.segments.conditions.sequence import Sequence as Steps
from quanyu.modules.segments.consent_sql import CONSENT_FACTS
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.plain.history import HistoryEvent, HistoryItem
from quanyu.modules.segments.tree import Condition, conditions_of

EVENTS_MAX: Final = 20_000  # Of one person, of the names asked about; the newest.
_TEXTS: Final = {
    "order_id": "order_id", "currency": "currency", "source": "source", "kind": "kind",
    "message_id": "message_id", "context.channel": "channel", "context.app": "app", "context.scene": "scene",
    "context.source": "source_code", "context.campaign": "campaign", "context.content": "content",
    "context.staff": "staff", "context.store": "store", "context.group": "group_id",
    "context.session": "session", "context.device": "device",
}  # fmt: skip
_ITEM_TEXTS: Final = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")
_COLUMNS: Final = f"""
    name, occurred_at, position, toJSONString(properties), revenue, quantity, {", ".join(_TEXTS.values())},
    `items.price`, `items.quantity`, `items.occurred_at`, {", ".join(f"`items.{one}`" for one in _ITEM_TEXTS)}
"""
_EVENTS: Final = f"""
SELECT {_COLUMNS} FROM events WHERE tenant_id = {{tenant:UInt32}} AND name IN {{names:Array(String)}}
    AND person IN {{people:Array(UInt32)}} AND occurred_at <= fromUnixTimestamp64Milli({{until:Int64}}, 'UTC')
ORDER BY occurred_at DESC, position DESC LIMIT {EVENTS_MAX}
"""  # noqa: S608
_EVENTS_OF_MANY: Final = f"""
SELECT {CANONICAL} AS who, {_COLUMNS} FROM events WHERE events.tenant_id = {{tenant:UInt32}}
    AND events.name IN {{names:Array(String)}} AND events.person IN {{raw:Array(UInt32)}}
    AND who IN {{people:Array(UInt32)}}
    AND events.occurred_at <= fromUnixTimestamp64Milli({{until:Int64}}, 'UTC')
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


@dataclass(frozen=True, slots=True)
class Known:
    """One person; ``is_living`` is false where no profile is kept."""

    id: int
    is_living: bool
    attributes: dict[str, Any]
    tags: frozenset[int]
    segments: Mapping[int, datetime]  # Since when.
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
    names, people = sorted(names_asked(definition)), list(members)
    until = int(as_of.timestamp() * 1000)
    found = await history.rows(_EVENTS, {"names": names, "people": people, "until": until}) if names else []
    asked = segments_asked(definition)
    segments = await history.rows(_SEGMENTS, {"segments": asked, "people": people}) if asked else []
    return Known(
        id=person,
        is_living=bool(profile),
        attributes=json.loads(profile[0][0]) if profile else {},
        tags=frozenset(profile[0][1]) if profile else frozenset(),
        segments={segment: _utc(since) for segment, since in segments},
        events=tuple(_event(person, row) for row in found),
    )


async def known_of_many(
    history: SegmentHistory, definition: Condition, people: Sequence[int], *, as_of: datetime
) -> list[Known]:
    """Read what ``definition`` can ask of several canonical people; those without a profile are left out."""
    merged = await history.rows(MERGED, {"people": list(people)})
    return await known_of_raw(history, definition, {one: one for one in people} | dict(merged), as_of=as_of)


async def known_of_raw(
    history: SegmentHistory, definition: Condition, raw: Mapping[int, int], *, as_of: datetime
) -> list[Known]:
    """The same, for ids whose canonical people are known already: events are found by these ids."""
    people = sorted(set(raw.values()))
    asked = {"people": people}
    profiles = await history.rows(_PROFILES_OF_MANY, asked)
    names, until = sorted(names_asked(definition)), int(as_of.timestamp() * 1000)
    events: dict[int, list[HistoryEvent]] = {}
    if names:
        bound = {**asked, "raw": list(raw), "names": names, "until": until}
        for who, *row in await history.rows(_EVENTS_OF_MANY, bound):
            events.setdefault(who, []).append(_event(who, tuple(row)))
    segments: dict[int, dict[int, datetime]] = {}
    numbers = segments_asked(definition)
    if numbers:
        for who, segment, since in await history.rows(_SEGMENTS_OF_MANY, {**asked, "segments": numbers}):
            segments.setdefault(who, {})[segment] = _utc(since)
    return [
        Known(
            id=person,
            is_living=True,
            attributes=json.loads(attributes),
            tags=frozenset(tags),
            segments=segments.get(person, {}),
            events=tuple(events.get(person, ())),
        )
        for person, attributes, tags in profiles
    ]


def segments_asked(definition: Condition) -> list[int]:
    """Return the segments and lists whose members a definition looks at."""
    return [part.number for part in conditions_of(definition) if isinstance(part, (InSegment, InList))]


def names_asked(definition: Condition) -> set[str]:
    """Return the names of events a definition looks at."""
    names: set[str] = set()
    for part in conditions_of(definition):
        if isinstance(part, Facts):
            names |= set(part.names)
        elif isinstance(part, Steps):
            names |= {name for one in (*part.steps, *part.without) for name in one.names}
        elif isinstance(part, Relation):
            names |= set(bond_names(Bond(part.to)))
        elif isinstance(part, Consented):
            names |= set(CONSENT_FACTS)
        elif isinstance(part, Moved):
            names.add(part.move.fact)
    return names


def _event(person: int, row: tuple[Any, ...]) -> HistoryEvent:
    name, at, position, properties, revenue, quantity, *rest = row
    texts, lines = rest[: len(_TEXTS)], rest[len(_TEXTS) :]
    return HistoryEvent(
        person=person,
        name=name,
        occurred_at=_utc(at),
        position=position,
        properties=json.loads(properties),
        revenue=revenue,
        quantity=quantity,
        texts=dict(zip(_TEXTS, texts, strict=True)),
        items=tuple(
            HistoryItem(
                price=price,
                quantity=amount,
                occurred_at=_utc(when),
                texts=dict(zip(_ITEM_TEXTS, words, strict=True)),
            )
            for price, amount, when, *words in zip(*lines, strict=True)
        ),
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
