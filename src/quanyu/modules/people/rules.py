"""Who is one person: a pure function of a set of edges between identifiers.

Edges through shared or blocked identifiers are dropped; the rest are taken strongest first, then oldest
first, then by the pair of tokens (which are keyed hashes already), and unite two groups while every limit
holds. An edge that would break a limit is kept and marked with the reason. Nothing depends on the order in
which edges were learnt, so an unmerge is nothing but the same function without one edge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from quanyu.modules.people.identifiers import Namespace, Period, namespace_of

MERGES_MAX: Final = 100  # People with a history of their own that one person may be made of.
IDENTIFIERS_MAX: Final = 1_000  # Identifiers one person may have.
OBSERVED: Final = "observed"  # Evidence: one event carried both identifiers.
EXPLICIT: Final = "explicit"  # Evidence: somebody said so, with name and reason.
_EXPLICIT_BONUS: Final = 1_000
_GUESSED_STRENGTH: Final = 1  # What a model holds likely yields to everything that was observed.

EdgeKey = tuple[bytes, bytes, str]


class Reason(StrEnum):
    """Why an edge does not unite its ends. Limits add the namespace: ``limit:phone``."""

    SHARED = "shared"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"
    KNOWN_TO_KNOWN = "known_to_known"
    MERGE_CAP = "merge_cap"
    TOO_MANY_IDENTIFIERS = "too_many_identifiers"


class Node(NamedTuple):
    """An identifier. ``person_id`` is set once it has owned an event: it then has a history of its own."""

    namespace: str
    scope: str
    person_id: int | None = None
    flag: Reason | None = None  # shared, blocked or quarantined: edges through it count for nothing.


class Edge(NamedTuple):
    """Two identifiers said to be one person's. ``a`` < ``b``."""

    a: bytes
    b: bytes
    evidence: str
    strength: int
    first_event_at: datetime

    @property
    def key(self) -> EdgeKey:
        """What tells this edge from every other."""
        return (self.a, self.b, self.evidence)


@dataclass(frozen=True, slots=True)
class Partition:
    """Groups of identifiers, one per person, and the edges that could not unite their ends."""

    groups: tuple[tuple[bytes, ...], ...]
    demotions: Mapping[EdgeKey, str]


def edge_key(a: bytes, b: bytes, evidence: str = OBSERVED) -> EdgeKey:
    """Return the key of the edge between two tokens, whichever way round."""
    return (a, b, evidence) if a < b else (b, a, evidence)


def edge_strength(a: str, b: str, evidence: str) -> int:
    """An edge is as strong as its weaker end; what somebody stated of two people's names goes before all
    else.

    What somebody stated of a device waits its turn: it may join two known people, but it does not take the
    device away from whom it was with before. Evidence of any other name is a model's (``match@1``): the
    weakest of all.
    """
    if evidence not in (OBSERVED, EXPLICIT):
        return _GUESSED_STRENGTH
    one, other = namespace_of(a), namespace_of(b)
    weaker = min(one.strength, other.strength)
    if evidence == EXPLICIT and one.personal and other.personal:
        return weaker + _EXPLICIT_BONUS
    return weaker


def components(
    nodes: Mapping[bytes, Node],
    edges: Iterable[Edge],
    namespaces: Mapping[str, Namespace] | None = None,
) -> Partition:
    """Divide ``nodes`` into people. Deterministic, idempotent and independent of the order of ``edges``."""
    demotions: dict[EdgeKey, str] = {}
    usable: list[Edge] = []
    for edge in edges:
        flag = nodes[edge.a].flag or nodes[edge.b].flag
        if flag is None:
            usable.append(edge)
        else:
            demotions[edge.key] = flag.value
    usable.sort(key=_order)
    forest = _Forest(nodes, _first_times(usable), namespaces)
    for edge in usable:
        reason = forest.unite(edge)
        if reason is not None:
            demotions[edge.key] = reason
    return Partition(forest.groups(), demotions)


