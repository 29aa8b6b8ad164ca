"""A journey's graph: how people enter it, and its nodes."""

import re
from collections.abc import Mapping
from datetime import date, datetime
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

from quanyu.modules.events.asking.fields import AttributeKey
from quanyu.modules.events.asking.filters import FILTERS_MAX, Filter
from quanyu.modules.journeys.errors import Finding, InvalidJourney
from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.people.bulk.contracts import ChangeAttribute, ChangeList, ChangeTags
from quanyu.modules.people.consent.contracts import PurposeKey

NODES_MAX: Final = 100
WAIT_MAX_S: Final = 2 * 365 * 86_400
BYTES_MAX: Final = 256 * 1024
FINDINGS_MAX: Final = 20
EXITS_MAX: Final = 10
ENTRIES_MAX: Final = 100  # Of one person within a period.
GOAL_MIN_S: Final = 5 * 60
WAYS_MAX: Final = 8  # Out of a split.
ROUNDS_MAX: Final = 100
WEIGHT_MAX: Final = 1_000
NOTES_MAX: Final = 200
PLACE_MAX: Final = 100_000
NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Place = Annotated[str, StringConstraints(pattern=r"^(@entry|[a-z0-9][a-z0-9_-]{0,39})$")]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(ge=0, le=WAIT_MAX_S)]
OFFSET_MAX: Final = 1_000
WallTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


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


class SegmentLeft(_Frozen):
    """People who go out of a segment, from the publishing on."""

    kind: Literal["segment_left"]
    segment_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    reentry: Reentry = Reentry()


class EventEntry(_Frozen):
    """People who do something; each value of the property ``entry_key`` is an entry of its own (JN-2)."""

    kind: Literal["event"]
    event: EventName
    where: Filters = ()
    entry_key: Annotated[str, StringConstraints(max_length=200)] = ""
    reentry: Reentry = Reentry()


class RequestEntry(_Frozen):
    """People whom a program asks to let in, or somebody who looks at their page; nobody else."""

    kind: Literal["request"]
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


class Branch(_Frozen):
    """One way out of a split, for whom its conditions hold. Its ``name`` is what is counted."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-h]$")]
    label: Annotated[str, StringConstraints(max_length=80)] = ""
    test: Mapping[str, Any]  # A segment's typed tree.
    next: NodeId


class Split(_Node):
    """Part people by the first of some conditions that holds for them, now (JN-10)."""

    kind: Literal["split"]
    branches: Annotated[tuple[Branch, ...], Field(min_length=1, max_length=WAYS_MAX)]
    otherwise: NodeId

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Split":
        if len({branch.name for branch in self.branches}) < len(self.branches):
            raise ValueError("each branch needs a name of its own")
        return self


class Repeat(_Node):
    """Lead back ``again``, at most so many times in a passage, then on (JN-11)."""

    kind: Literal["repeat"]
    times: Annotated[int, Field(ge=1, le=ROUNDS_MAX)]
    again: NodeId
    next: NodeId


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


Change = Annotated[ChangeTags | ChangeAttribute | ChangeList, Field(discriminator="kind")]


class Update(_Node):
    """Change the person: their tags, an attribute, or whether they are on a list. It takes no time."""

    kind: Literal["update"]
    change: Change
    next: NodeId


class WaitEvent(_Node):
    """Wait until the person does something, or the time is up (JN-9)."""

    kind: Literal["wait_event"]
    event: EventName
    where: Filters = ()
    timeout_s: Annotated[int, Field(ge=1, le=WAIT_MAX_S)]
    matched: NodeId
    timeout: NodeId


class UntilDay(_Frozen):
    """A day of the calendar, at a time of day in the brand's zone."""

    kind: Literal["day"]
    day: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
    at: WallTime = "09:00"


class UntilDate(_Frozen):
    """The date an attribute holds, moved by ``offset``, at a time of day in the brand's zone.

    Minutes and hours are counted from the instant itself, and ``at`` plays no part; a day begins at
    midnight. ``yearly``: the next time day and month come round.
    """

    kind: Literal["date"]
    attribute: AttributeKey
    offset: Annotated[int, Field(ge=-OFFSET_MAX, le=OFFSET_MAX)] = 0
    unit: Literal["minutes", "hours", "days", "months"] = "days"
    at: WallTime = "09:00"
    yearly: bool = False


