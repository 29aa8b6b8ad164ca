"""Finding who may be the same person in a living brand: whoever is new or changed, a batch at a time.

A batch is three short transactions with the thinking between them, beside the event loop: what is known of
these people; whom they meet; what came of it. Until the last commits they stay on the list, so a crash
repeats a batch and changes nothing twice. Opened values live in this process, for as long as a batch takes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.matching import joining
from quanyu.modules.people.matching.blocking import BLOCK_MAX
from quanyu.modules.people.matching.hashing import Hasher, StoredFrequencies, wanted
from quanyu.modules.people.matching.model import MODEL, SUGGEST_MIN, Model, Record
from quanyu.modules.people.matching.queries import Compared, MatchQueries, Progress
from quanyu.modules.people.matching.reading import list_values, open_records
from quanyu.modules.people.matching.suggestion_queries import (
    Found,
    HeldIdentity,
    Pair,
    Suggestion,
    SuggestionQueries,
)
from quanyu.modules.people.separation.contracts import FollowsPeople
from quanyu.modules.people.service import identity_edited

BATCH: Final = 100  # People of one step.
CANDIDATES_MAX: Final = 100  # People one is compared with in one step.
_AHEAD: Final = 1_000  # People a run over everybody puts on the list at once.
RUN_PREFIX: Final = "mru"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Whom a step is about: the list as read, who of them stands, and who is nobody any more."""

    pending: Mapping[int, int]
    people: tuple[int, ...]
    gone: tuple[int, ...]
    records: Mapping[int, Record]


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Whom the people of a step are compared with, and by which frequencies."""

    pairs: tuple[Pair, ...]
    records: Mapping[int, Record]
    frequencies: StoredFrequencies
    dropped: int


class Finder:
    """Keeps the suggestions of a brand up with what is known of its people."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, following: FollowsPeople) -> None:
        self._uows = uows
        self._keyring = keyring
        self._following = following

    async def step(self, tenant_id: TenantId, *, size: int = BATCH) -> int:
        """Compare the next people; return how many were on the list, 0 when nobody waits."""
        async with self._uows.system(tenant_id) as uow:
            run_id = await self._run(uow)
            if run_id is None:
                return 0
            batch = await self._next(uow, size)
        hasher = Hasher(self._keyring, tenant_id)
        compared = await asyncio.to_thread(_compared, hasher, batch.records)
        async with self._uows.system(tenant_id) as uow:
            queries = MatchQueries(uow)
            missing = {one: Compared(frozenset(), ()) for one in batch.people if one not in compared}
            await queries.replace_compared({**compared, **missing}, batch.gone)
            meeting = await self._meet(uow, hasher, batch, compared)
        found = await asyncio.to_thread(_score, meeting)
        async with self._uows.system(tenant_id) as uow:
            await self._conclude(uow, run_id, batch, meeting, found)
        return len(batch.pending)

    async def _run(self, uow: UnitOfWork) -> int | None:
        """Return the run that this step belongs to; ``None`` when there is nothing to do."""
        queries = MatchQueries(uow)
        if not (await queries.setting()).is_on:
            return None
        everybody = await queries.open_run("all")
        waiting = bool(await queries.pending(1))
        if everybody is not None:
            if not waiting:
                ahead = await queries.people_after(
                    everybody.person_at, until=everybody.person_until, limit=_AHEAD
                )
                if not ahead:
                    await queries.finish(everybody.id)
                    return None
                await queries.wait(ahead)
                await queries.reach(everybody.id, ahead[-1])
            return everybody.id
        return await self._run_of_today(uow) if waiting else None

    async def _run_of_today(self, uow: UnitOfWork) -> int:
        queries, today = MatchQueries(uow), uow.clock.now().date()
        going_on = await queries.open_run("changes")
        if going_on is not None:
            if going_on.started_at.date() == today and going_on.model == MODEL:
                return going_on.id
            await queries.finish(going_on.id)
        return await queries.start_run("changes", model=MODEL, actor="")

    async def _next(self, uow: UnitOfWork, size: int) -> _Batch:
        pending = await MatchQueries(uow).pending(size)
        canonical = await profile_queries.find_canonical(uow, list(pending))
        people = sorted(set(canonical.values()))
        gone = sorted(set(pending) - set(people))
        values = await list_values(uow, people)
        records = await asyncio.to_thread(open_records, self._keyring, values)
        return _Batch(pending, tuple(people), tuple(gone), records)

    async def _meet(
        self, uow: UnitOfWork, hasher: Hasher, batch: _Batch, compared: Mapping[int, Compared]
    ) -> _Meeting:
        queries = MatchQueries(uow)
        ordered = {person: hasher.keys(record) for person, record in batch.records.items()}
        blocks = await queries.blocks({key for keys in ordered.values() for key in keys}, at_most=BLOCK_MAX)
        large = {key for key, block in blocks.items() if len(block) > BLOCK_MAX}
        pairs = {
            _pair(person, other)
            for person, keys in ordered.items()
            for other in _candidates(person, [blocks[key] for key in keys if key not in large])
        }
        known = await SuggestionQueries(uow).open_with(batch.people)
        pairs |= {(one.person_a, one.person_b) for one in known}
        others = sorted({one for pair in pairs for one in pair} - set(batch.records))
        values = await list_values(uow, others)
        records = {**batch.records, **await asyncio.to_thread(open_records, self._keyring, values)}
        people = await profile_queries.count_people(uow)
        counts = await queries.frequencies(wanted(hasher, list(records.values())))
        frequencies = StoredFrequencies(hasher, records=people, people=counts)
        return _Meeting(tuple(sorted(pairs)), records, frequencies, len(large))

    async def _conclude(
        self, uow: UnitOfWork, run_id: int, batch: _Batch, meeting: _Meeting, found: Sequence[Found]
    ) -> None:
        suggestions = SuggestionQueries(uow)
        likely = sorted({person for one in found for person in one.pair})
        standing = {
            one
            for one, known_as in (await profile_queries.find_canonical(uow, likely)).items()
            if one == known_as
        }
        decided = await suggestions.refused(likely) | await suggestions.held_apart(likely)
        identities = await suggestions.identities(likely)
        open_to_all = [one for one in found if one.pair not in decided and set(one.pair) <= standing]
        possible = [one for one in open_to_all if not joining.obstacle(*_sides(one.pair, identities))]
        await self._end_stale(uow, batch, {one.pair for one in possible})
        new = await suggestions.save(possible, model=MODEL, run_id=run_id)
        joined = await self._join_surest(uow, run_id, possible, identities)
        queries = MatchQueries(uow)
        await queries.add_progress(
            run_id,
            Progress(
                people=len(batch.people),
                pairs=len(meeting.pairs),
                suggested=new,
                joined=joined,
                impossible=len(open_to_all) - len(possible),
                blocks_dropped=meeting.dropped,
            ),
        )
        await queries.done(batch.pending)

    async def _end_stale(self, uow: UnitOfWork, batch: _Batch, possible: set[Pair]) -> None:
        """What is no longer so ends by itself: who merged meanwhile, and who was changed."""
        suggestions = SuggestionQueries(uow)
        gone = set(batch.gone)
        before = await suggestions.open_with([*batch.people, *batch.gone])
        merged = [one.id for one in before if {one.person_a, one.person_b} & gone]
        changed = [
            one.id for one in before if one.id not in merged and (one.person_a, one.person_b) not in possible
        ]
        await suggestions.end(merged, reason="merged")
        await suggestions.end(changed, reason="changed")

    async def _join_surest(
        self,
        uow: UnitOfWork,
        run_id: int,
        possible: Sequence[Found],
        identities: Mapping[int, Sequence[HeldIdentity]],
    ) -> int:
        """Where the brand wants it, make the edges of the surest suggestions; return how many."""
        auto_min = (await MatchQueries(uow).setting()).auto_min
        if auto_min is None:
            return 0
        suggestions = SuggestionQueries(uow)
        before = await suggestions.never_automatic(one.pair for one in possible if one.score >= auto_min)
        surest = {one.pair: one for one in possible if one.score >= auto_min and one.pair not in before}
        if not surest:
            return 0
        source = encode_id(RUN_PREFIX, run_id)
        edges = {
            joining.edge_between(*_sides(pair, identities), model=MODEL): pair for pair in sorted(surest)
        }
        result, united = await joining.join(uow, self._following, list(edges), source=source, note=source)
        rows = {(one.person_a, one.person_b): one for one in await suggestions.open_with(_people_of(surest))}
        for edge in united:
            kept: Suggestion = rows[edges[edge]]
            await suggestions.accept(kept.id, edge[:2], actor=source, automatic=True)
        if united:
            uow.publish(
                identity_edited("people.linked", result, actor=source, reason=MODEL, at=uow.clock.now())
            )
        return len(united)


