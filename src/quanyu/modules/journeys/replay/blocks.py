"""Work on one block of people in a process of its own: live their past, judge their messages. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from quanyu.kernel.ids import PersonId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.drawing import lot_of
from quanyu.modules.journeys.entering import SEGMENT_ENTERED
from quanyu.modules.journeys.replay.living import Passage, Planned, live, planned_of
from quanyu.modules.journeys.replay.tally import Tally
from quanyu.modules.messaging.rehearsal import Draft, Past, Person, Reach, Say, Setting, judge

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR: Final = timedelta(days=1)
CONTEXT: Final = (
    "channel", "app", "scene", "source_code", "campaign", "content", "staff", "store", "group_id", "session",
    "device",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some people's past. ``events``: an Arrow stream, by person and time.

    ``entries``: whom a segment let in or out and when, in milliseconds, beside what its facts say, or, if
    ``computed``, in their place.
    """

    journey_id: int
    definition: Mapping[str, Any]
    since: datetime
    until: datetime
    zone: str
    events: bytes
    segment_id: str = ""
    starts_by: str = SEGMENT_ENTERED
    entries: Sequence[tuple[int, int]] = ()
    computed: bool = False


@dataclass(slots=True, kw_only=True)
class Lived:
    """What became of those whose every question was answered, and what the others must be asked next."""

    tally: Tally = field(default_factory=Tally)
    planned: dict[int, list[Planned]] = field(default_factory=dict)
    questions: list[tuple[int, str, datetime, int]] = field(default_factory=list)  # Person, and what to ask.


def live_block(block: Block, answers: Mapping[int, Sequence[Any]] | None = None) -> Lived:
    """Live the past of a block; with ``answers`` (in the order of the questions) of those people alone."""
    definition, zone, lived = read_definition(dict(block.definition)), ZoneInfo(block.zone), Lived()
    for person, events in _people(block, answers):
        lot = lot_of(block.journey_id, person)
        life = live(definition, events, since=block.since, until=block.until, lot=lot, zone=zone)
        try:
            question = next(life)
            for answer in (answers or {}).get(person, ()):
                question = life.send(answer)
            lived.questions.append((person, question.node, question.at, question.place))
        except StopIteration as end:
            passages: list[Passage] = end.value
            lived.tally.lived(person, passages, zone)
            if planned := planned_of(passages):
                lived.planned[person] = planned
    return lived


def _people(block: Block, only: Mapping[int, Sequence[Any]] | None) -> Iterator[tuple[int, list[LogEvent]]]:
    came: defaultdict[int, list[LogEvent]] = defaultdict(list)
    for person, at_ms in block.entries:
        if only is None or person in only:
            came[person].append(_moved(person, _instant(at_ms), block))
    for person, events in _of_history(block.events, only):
        if block.computed:
            events = [one for one in events if not _tells_of(one, block)]
        own = came.pop(person, [])
        yield person, sorted([*own, *events], key=lambda one: one.occurred_at) if own else events
    yield from came.items()


def _tells_of(event: LogEvent, block: Block) -> bool:
    return event.name == block.starts_by and event.properties.get("segment_id") == block.segment_id


def _of_history(
    stream: bytes, only: Mapping[int, Sequence[Any]] | None
) -> Iterator[tuple[int, list[LogEvent]]]:
    table = pa.ipc.open_stream(stream).read_all()
    if only is not None:
        wanted = pa.array(list(only), pa.uint32())
        table = table.filter(pc.is_in(table["person_id"], value_set=wanted))
    names = table.column_names
    events = (_event(dict(zip(names, row, strict=True))) for row in _rows(table))
    for person, own in groupby(events, key=attrgetter("person_id")):
        yield person, list(own)


def _moved(person: int, at: datetime, block: Block) -> LogEvent:
    """Return the fact a live segment would have stated."""
    return LogEvent(
        position=0,
        person_id=PersonId(person),
        kind="track",
        name=block.starts_by,
        occurred_at=at,
        received_at=at,
        source="replay",
        message_id=f"{block.segment_id}:{person}:{at.isoformat()}",
        properties={"segment_id": block.segment_id},
    )


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=20_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _event(row: dict[str, Any]) -> LogEvent:
    context = {name: row[name] for name in CONTEXT if row.get(name)}
    return LogEvent(
        position=row["position"],
        person_id=PersonId(row["person_id"]),
        kind=row["kind"],
        name=row["name"],
        occurred_at=_instant(row["occurred_ms"]),
        # What was imported later counts as heard at once: else a past that came by file would tell nothing.
        received_at=_instant(min(row["received_ms"], row["occurred_ms"])),
        source=row["source"],
        message_id=row["message_id"],
        properties=msgspec.json.decode(row["properties"]) if "properties" in row else {},
        context=context,
        order_id=row.get("order_id", ""),
        revenue=_decimal(row.get("revenue")),
        currency=row.get("currency", ""),
        quantity=_decimal(row.get("quantity")),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The messages of a block of people, and what is known of them."""

    planned: Mapping[int, Sequence[Planned]]
    says: Mapping[str, Say]
    reach: Mapping[tuple[str, PersonId], Reach]
    past: Mapping[int, Past]
    around: Mapping[int, Sequence[tuple[datetime, int]]]  # Messages they really got: when, of which journey.
    setting: Setting


def judge_block(letters: Letters) -> Tally:
    """Decide about every message as the governor would have."""
    tally, zone = Tally(), letters.setting.zones.brand
    for person, planned in letters.planned.items():
        nodes = {one.node for one in planned}
        somebody = Person(
            person_id=PersonId(person),
            reach={node: letters.reach[node, PersonId(person)] for node in nodes},
            past=letters.past.get(person, Past()),
        )
        drafts = [
            Draft(key=f"replay:{person}:{one.entry}:{number}", say=one.node, at=one.at, over_at=one.over_at)
            for number, one in enumerate(planned)
        ]
        sent: list[datetime] = []
        for verdict in judge(somebody, drafts, letters.says, letters.setting):
            tally.judged(person, verdict, letters.says[verdict.draft.say], zone)
            if verdict.reason is None:
                sent.append(verdict.at)
        _conflicts(tally, person, sent, letters.around.get(person, ()))
    return tally


def _conflicts(
    tally: Tally, person: int, sent: Sequence[datetime], around: Sequence[tuple[datetime, int]]
) -> None:
    near: defaultdict[int, int] = defaultdict(int)
    for at, journey in around:
        if any(abs(at - one) < _NEAR for one in sent):
            near[journey] += 1
    for journey, messages in near.items():
        tally.conflicted(person, journey, messages)
