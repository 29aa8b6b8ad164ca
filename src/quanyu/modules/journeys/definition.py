"""A journey's graph: how people enter it, and its nodes."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from quanyu.modules.events.asking.filters import FILTERS_MAX, Filter
from quanyu.modules.journeys.errors import Finding, InvalidJourney
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.people.consent.contracts import PurposeKey

NODES_MAX: Final = 100
WAIT_MAX_S: Final = 2 * 365 * 86_400
BYTES_MAX: Final = 256 * 1024
FINDINGS_MAX: Final = 20
EXITS_MAX: Final = 10
ENTRIES_MAX: Final = 100  # Of one person within a period.
GOAL_MIN_S: Final = 5 * 60
WAYS_MAX: Final = 8  # Out of a random split.
WEIGHT_MAX: Final = 1_000
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(ge=0, le=WAIT_MAX_S)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# Conditions on the one event itself, with the meaning they have in a segment.
Filters = Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)]


class ReentryMode(StrEnum):
    """Whether somebody may enter again (JN-3)."""

    NEVER = "never"
    AFTER_EXIT = "after_exit"
    COOL_DOWN = "cool_down"
    PER_PERIOD = "per_period"


class Reentry(_Frozen):
    """``cool_down_s`` counts from the last entry, in seconds of 86,400 a day.

    ``per_period``: at most ``times`` entries within any ``period_s``.
    """

    mode: ReentryMode = ReentryMode.NEVER
    cool_down_s: Seconds = 0
    times: Annotated[int, Field(ge=1, le=ENTRIES_MAX)] = 1
    period_s: Seconds = 86_400

    @property
    def entries_asked(self) -> int:
        """How many of somebody's latest entries must be known to decide."""
        return self.times if self.mode is ReentryMode.PER_PERIOD else 1


class SegmentEntered(_Frozen):
    """People who come into a segment; ``existing`` says whether present members enter on publish (JN-5)."""

    kind: Literal["segment_entered"]
    segment_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    existing: bool = False
    reentry: Reentry = Reentry()


class EventEntry(_Frozen):
    """People who do something; each value of the property ``entry_key`` is an entry of its own (JN-2)."""

    kind: Literal["event"]
    event: EventName
    where: Filters = ()
    entry_key: Annotated[str, StringConstraints(max_length=200)] = ""
    reentry: Reentry = Reentry()


class EventExit(_Frozen):
    """Leave when the person does something (JN-12)."""

    kind: Literal["event"]
    event: EventName
    where: Filters = ()


class SegmentExit(_Frozen):
    """Leave when the person comes into a segment, or goes out of it."""

    kind: Literal["segment"]
    segment_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    move: Literal["entered", "left"]


class ConsentExit(_Frozen):
    """Leave when the person withdraws their consent to a purpose."""

    kind: Literal["consent_withdrawn"]
    purpose: PurposeKey


class Goal(_Frozen):
    """What a journey is for: done within ``within_s`` of the entry it counts, once a passage (JN-13).

    ``leaves``: whoever reached it is told nothing more (SOP-3).
    """

    event: EventName
    where: Filters = ()
    within_s: Annotated[int, Field(ge=GOAL_MIN_S, le=WAIT_MAX_S)] = 7 * 86_400
    leaves: bool = True


class _Node(_Frozen):
    label: Annotated[str, StringConstraints(max_length=80)] = ""


class Wait(_Node):
    """Stay for a while."""

    kind: Literal["wait"]
    seconds: Seconds
    next: NodeId


class Condition(_Node):
    """Ask a segment definition of the person, now."""

    kind: Literal["condition"]
    test: Mapping[str, Any]  # A segment's typed tree.
    yes: NodeId
    no: NodeId


class Send(_Node):
    """Say something through a connected official account. A refusal has its reason, and people go on."""

    kind: Literal["send"]
    account_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    message_kind: MessageKind
    content: Mapping[str, Any]
    message_class: Literal["marketing", "transactional"] = "marketing"
    # What people agreed to that lets it go out; ``None``: that of its class. The governor asks the ledger.
    purpose: PurposeKey | None = None
    expires_after_s: Annotated[int, Field(ge=1, le=WAIT_MAX_S)] = 86_400
    next: NodeId

    @model_validator(mode="after")
    def _transactional_is_service(self) -> "Send":
        if self.purpose is not None and self.message_class == "transactional":
            raise ValueError("a transactional message serves its own purpose; name one for marketing only")
        return self