def _compared(hasher: Hasher, records: Mapping[int, Record]) -> dict[int, Compared]:
    return {
        person: Compared(frozenset(hasher.keys(record)), hasher.counted(record))
        for person, record in records.items()
    }


def _score(meeting: _Meeting) -> list[Found]:
    model, found = Model(meeting.frequencies), []
    for pair in meeting.pairs:
        one, other = (meeting.records.get(person) for person in pair)
        if one and other:
            score, agreements = model.compare(one, other)
            if score >= SUGGEST_MIN:
                found.append(Found(pair, score, agreements))
    return found


def _candidates(person: int, blocks: Sequence[Sequence[int]]) -> list[int]:
    """Whom somebody meets, those in the most telling blocks first, at most ``CANDIDATES_MAX``."""
    others = dict.fromkeys(other for block in blocks for other in block if other != person)
    return list(islice(others, CANDIDATES_MAX))


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _people_of(pairs: Mapping[Pair, Found]) -> list[int]:
    return sorted({person for pair in pairs for person in pair})


def _sides(
    pair: Pair, identities: Mapping[int, Sequence[HeldIdentity]]
) -> tuple[Sequence[HeldIdentity], Sequence[HeldIdentity]]:
    return identities.get(pair[0], ()), identities.get(pair[1], ())
