"""What differs between two graphs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from quanyu.modules.journeys.definition import dump_definition, read_definition
from quanyu.modules.journeys.errors import InvalidJourney
from quanyu.modules.journeys.versions.contracts import ChangeKind, FieldChange, NodeChange

_DRAWN: Final = ("layout", "notes", "nodes")  # What nobody moves by, and what is compared apart.


def whole(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a graph with everything it leaves out filled in, so that two can be compared.

    One that cannot be read – an unfinished draft – is compared as it stands.
    """
    try:
        return dump_definition(read_definition(raw))
    except InvalidJourney:
        return raw


def of_journey(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return what differs in the entry, the start, the goal and what ends a journey."""
    old, new = ({key: one for key, one in each.items() if key not in _DRAWN} for each in (before, after))
    return tuple(_fields(old, new))


def of_nodes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[NodeChange, ...]:
    """Return what became of each node: first those that are gone, then the others in their order."""
    old, new = _nodes(before), _nodes(after)
    gone = [(node, one, None) for node, one in old.items() if node not in new]
    there = [(node, old.get(node), one) for node, one in new.items()]
    return tuple(
        NodeChange(
            node=node,
            change=_kind(was, becomes),
            before=was,
            after=becomes,
            fields=tuple(_fields(was, becomes)) if was is not None and becomes is not None else (),
        )
        for node, was, becomes in [*gone, *there]
        if was != becomes
    )


def _kind(before: object, after: object) -> ChangeKind:
    if before is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if after is None else ChangeKind.CHANGED


def _nodes(graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    nodes = graph.get("nodes")
    found = nodes.items() if isinstance(nodes, Mapping) else ()
    return {str(node): dict(one) for node, one in found if isinstance(one, Mapping)}


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    for path in [*old, *(one for one in new if one not in old)]:
        if old.get(path) != new.get(path):
            yield FieldChange(path=path, before=old.get(path), after=new.get(path))


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every value within; ``None`` and empty parts say nothing."""
    match value:
        case Mapping():
            for key, one in value.items():
                yield from _leaves(one, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from _leaves(one, f"{path}.{number}")
        case None:
            return
        case str():
            yield path, value
        case _:
            yield path, json.dumps(value, ensure_ascii=False)
