"""Resolving: whose each new event is, for thousands of events at a time.

People whose combination of identifiers was seen before cost a dictionary look-up. Everything else of a
batch is settled together by a handful of statements: load what is touched of the identity graph, let the
pure rules decide, write back what changed.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.people import graph_queries as queries
from quanyu.modules.people.attributes import AttributeRow, Teller, told_rows, write_attributes
from quanyu.modules.people.contracts import ResolveResult, ResolveRow
from quanyu.modules.people.graph import Change, Graph, Identity
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.memory import GENERATION_MAX, KnownPerson, KnownTokens, Memory
from quanyu.modules.people.newcomers import Sighting, add_newcomers
from quanyu.modules.people.sealing import split_tokens

ROWS_MAX: Final = 20_000
# A transaction may last five seconds: so many combinations that are not remembered, and identify calls.
WORK_MAX: Final = 5_000
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_HOUR_S: Final = 3600
_decode_identifiers = msgspec.json.Decoder(list[tuple[str, str, str]]).decode


class Resolver:
    """Finds, makes and merges people for rows of the log. Serial per brand: one caller at a time."""

    def __init__(self, keyring: KeyRing, *, generation_max: int = GENERATION_MAX) -> None:
        self._keyring = keyring
        self._generation_max = generation_max
        self._memories: dict[TenantId, Memory] = {}

    async def resolve(self, uow: UnitOfWork, rows: Sequence[ResolveRow]) -> ResolveResult:
        """Resolve up to ``ROWS_MAX`` rows in the order accepted, and apply the attributes they tell.

        A row with usable identifiers is its strongest one's; a row without is its ``person_id``'s, if that
        exists. Repeating a batch in another transaction gives the same people.
        """
        assert len(rows) <= ROWS_MAX, f"at most {ROWS_MAX} rows a call, got {len(rows)}"
        connection = await uow.raw()
        memory = await self._recall(connection, uow.tenant_id)
        try:
            return await _Batch(connection, uow, self._keyring, memory, rows).run()
        except BaseException:
            # Cut off before it left its stamp: whom it remembers was never stored.
            self._memories.pop(uow.tenant_id, None)
            raise

    def affordable(self, tenant_id: TenantId, rows: Sequence[ResolveRow]) -> int:
        """Return how many of the first rows one transaction has time for; at least one, if there is any."""
        memory = self._memories.get(tenant_id)
        remembered = memory.tokens.get if memory is not None else lambda _: None
        fresh: set[bytes] = set()
        work = 0
        for index, row in enumerate(rows[:ROWS_MAX]):
            tokens = row[4]
            if tokens and tokens not in fresh and remembered(tokens) is None:
                fresh.add(tokens)
                work += 1
            if row[7] is not None:
                work += 1
            if work > WORK_MAX:
                return index
        return min(len(rows), ROWS_MAX)

    async def _recall(self, connection: Connection, tenant_id: TenantId) -> Memory:
        """Return what still holds of what is remembered of a brand."""
        stamp = await queries.lock_version(connection, tenant_id)
        memory = self._memories.get(tenant_id)
        if memory is None or memory.stamp != stamp:
            memory = self._memories[tenant_id] = Memory(stamp, self._generation_max)
        return memory


class _Batch:
    """One call's work."""

    def __init__(
        self,
        connection: Connection,
        uow: UnitOfWork,
        keyring: KeyRing,
        memory: Memory,
        rows: Sequence[ResolveRow],
    ) -> None:
        self._connection = connection
        self._tenant_id = uow.tenant_id
        self._now = uow.clock.now()
        self._keyring = keyring
        self._memory = memory
        self._rows = rows
        self._people: list[KnownPerson | None] = [None] * len(rows)
        self._sightings: dict[bytes, Sighting] = {}
        self._by_person_id: dict[int, list[int]] = {}
        self._change = Change()
        self._seen: dict[KnownPerson, tuple[datetime, datetime]] = {}
        self._tellers: list[int] = []

    async def run(self) -> ResolveResult:
        self._look_up()
        if self._sightings:
            await self._learn()
        if self._by_person_id:
            await self._find_by_person_id()
        person_ids, canonical_ids = self._read_off()
        touched = set(self._change.profiles)
        touched |= await self._store_seen()
        touched |= await self._store_attributes()
        await self._commit(touched)
        change = self._change
        return ResolveResult(
            person_ids,
            canonical_ids,
            change.merges,
            change.splits,
            frozenset(touched),
            change.created,
            change.departures,
        )

    def _look_up(self) -> None:
        """Give the rows of remembered combinations their people; gather the others."""
        remembered = self._memory.tokens
        young, recall = remembered.young, remembered.get
        people = self._people
        for index, row in enumerate(self._rows):
            tokens = row[4]
            if tokens:
                known = young.get(tokens) or recall(tokens)
                if known is not None and row[2] >= known.since:
                    people[index] = known.person
                else:
                    self._gather(index, row)
            elif row[8] is not None:
                self._by_person_id.setdefault(row[8], []).append(index)

    def _gather(self, index: int, row: ResolveRow) -> None:
        sighting = self._sightings.get(row.tokens)
        if sighting is None:
            sighting = self._sightings[row.tokens] = Sighting(
                split_tokens(row.tokens),
                _decode_identifiers(row.identifiers_json or "[]"),
                row.source,
                row.occurred_at,
                row.occurred_at,
            )
        elif row.occurred_at < sighting.first_at:
            sighting.first_at, sighting.source = row.occurred_at, row.source
        elif row.occurred_at > sighting.last_at:
            sighting.last_at = row.occurred_at
        sighting.rows.append(index)

    async def _learn(self) -> None:
        """Settle the gathered combinations: newcomers straight away, the others through the graph."""
        graph = Graph(self._connection, self._tenant_id)
        sightings = self._sightings
        await graph.know(dict.fromkeys(token for one in sightings.values() for token in one.tokens))
        seen_in = Counter(token for one in sightings.values() for token in one.tokens)
        newcomers: dict[bytes, Sighting] = {}
        others: dict[bytes, Sighting] = {}
        for tokens, one in sightings.items():
            kind = newcomers if one.is_newcomer(graph.identities, seen_in) else others
            kind[tokens] = one
        if others:
            await self._settle(graph, others)
        if newcomers:
            await self._welcome(newcomers)
        await self._keep_scopes()

    async def _welcome(self, newcomers: Mapping[bytes, Sighting]) -> None:
        ids = await add_newcomers(self._connection, self._tenant_id, list(newcomers.values()), now=self._now)
        for person_id, (tokens, one) in zip(ids, newcomers.items(), strict=True):
            person = self._memory.person(
                person_id, canonical_id=person_id, first_seen_at=one.first_at, last_seen_at=one.last_at
            )
            self._remember(tokens, one, person, one.first_at if len(one.tokens) > 1 else _ALWAYS)
        self._change.profiles.update(ids)
        self._change.created += len(ids)
        self._change.new_people += len(ids)
        self._change.is_empty = False

    async def _settle(self, graph: Graph, others: Mapping[bytes, Sighting]) -> None:
        sightings = others.values()
        for one in sightings:
            _add_unknown(graph, one)
        owners = [graph.owner_of(one.tokens) for one in sightings]
        await graph.know_pairs(_pairs(owners, sightings))
        since = [_sight(graph, owner, one) for owner, one in zip(owners, sightings, strict=True)]
        await graph.own(owners)
        for owner, one in zip(owners, sightings, strict=True):
            first, last = owner.seen or (one.first_at, one.last_at)
            if owner.stored is None or owner.stored[0] is None:
                owner.seen = (min(first, one.first_at), max(last, one.last_at))
        self._change = await graph.settle(self._now)
        for person_id, canonical_id in self._change.remapped.items():
            self._memory.remap(person_id, canonical_id)
        for (tokens, one), owner, oldest in zip(others.items(), owners, since, strict=True):
            self._remember(tokens, one, self._person_of(owner), oldest)

    def _remember(self, tokens: bytes, sighting: Sighting, person: KnownPerson, since: datetime) -> None:
        self._memory.tokens.put(tokens, KnownTokens(person, since))
        for index in sighting.rows:
            self._people[index] = person

    def _person_of(self, owner: Identity) -> KnownPerson:
        assert owner.person_id is not None
        assert owner.canonical_id is not None
        first, last = owner.seen or (owner.first_seen_at, owner.first_seen_at)
        return self._memory.person(
            owner.person_id, canonical_id=owner.canonical_id, first_seen_at=first, last_seen_at=last
        )

    async def _keep_scopes(self) -> None:
        scopes = {kind[:2] for one in self._sightings.values() for kind in one.identifiers}
        missing = scopes - self._memory.scopes
        if missing:
            await queries.keep_scopes(self._connection, self._tenant_id, missing)
            self._memory.scopes |= missing
            self._change.is_empty = False

    async def _find_by_person_id(self) -> None:
        """Give rows that name a person instead of identifiers that person; an unknown one is nobody."""
        memory = self._memory
        missing = [person_id for person_id in self._by_person_id if memory.people.get(person_id) is None]
        if missing:
            for row in await queries.find_people(self._connection, self._tenant_id, missing):
                person = memory.person(
                    row.id,
                    canonical_id=row.canonical_id,
                    first_seen_at=row.first_seen_at,
                    last_seen_at=row.last_seen_at,
                )
                memory.people.put(row.id, person)
        for person_id, indexes in self._by_person_id.items():
            found = memory.people.get(person_id)
            for index in indexes:
                self._people[index] = found

    def _read_off(self) -> tuple[list[int | None], list[int | None]]:
        """Return both answers per row, noting on the way who was seen anew and who is told about."""
        person_ids: list[int | None] = []
        canonical_ids: list[int | None] = []
        for index, (row, person) in enumerate(zip(self._rows, self._people, strict=True)):
            if person is None:
                person_ids.append(None)
                canonical_ids.append(None)
                continue
            person_ids.append(person.id)
            canonical_ids.append(person.canonical_id)
            at = row[2]
            # What we do to somebody (a row that names a person without identifiers) is not being seen.
            if (at > person.seen_due_at or at < person.first_seen_at) and row[4]:
                first, last = self._seen.get(person, (person.first_seen_at, person.last_seen_at))
                self._seen[person] = (min(first, at), max(last, at))
            if row[7] is not None:
                self._tellers.append(index)
        return person_ids, canonical_ids

    async def _store_seen(self) -> set[int]:
        """Store first and last seen; return the profiles whose copy in the warehouse is an hour behind."""
        # Ascending ids, as every writer locks them.
        seen = sorted(self._seen.items(), key=lambda item: item[0].id)
        await queries.update_seen(
            self._connection, self._tenant_id, [(person.id, *times) for person, times in seen]
        )
        behind: set[int] = set()
        for person, (first, last) in seen:
            if first < person.first_seen_at or _hour(last) > _hour(person.last_seen_at):
                behind.add(person.canonical_id)
            person.seen(first, last)
        return behind

    async def _store_attributes(self) -> set[int]:
        rows: list[AttributeRow] = []
        canonical: dict[int, int] = {}
        for index in self._tellers:
            row, person = self._rows[index], self._people[index]
            assert person is not None
            assert row.traits_json is not None
            teller = Teller(person.id, row.source, row.occurred_at, row.position)
            canonical[person.id] = person.canonical_id
            rows += told_rows(self._keyring, teller, row.traits_json, row.sealed)
        changed = await write_attributes(self._connection, self._tenant_id, rows)
        return {canonical[person_id] for person_id in changed}

    async def _commit(self, touched: set[int]) -> None:
        """Leave a new stamp if anything was written, so that a roll-back is noticed."""
        change = self._change
        if change.is_empty and not touched and not self._seen:
            return
        await queries.note_changes(
            self._connection, self._tenant_id, profiles=touched, remapped=change.remapped
        )
        stamp = new_id()
        await queries.stamp_version(
            self._connection,
            self._tenant_id,
            stamp,
            remapped=bool(change.remapped),
            new_people=change.new_people,
        )
        self._memory.stamp = stamp