class UntilWindow(_Frozen):
    """The next time that lies within a window of some weekdays (1 is Monday), in the brand's zone.

    One that closes no later than it opens closes on the next day.
    """

    kind: Literal["window"]
    weekdays: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
    opens: WallTime
    closes: WallTime


Until = Annotated[UntilDay | UntilDate | UntilWindow, Field(discriminator="kind")]


class WaitUntil(_Node):
    """Stay until a date or a time of day; what is past leads on at once (JN-8).

    ``missing`` is where those go who have no such date.
    """

    kind: Literal["wait_until"]
    until: Until
    next: NodeId
    missing: NodeId | None = None


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


Node = Annotated[
    Wait | WaitUntil | WaitEvent | Condition | Split | RandomSplit | Repeat | Send | Update | End,
    Field(discriminator="kind"),
]
ExitRule = Annotated[EventExit | SegmentExit | ConsentExit, Field(discriminator="kind")]
Entry = Annotated[SegmentEntered | SegmentLeft | EventEntry | RequestEntry, Field(discriminator="kind")]


class Point(_Frozen):
    """Where a node is drawn: its upper left corner, in pixels of the canvas."""

    x: Annotated[int, Field(ge=-PLACE_MAX, le=PLACE_MAX)]
    y: Annotated[int, Field(ge=-PLACE_MAX, le=PLACE_MAX)]


class Note(_Frozen):
    """What somebody wrote beside a node for colleagues. ``author`` and ``at`` are what the server saw."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    node: NodeId
    text: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    author: Annotated[str, StringConstraints(max_length=200)] = ""
    at: datetime | None = None


class Definition(_Frozen):
    """A whole graph. ``layout`` and ``notes`` are for who draws it; nobody moves by them."""

    entry: Entry
    start: NodeId
    nodes: Annotated[dict[NodeId, Node], Field(min_length=1, max_length=NODES_MAX)]
    exits: Annotated[tuple[ExitRule, ...], Field(max_length=EXITS_MAX)] = ()
    goal: Goal | None = None
    layout: Annotated[dict[Place, Point], Field(max_length=2 * NODES_MAX)] = {}
    notes: Annotated[tuple[Note, ...], Field(max_length=NOTES_MAX)] = ()

    def awaited_events(self) -> frozenset[str]:
        """Names of events some node waits for."""
        return frozenset(node.event for node in self.nodes.values() if isinstance(node, WaitEvent))

    def attributes(self) -> frozenset[str]:
        """Keys of attributes that hold dates some node waits for."""
        untils = (node.until for node in self.nodes.values() if isinstance(node, WaitUntil))
        return frozenset(until.attribute for until in untils if isinstance(until, UntilDate))

    def tells_time(self) -> bool:
        """Tell whether some node asks what clocks on the brand's walls show."""
        return any(isinstance(node, WaitUntil) for node in self.nodes.values())

    def repeats(self) -> bool:
        """Tell whether some node counts how often it led back."""
        return any(isinstance(node, Repeat) for node in self.nodes.values())

    def segments(self) -> frozenset[str]:
        """Ids of segments whose comings and goings it follows."""
        first = self.entry
        entry = {first.segment_id} if isinstance(first, SegmentEntered | SegmentLeft) else set()
        return self.exit_segments() | entry

    def exit_segments(self) -> frozenset[str]:
        """Ids of segments by whose comings and goings people leave."""
        return frozenset(rule.segment_id for rule in self.exits if isinstance(rule, SegmentExit))


_ADAPTER: Final[TypeAdapter[Definition]] = TypeAdapter(Definition)
_CHANGE: Final[TypeAdapter[Change]] = TypeAdapter(Change)


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


def read_change(raw: object) -> Change:
    """Read a change as it was written down."""
    return _CHANGE.validate_python(raw)


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
        if parts[2:3] in (["until"], ["change"]):
            del parts[3:4]
    elif parts[:1] == ["entry"]:
        del parts[1:2]
    elif parts[:1] == ["exits"]:
        del parts[2:3]
    path = ".".join(parts) or "definition"
    reason = message.removeprefix("Value error, ")
    return Finding(path, f"{path}: {reason}", f"旅程定义有误（{path}）：{reason}", node)