def canonical_id(group: Iterable[bytes], nodes: Mapping[bytes, Node]) -> int | None:
    """Return the least person id in a group: the person everybody in it is known as."""
    return min((person for token in group if (person := nodes[token].person_id) is not None), default=None)


def _order(edge: Edge) -> tuple[int, datetime, bytes, bytes, str]:
    return (-edge.strength, edge.first_event_at, edge.a, edge.b, edge.evidence)


def _first_times(edges: Iterable[Edge]) -> dict[bytes, datetime]:
    """When each identifier was first seen beside another, for limits that count per period."""
    times: dict[bytes, datetime] = {}
    for edge in edges:
        for token in (edge.a, edge.b):
            known = times.get(token)
            if known is None or edge.first_event_at < known:
                times[token] = edge.first_event_at
    return times


class _Group:
    """What the limits need to know of a group: how many of each kind, and whether it is known."""

    __slots__ = ("anchored", "counts", "known", "tokens")

    def __init__(self, token: bytes, kind: tuple[str, str, str], *, known: bool, anchored: bool) -> None:
        self.tokens = [token]
        self.counts = {kind: 1}
        self.known = known
        self.anchored = int(anchored)

    def absorb(self, other: "_Group") -> None:
        self.tokens += other.tokens
        for kind, count in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        self.known = self.known or other.known
        self.anchored += other.anchored


class _Forest:
    """Groups that grow edge by edge, always the smaller into the larger."""

    def __init__(
        self,
        nodes: Mapping[bytes, Node],
        times: Mapping[bytes, datetime],
        namespaces: Mapping[str, Namespace] | None,
    ) -> None:
        self._nodes = nodes
        self._namespaces = namespaces or {}
        self._group: dict[bytes, _Group] = {}
        for token, node in nodes.items():
            rule = self._rule(node.namespace)
            kind = (node.namespace, node.scope, _bucket(rule.period, times.get(token)))
            self._group[token] = _Group(token, kind, known=rule.personal, anchored=node.person_id is not None)

    def unite(self, edge: Edge) -> str | None:
        """Unite the groups of an edge's ends, or return the reason why not."""
        one, other = self._group[edge.a], self._group[edge.b]
        if one is other:
            return None
        if len(one.tokens) < len(other.tokens):
            one, other = other, one
        reason = self._obstacle(one, other, edge)
        if reason is None:
            one.absorb(other)
            for token in other.tokens:
                self._group[token] = one
        return reason

    def groups(self) -> tuple[tuple[bytes, ...], ...]:
        distinct = {id(group): group for group in self._group.values()}
        return tuple(tuple(sorted(group.tokens)) for group in distinct.values())

    def _obstacle(self, one: _Group, other: _Group, edge: Edge) -> str | None:
        for kind, count in other.counts.items():
            present = one.counts.get(kind)
            if present is not None and present + count > self._rule(kind[0]).limit:
                return f"limit:{kind[0]}"
        if one.known and other.known and edge.evidence != EXPLICIT and self._is_through_device(edge):
            return Reason.KNOWN_TO_KNOWN
        if one.anchored + other.anchored > MERGES_MAX + 1:
            return Reason.MERGE_CAP
        if len(one.tokens) + len(other.tokens) > IDENTIFIERS_MAX:
            return Reason.TOO_MANY_IDENTIFIERS
        return None

    def _is_through_device(self, edge: Edge) -> bool:
        ends = (self._nodes[edge.a], self._nodes[edge.b])
        return not all(self._rule(node.namespace).personal for node in ends)

    def _rule(self, name: str) -> Namespace:
        return self._namespaces.get(name) or namespace_of(name)


def _bucket(period: Period, at: datetime | None) -> str:
    """Name the calendar period ``at`` falls into; everything that counts for ever shares one name."""
    if period is Period.EVER or at is None:
        return ""
    match period:
        case Period.DAY:
            return f"{at:%Y-%m-%d}"
        case Period.WEEK:
            return f"{at:%G-W%V}"
        case Period.MONTH:
            return f"{at:%Y-%m}"
        case Period.YEAR:
            return f"{at:%Y}"