def _add_unknown(graph: Graph, sighting: Sighting) -> None:
    for token, (namespace, scope, sealed) in zip(sighting.tokens, sighting.identifiers, strict=True):
        known = graph.identities.get(token)
        if known is None:
            value = base64.b64decode(sealed)
            graph.add(Identity(token, namespace, scope, sealed=value, first_seen_at=sighting.first_at))
        elif sighting.first_at < known.first_seen_at:
            known.first_seen_at = sighting.first_at


def _pairs(owners: Sequence[Identity], sightings: Iterable[Sighting]) -> list[tuple[bytes, bytes]]:
    pairs: dict[tuple[bytes, bytes], None] = {}
    for owner, one in zip(owners, sightings, strict=True):
        for token in one.tokens:
            if token != owner.token:
                pairs[(owner.token, token) if owner.token < token else (token, owner.token)] = None
    return list(pairs)


def _sight(graph: Graph, owner: Identity, sighting: Sighting) -> datetime:
    """Add the edges from the owner to the others; return the instant before which one would become older."""
    since = _ALWAYS
    for token in sighting.tokens:
        if token != owner.token:
            stored = graph.sight(owner.token, token, at=sighting.first_at, source=sighting.source)
            since = max(since, stored.edge.first_event_at)
    return since


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // _HOUR_S
