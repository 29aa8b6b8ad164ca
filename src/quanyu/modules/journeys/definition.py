"""A journey's graph: how people enter it, its nodes, and what makes a graph publishable."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.segments.tree import FILTERS_MAX, Filter

NODES_MAX: Final = 100
WAIT_MAX_S: Final = 2 * 365 * 86_400
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


class Reentry(_Frozen):
    """``cool_down_s`` counts from the last entry, in seconds of 86,400 a day."""

    mode: ReentryMode = ReentryMode.NEVER
    cool_down_s: Seconds = 0


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
    message_kind: Literal["customer_service_text", "template"]
    content: Mapping[str, Any]
    message_class: Literal["marketing", "transactional"] = "marketing"
    expires_after_s: Seconds = 86_400
    next: NodeId


class WaitEvent(_Node):
    """Wait until the person does something, or the time is up (JN-9)."""

    kind: Literal["wait_event"]
    event: EventName
    where: Filters = ()
    timeout_s: Annotated[int, Field(ge=1, le=WAIT_MAX_S)]
    matched: NodeId
    timeout: NodeId


class End(_Node):
    """Leave the journey."""

    kind: Literal["end"]


Node = Annotated[Wait | Condition | Send | WaitEvent | End, Field(discriminator="kind")]
Entry = Annotated[SegmentEntered | EventEntry, Field(discriminator="kind")]


class Definition(_Frozen):
    """A whole graph."""

    entry: Entry
    start: NodeId
    nodes: Annotated[dict[NodeId, Node], Field(min_length=1, max_length=NODES_MAX)]

    def waited_events(self) -> frozenset[str]:
        """Names of events some node waits for."""
        return frozenset(node.event for node in self.nodes.values() if isinstance(node, WaitEvent))


_ADAPTER: Final[TypeAdapter[Definition]] = TypeAdapter(Definition)


def parse_definition(raw: object) -> Definition:
    """Read a graph as it came in JSON and check that people can move through it.

    Raises:
        InvalidJourney: says which part is wrong, and why.
    """
    try:
        definition = _ADAPTER.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "definition"
        raise InvalidJourney(
            f"{where}: {first['msg']}", message_zh=f"旅程定义有误({where}):{first['msg']}", path=where
        ) from error
    problems = list(find_problems(definition))
    if problems:
        raise InvalidJourney(
            problems[0][0], message_zh=problems[0][1], problems=[english for english, _ in problems[:20]]
        )
    return definition


def dump_definition(definition: Definition) -> dict[str, Any]:
    """Write a graph as JSON-ready data."""
    return definition.model_dump(mode="json")


def exits_of(node: Node) -> tuple[tuple[str, str], ...]:
    """Return (branch, node id) of each way out of a node."""
    match node:
        case Wait() | Send():
            return (("next", node.next),)
        case Condition():
            return (("yes", node.yes), ("no", node.no))
        case WaitEvent():
            return (("matched", node.matched), ("timeout", node.timeout))
        case End():
            return ()


def find_problems(definition: Definition) -> Iterator[tuple[str, str]]:
    """Yield (English, Chinese) for everything that would leave people stuck or turning in place."""
    if definition.start not in definition.nodes:
        yield f"start: there is no node {definition.start}", f"起点:没有节点 {definition.start}"
        return
    for node_id, node in definition.nodes.items():
        for branch, target in exits_of(node):
            if target not in definition.nodes:
                yield (
                    f"nodes.{node_id}.{branch}: there is no node {target}",
                    f"节点 {node_id} 的 {branch}:没有节点 {target}",
                )
                return
    reached = _reachable(definition)
    for node_id in definition.nodes:
        if node_id not in reached:
            yield f"nodes.{node_id}: nobody can get here", f"节点 {node_id}:没有任何路径可以到达"
    looping = _loop_without_wait(definition)
    if looping:
        yield (
            f"nodes.{looping}: a loop needs a wait, or people would turn in it for ever",
            f"节点 {looping}:循环中必须有等待节点,否则会无限循环",
        )


def _reachable(definition: Definition) -> set[str]:
    seen: set[str] = set()
    open_ids = [definition.start]
    while open_ids:
        node_id = open_ids.pop()
        if node_id not in seen:
            seen.add(node_id)
            open_ids += [target for _, target in exits_of(definition.nodes[node_id])]
    return seen


def _takes_time(node: Node, branch: str) -> bool:
    """Whether leaving by ``branch`` takes time; an event may already be waiting to be matched."""
    match node:
        case Wait():
            return node.seconds > 0
        case WaitEvent():
            return branch == "timeout"
        case _:
            return False


def _loop_without_wait(definition: Definition) -> str | None:
    """Return a node on a cycle that takes no time, if there is one."""
    done: set[str] = set()

    def visit(node_id: str, path: frozenset[str]) -> str | None:
        if node_id in path:
            return node_id
        if node_id in done:
            return None
        node = definition.nodes[node_id]
        for branch, target in exits_of(node):
            if not _takes_time(node, branch):
                found = visit(target, path | {node_id})
                if found:
                    return found
        done.add(node_id)
        return None

    return next(filter(None, (visit(node_id, frozenset()) for node_id in definition.nodes)), None)
