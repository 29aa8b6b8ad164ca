"""What makes a graph one that people can move through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quanyu.modules.journeys.definition import (
    FINDINGS_MAX,
    Condition,
    Definition,
    End,
    Node,
    RandomSplit,
    Repeat,
    Send,
    Split,
    UntilDate,
    Update,
    Wait,
    WaitEvent,
    WaitUntil,
    read_definition,
)
from quanyu.modules.journeys.errors import Finding, InvalidJourney


def parse_definition(raw: object) -> Definition:
    """Read a graph and check that nobody would be stuck in it or turn in place.

    Raises:
        InvalidJourney: names each node that is wrong, and why.
    """
    definition = read_definition(raw)
    findings = list(find_faults(definition))
    if findings:
        raise InvalidJourney(findings[:FINDINGS_MAX])
    return definition


def exits_of(node: Node) -> tuple[tuple[str, str], ...]:
    """Return (branch, node id) of each way out of a node."""
    match node:
        case Wait() | Send() | Update():
            return (("next", node.next),)
        case Condition():
            return (("yes", node.yes), ("no", node.no))
        case Split():
            return (*((one.name, one.next) for one in node.branches), ("otherwise", node.otherwise))
        case Repeat():
            return (("again", node.again), ("next", node.next))
        case WaitUntil():
            missing = () if node.missing is None else (("missing", node.missing),)
            return (("next", node.next), *missing)
        case WaitEvent():
            return (("matched", node.matched), ("timeout", node.timeout))
        case RandomSplit():
            return tuple((way.name, way.next) for way in node.ways)
        case End():
            return ()


@dataclass(frozen=True, slots=True)
class Question:
    """Conditions that lead out of a node by ``way`` where they hold; ``part`` is where they stand in it."""

    part: str
    way: str
    test: Mapping[str, Any]


def questions_of(node: Node) -> tuple[Question, ...]:
    """Return what a node asks of people, in the order in which the first that holds counts."""
    match node:
        case Condition():
            return (Question("test", "yes", node.test),)
        case Split():
            return tuple(
                Question(f"branches.{place}.test", one.name, one.test)
                for place, one in enumerate(node.branches)
            )
        case _:
            return ()


def way_of_the_rest(node: Condition | Split) -> str:
    """Return the way of those for whom nothing holds."""
    return "no" if isinstance(node, Condition) else "otherwise"


def find_faults(definition: Definition) -> Iterator[Finding]:
    """Yield everything that would leave people stuck or turning in place."""
    missing = [*_missing_targets(definition), *_missing_ways(definition)]
    yield from missing
    if missing:
        return
    reached = _reachable(definition)
    for node_id in definition.nodes:
        if node_id not in reached:
            yield _fault(f"nodes.{node_id}", "nobody can get here", "没有任何路径可以到达", node_id)
    looping = _loop_without_wait(definition)
    if looping:
        yield _fault(
            f"nodes.{looping}",
            "a loop needs a wait, or people would turn in it for ever",
            "循环中必须有等待节点，否则会无限循环",
            looping,
        )


def _missing_targets(definition: Definition) -> Iterator[Finding]:
    if definition.start not in definition.nodes:
        yield _fault("start", f"there is no node {definition.start}", f"没有节点 {definition.start}", None)
    for node_id, node in definition.nodes.items():
        for branch, target in exits_of(node):
            if target not in definition.nodes:
                path = f"nodes.{node_id}.{branch}"
                yield _fault(path, f"there is no node {target}", f"没有节点 {target}", node_id)


def _missing_ways(definition: Definition) -> Iterator[Finding]:
    """Who has no date must be able to go on, and only they."""
    for node_id, node in definition.nodes.items():
        if isinstance(node, WaitUntil) and isinstance(node.until, UntilDate) != (node.missing is not None):
            yield (
                _fault(
                    f"nodes.{node_id}.missing",
                    "say where people go who have no such date",
                    "请指定没有该日期的用户走向哪一步",
                    node_id,
                )
                if node.missing is None
                else _fault(
                    f"nodes.{node_id}.missing",
                    "only a date of an attribute can be missing",
                    "只有按属性日期等待时才有「没有日期」这一路",
                    node_id,
                )
            )


def _fault(path: str, english: str, chinese: str, node: str | None) -> Finding:
    where = f"节点 {path.removeprefix('nodes.')}" if node else "起点"
    return Finding(path, f"{path}: {english}", f"{where}:{chinese}", node)


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
    """Whether leaving by ``branch`` takes time; an event may already be there to be matched."""
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