class WaitEvent(_Node):
    """Wait until the person does something, or the time is up (JN-9)."""

    kind: Literal["wait_event"]
    event: EventName
    where: Filters = ()
    timeout_s: Annotated[int, Field(ge=1, le=WAIT_MAX_S)]
    matched: NodeId
    timeout: NodeId


class RandomWay(_Frozen):
    """One way out of a random split. Its ``name`` is the branch that is counted, wherever it stands."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-h]$")]
    weight: Annotated[int, Field(ge=1, le=WEIGHT_MAX)] = 1
    next: NodeId


class RandomSplit(_Node):
    """Part people by chance, in proportion to weights; somebody always takes the same way (JN-10)."""

    kind: Literal["random"]
    ways: Annotated[tuple[RandomWay, ...], Field(min_length=2, max_length=WAYS_MAX)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "RandomSplit":
        if len({way.name for way in self.ways}) < len(self.ways):
            raise ValueError("each way needs a name of its own")
        return self


class End(_Node):
    """Leave the journey."""

    kind: Literal["end"]


Node = Annotated[Wait | Condition | Send | WaitEvent | RandomSplit | End, Field(discriminator="kind")]
ExitRule = Annotated[EventExit | SegmentExit | ConsentExit, Field(discriminator="kind")]
Entry = Annotated[SegmentEntered | EventEntry, Field(discriminator="kind")]


class Definition(_Frozen):
    """A whole graph."""

    entry: Entry
    start: NodeId
    nodes: Annotated[dict[NodeId, Node], Field(min_length=1, max_length=NODES_MAX)]
    exits: Annotated[tuple[ExitRule, ...], Field(max_length=EXITS_MAX)] = ()
    goal: Goal | None = None

    def awaited_events(self) -> frozenset[str]:
        """Names of events some node waits for."""
        return frozenset(node.event for node in self.nodes.values() if isinstance(node, WaitEvent))

    def segments(self) -> frozenset[str]:
        """Ids of segments whose comings and goings it follows."""
        entry = {self.entry.segment_id} if isinstance(self.entry, SegmentEntered) else set()
        return self.exit_segments() | entry

    def exit_segments(self) -> frozenset[str]:
        """Ids of segments by whose comings and goings people leave."""
        return frozenset(rule.segment_id for rule in self.exits if isinstance(rule, SegmentExit))


_ADAPTER: Final[TypeAdapter[Definition]] = TypeAdapter(Definition)


def read_definition(raw: object) -> Definition:
    """Read a graph as it came in JSON; whether people can move through it is asked by ``graph``.

    Raises:
        InvalidJourney: names each part that is wrong, and why.
    """
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidJourney([_finding(one["loc"], one["msg"]) for one in found[:FINDINGS_MAX]]) from error


def dump_definition(definition: Definition) -> dict[str, Any]:
    """Write a graph as JSON-ready data."""
    return definition.model_dump(mode="json")


# An escaped zero character, as opposed to a backslash followed by the letters.
_ZERO: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def storable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft as it is kept: at most ``BYTES_MAX`` of plain JSON.

    Raises:
        ValueError: it is too large, or holds letters no database can keep.
    """
    try:
        encoded = msgspec.json.encode(raw)
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, RecursionError) as error:
        raise ValueError("the definition holds text that is not valid Unicode, or nests too deep") from error
    if len(encoded) > BYTES_MAX:
        raise ValueError(f"a definition has at most {BYTES_MAX // 1024} KiB")
    if _ZERO.search(encoded):
        raise ValueError("the definition holds a zero character")
    kept: dict[str, Any] = msgspec.json.decode(encoded)
    return kept


def _finding(loc: tuple[int | str, ...], message: str) -> Finding:
    """Turn pydantic's place into ours: the ``kind`` it chose by is no part of the definition."""
    parts = [str(part) for part in loc]
    node = None
    if parts[:1] == ["nodes"] and len(parts) > 1:
        node = parts[1]
        del parts[2:3]
    elif parts[:1] == ["entry"]:
        del parts[1:2]
    elif parts[:1] == ["exits"]:
        del parts[2:3]
    path = ".".join(parts) or "definition"
    reason = message.removeprefix("Value error, ")
    return Finding(path, f"{path}: {reason}", f"旅程定义有误（{path}）：{reason}", node)
