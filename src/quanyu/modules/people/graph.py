"""The part of the identity graph that a change touches: loaded, decided by the rules, written back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.people import graph_queries as queries
from quanyu.modules.people.contracts import Departure, EdgeOutcome, Merge, Split
from quanyu.modules.people.graph_queries import Connection, EdgeRow, IdentityRow
from quanyu.modules.people.identifiers import namespace_of
from quanyu.modules.people.rules import (
    IDENTIFIERS_MAX,
    OBSERVED,
    Edge,
    EdgeKey,
    Node,
    Partition,
    Reason,
    canonical_id,
    components,
    edge_key,
    edge_strength,
)
from quanyu.modules.people.sql_text import NULL, copy_bytea, copy_text

# A value beside this many others inside an oversized tangle is what tangles it: a staff phone, a shop's
# tablet.
HUB_EDGES_MIN: Final = 50
_REVIEWED: Final = (Reason.MERGE_CAP.value, Reason.TOO_MANY_IDENTIFIERS.value)


class Identity:
    """An identifier, stored or about to be."""

    __slots__ = (
        "canonical_id",
        "first_seen_at",
        "flag",
        "is_new",
        "namespace",
        "person_id",
        "scope",
        "sealed",
        "seen",
        "stored",
        "token",
    )

    def __init__(
        self, token: bytes, namespace: str, scope: str, *, sealed: bytes | None, first_seen_at: datetime
    ) -> None:
        self.token = token
        self.namespace = namespace
        self.scope = scope
        self.sealed = sealed
        self.first_seen_at = first_seen_at
        self.person_id: int | None = None
        self.canonical_id: int | None = None
        self.flag: Reason | None = None
        self.seen: tuple[datetime, datetime] | None = None  # Of the person id, where it owns one.
        self.is_new = True
        self.stored: tuple[int | None, int, str | None, datetime] | None = None

    @classmethod
    def of_row(cls, row: IdentityRow) -> "Identity":
        identity = cls(row.token, row.namespace, row.scope, sealed=None, first_seen_at=row.first_seen_at)
        identity.person_id = row.person_id
        identity.canonical_id = row.canonical_id
        identity.flag = None if row.flag is None else Reason(row.flag)
        if row.person_first_seen_at is not None and row.person_last_seen_at is not None:
            identity.seen = (row.person_first_seen_at, row.person_last_seen_at)
        identity.is_new = False
        identity.stored = (row.person_id, row.canonical_id, row.flag, row.first_seen_at)
        return identity

    def node(self) -> Node:
        """Return what the rules look at."""
        return Node(self.namespace, self.scope, self.person_id, self.flag)


@dataclass(slots=True)
class StoredEdge:
    """An edge, stored or about to be."""

    edge: Edge
    source: str
    state: str = EdgeOutcome.HELD.value
    reason: str = ""
    note: str = ""
    is_new: bool = True
    is_changed: bool = False

    @classmethod
    def of_row(cls, row: EdgeRow) -> "StoredEdge":
        edge = Edge(row.a, row.b, row.evidence, row.strength, row.first_event_at)
        return cls(edge, row.source, row.state, row.reason, row.note, is_new=False)

    @property
    def counts(self) -> bool:
        """Whether the edge takes part in deciding who is who."""
        return self.state in (EdgeOutcome.HELD, EdgeOutcome.DEMOTED)


@dataclass(slots=True)
class Change:
    """What settling the graph changed."""

    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    departures: tuple[Departure, ...] = ()
    remapped: dict[int, int] = field(default_factory=dict)  # Person id -> canonical id.
    profiles: set[int] = field(default_factory=set)
    created: int = 0
    new_people: int = 0  # Profiles now less profiles before.
    is_empty: bool = True


class Graph:
    """Load with ``know``, change with ``add`` and ``sight``, then ``settle``: decide and write."""

    def __init__(self, connection: Connection, tenant_id: TenantId) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self.identities: dict[bytes, Identity] = {}
        self.edges: dict[EdgeKey, StoredEdge] = {}
        self._touched: set[bytes] = set()  # Their groups are to be decided again.
        self._quarantine: list[tuple[bytes, bytes | None, str, int]] = []

    async def know(self, tokens: Iterable[bytes]) -> None:
        """Load the identities among ``tokens`` that are stored."""
        missing = [token for token in tokens if token not in self.identities]
        if missing:
            for row in await queries.find_identities(self._connection, self._tenant_id, missing):
                self.identities[row.token] = Identity.of_row(row)

    def add(self, identity: Identity) -> None:
        """Add an identifier nobody has seen before."""
        self.identities[identity.token] = identity

    def owner_of(self, tokens: Iterable[bytes]) -> Identity:
        """Return whose an event with ``tokens``, strongest first, is: shared values own only what is left."""
        candidates = [self.identities[token] for token in tokens]
        return next((one for one in candidates if one.flag is None), candidates[0])

    async def know_pairs(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Load the edges between pairs of identifiers that are both stored."""
        both = [
            pair
            for pair in pairs
            if not self.identities[pair[0]].is_new and not self.identities[pair[1]].is_new
        ]
        if both:
            for row in await queries.find_edges(self._connection, self._tenant_id, both):
                self._keep(row)

    def sight(
        self, a: bytes, b: bytes, *, at: datetime, source: str, evidence: str = OBSERVED, note: str = ""
    ) -> StoredEdge:
        """State that ``a`` and ``b`` were seen as one person's; the pair must be known."""
        key = edge_key(a, b, evidence)
        stored = self.edges.get(key)
        if stored is None:
            strength = edge_strength(self.identities[a].namespace, self.identities[b].namespace, evidence)
            stored = StoredEdge(Edge(*key, strength, at), source, note=note)
            self.edges[key] = stored
            self.touch(a, b)
        elif at < stored.edge.first_event_at:
            stored.edge = stored.edge._replace(first_event_at=at)
            stored.is_changed = True
            if stored.counts:
                self.touch(a, b)
        return stored

    def touch(self, *tokens: bytes) -> None:
        """Have the groups of ``tokens`` decided again."""
        self._touched.update(tokens)

    async def own(self, owners: Iterable[Identity]) -> None:
        """Give each identifier that owns an event a person id of its own, in the order given."""
        without = [owner for owner in dict.fromkeys(owners) if owner.person_id is None]
        for owner, person_id in zip(
            without,
            await queries.draw_person_ids(self._connection, len(without)) if without else (),
            strict=True,
        ):
            owner.person_id = person_id
            if not owner.is_new:
                self.touch(owner.token)  # How many such ids a person is made of is limited.

    async def settle(self, now: datetime) -> Change:
        """Decide the touched groups and write whatever changed."""
        await self._load_closure()
        self._untangle()
        partition = self._decide()
        groups = [*partition.groups, *self._lone_groups()]
        await self._own_groups(groups)
        change = self._assign(groups)
        await self._write(change, now)
        return change

    async def load_around(self, token: bytes) -> None:
        """Touch everything connected with ``token`` as it stands now."""
        self.touch(token)
        await self._load_closure(through_flags={token})

    async def _load_closure(self, through_flags: Collection[bytes] = ()) -> None:
        """Load every connected piece that was touched, whole; flagged values end the walk."""
        frontier = [token for token in self._touched if token in through_flags or not self._ends_walk(token)]
        while frontier:
            rows = await queries.find_edges_at(self._connection, self._tenant_id, frontier)
            for row in rows:
                self._keep(row)
            ends = {token for row in rows for token in (row.a, row.b)} - self._touched
            await self.know(ends)
            self._touched |= ends
            frontier = [token for token in ends if not self._ends_walk(token)]

    def _ends_walk(self, token: bytes) -> bool:
        identity = self.identities[token]
        return identity.is_new or identity.flag is not None

    def _keep(self, row: EdgeRow) -> None:
        key = (row.a, row.b, row.evidence)
        if key not in self.edges:  # What this transaction changed wins over what it reads again.
            self.edges[key] = StoredEdge.of_row(row)

    def _touched_edges(self) -> list[StoredEdge]:
        touched = self._touched
        return [
            stored
            for stored in self.edges.values()
            if stored.counts and stored.edge.a in touched and stored.edge.b in touched
        ]

    def _untangle(self) -> None:
        """Put aside what would let one piece grow without bound, for a human to look at.

        A value that many others hang on is flagged and joins nobody until reviewed; where there is none, the
        new edges wait instead.
        """
        edges = self._touched_edges()
        while (tangle := self._oversized(edges)) is not None:
            hub = self._hub(tangle, edges)
            if hub is not None:
                self.identities[hub].flag = Reason.QUARANTINED
                self._quarantine.append((hub, None, Reason.QUARANTINED, len(tangle)))
                continue
            for stored in edges:
                if stored.is_new and stored.edge.a in tangle:
                    stored.state = EdgeOutcome.QUARANTINED.value
                    self._quarantine.append(
                        (stored.edge.a, stored.edge.b, Reason.TOO_MANY_IDENTIFIERS, len(tangle))
                    )
            edges = self._touched_edges()
            if self._oversized(edges) == tangle:
                return  # Stored before the bound was lowered: nothing new to hold back.

    def _oversized(self, edges: list[StoredEdge]) -> set[bytes] | None:
        neighbours: dict[bytes, list[bytes]] = {}
        for stored in edges:
            a, b = stored.edge.a, stored.edge.b
            if self.identities[a].flag is None and self.identities[b].flag is None:
                neighbours.setdefault(a, []).append(b)
                neighbours.setdefault(b, []).append(a)
        if len(neighbours) <= IDENTIFIERS_MAX:
            return None
        return next((piece for piece in _pieces(neighbours) if len(piece) > IDENTIFIERS_MAX), None)

    def _hub(self, tangle: set[bytes], edges: list[StoredEdge]) -> bytes | None:
        degree: dict[bytes, int] = {}
        for stored in edges:
            for token in (stored.edge.a, stored.edge.b):
                if token in tangle and namespace_of(self.identities[token].namespace).limit > 1:
                    degree[token] = degree.get(token, 0) + 1
        hub = max(degree, key=lambda token: (degree[token], token), default=None)
        return hub if hub is not None and degree[hub] >= HUB_EDGES_MIN else None

    def _decide(self) -> Partition:
        edges = self._touched_edges()
        nodes = {token: self.identities[token].node() for token in self._touched}
        partition = components(nodes, [stored.edge for stored in edges])
        for stored in edges:
            reason = partition.demotions.get(stored.edge.key, "")
            state = EdgeOutcome.DEMOTED.value if reason else EdgeOutcome.HELD.value
            if (state, reason) != (stored.state, stored.reason):
                stored.state, stored.reason, stored.is_changed = state, reason, True
                if reason in _REVIEWED:
                    self._quarantine.append((stored.edge.a, stored.edge.b, reason, len(nodes)))
        return partition

    def _lone_groups(self) -> list[tuple[bytes, ...]]:
        """New identifiers without any edge."""
        return [
            (token,)
            for token, identity in self.identities.items()
            if identity.is_new and token not in self._touched
        ]

    async def _own_groups(self, groups: Iterable[tuple[bytes, ...]]) -> None:
        """Give a person id to groups in which no identifier ever owned an event: an unmerge leaves such."""
        bereft = [
            group for group in groups if all(self.identities[token].person_id is None for token in group)
        ]
        await self.own(
            max(
                (self.identities[token] for token in group),
                key=lambda one: (namespace_of(one.namespace).strength, one.token),
            )
            for group in bereft
        )

    def _assign(self, groups: Iterable[tuple[bytes, ...]]) -> Change:
        change = Change()
        moves: list[Departure] = []
        before: set[int] = set()
        after: set[int] = set()
        told_more: set[int] = set()  # They have an identifier nobody had before.
        for group in groups:
            canonical = canonical_id(group, {token: self.identities[token].node() for token in group})
            assert canonical is not None
            after.add(canonical)
            for token in group:
                identity = self.identities[token]
                previous = identity.canonical_id
                if previous is None:
                    told_more.add(canonical)
                else:
                    before.add(previous)
                    if previous != canonical and identity.stored:
                        own = identity.stored[0]
                        moves.append(Departure(token, identity.namespace, own, previous, canonical))
                identity.canonical_id = canonical
        # If the canonical id itself moved, everybody moved with it; otherwise somebody left.
        absorbed = {one.from_id: one.to_id for one in moves if one.person_id == one.from_id}
        change.merges = tuple(sorted(Merge(*pair) for pair in absorbed.items()))
        left = [one for one in moves if absorbed.get(one.from_id) != one.to_id]
        change.departures = tuple(sorted(left, key=lambda one: (one.token, one.from_id)))
        # Without a person id of its own it takes no events along.
        change.splits = tuple(
            sorted(Split(one.person_id, one.from_id, one.to_id) for one in left if one.person_id is not None)
        )
        change.profiles = (
            (after - before)
            | told_more
            | {one for move in moves if move.person_id is not None for one in (move.from_id, move.to_id)}
        )
        change.created = len(after - before)
        change.new_people = len(after) - len(before)
        return change

    async def _write(self, change: Change, now: datetime) -> None:
        people, remapped = self._changed_people()
        change.remapped = remapped
        changed = [
            (one.token, one.person_id, one.canonical_id or 0, one.flag, one.first_seen_at)
            for one in self.identities.values()
            if one.stored is not None
            and one.stored != (one.person_id, one.canonical_id, one.flag, one.first_seen_at)
        ]
        new_edges = [stored for stored in self.edges.values() if stored.is_new]
        changed_edges = [stored for stored in self.edges.values() if stored.is_changed and not stored.is_new]
        change.is_empty = not (people or changed or new_edges or changed_edges or self._new_identities())
        if change.is_empty:
            return
        await self._write_people(people, now, remapped)
        await self._write_identities()
        await queries.update_identities(self._connection, self._tenant_id, changed)
        await self._write_edges(new_edges)
        await queries.update_edges(
            self._connection,
            self._tenant_id,
            [
                (one.edge.key, one.edge.first_event_at, one.state, one.reason, one.note)
                for one in changed_edges
            ],
        )
        await self._write_quarantine(now)

    def _new_identities(self) -> list[Identity]:
        return [one for one in self.identities.values() if one.is_new]

    def _changed_people(self) -> tuple[list[Identity], dict[int, int]]:
        """Identifiers whose person id is new, and all person ids known as somebody else than stored."""
        people: list[Identity] = []
        remapped: dict[int, int] = {}
        for one in self.identities.values():
            if one.person_id is None or one.canonical_id is None:
                continue
            stored_person = None if one.stored is None else one.stored[0]
            if stored_person is None:
                people.append(one)
                if one.canonical_id != one.person_id:
                    remapped[one.person_id] = one.canonical_id
            elif one.stored is not None and one.stored[1] != one.canonical_id:
                remapped[one.person_id] = one.canonical_id
        return people, remapped

    async def _write_people(self, people: list[Identity], now: datetime, remapped: dict[int, int]) -> None:
        lines = []
        fresh = set()
        for one in people:
            first, last = one.seen or (one.first_seen_at, one.first_seen_at)
            one.seen = (first, last)
            fresh.add(one.person_id)
            lines.append(
                f"{self._tenant_id}\t{one.person_id}\t{one.canonical_id}\t{now.isoformat()}\t"
                f"{first.isoformat()}\t{last.isoformat()}\n"
            )
        await queries.copy_rows(self._connection, "person", queries.PERSON_COLUMNS, lines)
        moved = [(person, canonical) for person, canonical in remapped.items() if person not in fresh]
        await queries.update_canonical(self._connection, self._tenant_id, moved)

    async def _write_identities(self) -> None:
        lines = [
            f"{self._tenant_id}\t{copy_bytea(one.token)}\t{one.namespace}\t{copy_text(one.scope)}\t"
            f"{copy_bytea(one.sealed or b'')}\t{NULL if one.person_id is None else one.person_id}\t"
            f"{one.canonical_id}\t{NULL if one.flag is None else one.flag.value}\t"
            f"{one.first_seen_at.isoformat()}\n"
            for one in self._new_identities()
        ]
        await queries.copy_rows(self._connection, "identity", queries.IDENTITY_COLUMNS, lines)

    async def _write_edges(self, edges: list[StoredEdge]) -> None:
        lines = [
            f"{self._tenant_id}\t{copy_bytea(one.edge.a)}\t{copy_bytea(one.edge.b)}\t"
            f"{copy_text(one.edge.evidence)}\t{copy_text(one.source)}\t{one.edge.strength}\t"
            f"{one.edge.first_event_at.isoformat()}\t{one.state}\t{one.reason}\t{copy_text(one.note)}\n"
            for one in edges
        ]
        await queries.copy_rows(self._connection, "identity_edge", queries.EDGE_COLUMNS, lines)

    async def _write_quarantine(self, now: datetime) -> None:
        lines = [
            f"{self._tenant_id}\t{new_id()}\t{copy_bytea(a)}\t{NULL if b is None else copy_bytea(b)}\t"
            f"{reason}\t{size}\t{now.isoformat()}\n"
            for a, b, reason, size in self._quarantine
        ]
        columns = "tenant_id, id, a, b, reason, identifiers, created_at"
        await queries.copy_rows(self._connection, "identity_quarantine", columns, lines)


def _pieces(neighbours: dict[bytes, list[bytes]]) -> Iterable[set[bytes]]:
    """Yield the connected pieces of a graph."""
    left = set(neighbours)
    while left:
        piece: set[bytes] = set()
        stack = [left.pop()]
        while stack:
            token = stack.pop()
            if token not in piece:
                piece.add(token)
                stack += neighbours[token]
        left -= piece
        yield piece
