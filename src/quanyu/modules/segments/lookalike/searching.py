"""One search: who could be found, what is known of them, who is most like the seed. Memory stays bounded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.segments.compiler import LIVE_WHERE, Evaluation
from quanyu.modules.segments.conditions.consent import Consented, Stance
from quanyu.modules.segments.conditions.membership import InSegment
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.lists.contracts import ENTRIES_MAX
from quanyu.modules.segments.lookalike.contracts import (
    CANDIDATES_LEAST,
    SEED_LEAST,
    LookalikeCard,
    LookalikeRefusal,
    LookalikeSearch,
)
from quanyu.modules.segments.lookalike.features import Floats, Whole
from quanyu.modules.segments.lookalike.gathering import CHUNK, Gatherer
from quanyu.modules.segments.lookalike.judging import quality_of, reasons_of, warnings_of
from quanyu.modules.segments.lookalike.planning import Plan, plan_features
from quanyu.modules.segments.lookalike.rows import Learned, Triplets
from quanyu.modules.segments.tree import Any_, Condition

SEED_MAX: Final = 20_000  # Learned from; more are drawn at random.
BASE_MAX: Final = 40_000
DRAW: Final = 20_260_304
PEOPLE_MAX: Final = 100_000_000

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Found:
    """Who is most like the seed, the likest first, and how good that is."""

    card: LookalikeCard
    people: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Everybody's place, by person id, ascending."""

    seed: Whole
    candidates: Whole
    excluded: int


class LookalikeFinder:
    """Searches in one brand's history; fitting is done in another process."""

    def __init__(self, warehouse: Warehouse, tenant_id: TenantId, pool: WorkPool) -> None:
        self._history = SegmentHistory(warehouse, tenant_id)
        self._gate = warehouse.for_tenant(tenant_id)
        self._pool = pool

    async def find(self, search: LookalikeSearch, at: Evaluation, on_progress: OnProgress) -> Found:
        """Return the people most like the seed as of an instant.

        Raises:
            WarehouseUnavailable: history cannot be read now.
            SegmentTooHeavy: the seed or an excluded segment cannot be read within limits.
        """
        on_progress("reading", 0.0)
        sides = await self._sides(search, at)
        card = LookalikeCard(
            as_of=at.as_of,
            seed=len(sides.seed),
            candidates=len(sides.candidates),
            excluded=sides.excluded,
        )
        wanted = min(size_of(search, len(sides.candidates)), len(sides.candidates))
        if len(sides.seed) < SEED_LEAST:
            return _refused(card, LookalikeRefusal.SEED_TOO_SMALL)
        if len(sides.candidates) < CANDIDATES_LEAST:
            return _refused(card, LookalikeRefusal.TOO_FEW_CANDIDATES)
        plan = await plan_features(self._gate, as_of_ms=epoch_ms(at.as_of))
        gatherer = Gatherer(self._gate, plan, as_of_ms=epoch_ms(at.as_of))
        share = wanted / len(sides.candidates)
        card, learned = await self._learn(card, sides, plan, gatherer, share, on_progress)
        if card.refusal is not None or learned is None:
            return Found(card, ())
        scores = await self._score(sides.candidates, gatherer, learned.weights, on_progress)
        best = await asyncio.to_thread(_first, sides.candidates, scores, wanted)
        return Found(card.model_copy(update={"proposed": len(best)}), best)

    async def _sides(self, search: LookalikeSearch, at: Evaluation) -> _Sides:
        found = await self._gate.query_columns(
            f"SELECT person FROM profiles FINAL WHERE {LIVE_WHERE} ORDER BY person"  # noqa: S608
        )
        living = np.asarray(found["person"], dtype=np.int64)
        seed = await self._people(InSegment(kind="segment", segment=search.seed), at)
        left_out = _left_out(search)
        excluded = await self._people(left_out, at) if left_out is not None else living[:0]
        candidates = np.setdiff1d(living, seed, assume_unique=True)
        kept = np.setdiff1d(candidates, excluded, assume_unique=True)
        return _Sides(seed, kept, len(candidates) - len(kept))

    async def _people(self, definition: Condition, at: Evaluation) -> Whole:
        found = await self._history.everybody(definition, at, most=PEOPLE_MAX)
        return np.asarray(found, dtype=np.int64)

    async def _learn(
        self,
        card: LookalikeCard,
        sides: _Sides,
        plan: Plan,
        gatherer: Gatherer,
        share: float,
        on_progress: OnProgress,
    ) -> tuple[LookalikeCard, Learned | None]:
        random = np.random.default_rng(DRAW)
        seed, base = _drawn(random, sides.seed, SEED_MAX), _drawn(random, sides.candidates, BASE_MAX)
        people = np.sort(np.concatenate([seed, base]))
        is_seed = np.isin(people, seed).astype(np.int64)
        on_progress("reading", 0.2)
        rows = await gatherer.of_sample(people)
        if not len(rows.row):
            return card.model_copy(update={"refusal": LookalikeRefusal.NOTHING_KNOWN}), None
        on_progress("fitting", 0.0)
        learned: Learned = await self._pool.run(
            _fit, rows, is_seed, len(plan.features), share, on_progress=on_progress
        )
        quality = quality_of(learned)
        told = {
            "learned_seed": len(seed),
            "learned_base": len(base),
            "features": len(np.unique(rows.column)),
            "quality": quality,
            "reasons": reasons_of(plan.features, learned.weights, rows, is_seed),
            "warnings": warnings_of(quality, seed=len(sides.seed), asked_share=share),
            "library": learned.library,
        }
        return card.model_copy(update=told), learned

    async def _score(
        self, candidates: Whole, gatherer: Gatherer, weights: Floats, on_progress: OnProgress
    ) -> Floats:
        scores = np.zeros(len(candidates))
        for start in range(0, len(candidates), CHUNK):
            on_progress("scoring", start / len(candidates))
            part = candidates[start : start + CHUNK]
            rows = await gatherer.of_range(part)
            scores[start : start + len(part)] = await asyncio.to_thread(rows.scores, len(part), weights)
        return scores


def size_of(search: LookalikeSearch, candidates: int) -> int:
    """Return how many people are asked for, one at least, and no more than a list may hold."""
    share = (search.share_bps or 0) * candidates // 10_000
    return min(max(1, search.people or share), ENTRIES_MAX)


def _left_out(search: LookalikeSearch) -> Condition | None:
    parts: list[Condition] = [InSegment(kind="segment", segment=one) for one in search.exclude]
    parts += [
        Consented(kind="consent", purpose=one.purpose, channel=one.channel, state=Stance.WITHDRAWN)
        for one in search.withdrawn
    ]
    return Any_(kind="any", of=tuple(parts)) if parts else None


def _refused(card: LookalikeCard, why: LookalikeRefusal) -> Found:
    return Found(card.model_copy(update={"refusal": why}), ())


def _drawn(random: np.random.Generator, people: Whole, most: int) -> Whole:
    return people if len(people) <= most else random.choice(people, most, replace=False)


def _first(people: Whole, scores: Floats, wanted: int) -> list[int]:
    """Return the highest scores' people; of equals, who was known first."""
    found: list[int] = people[np.lexsort((people, -scores))[:wanted]].tolist()
    return found


def _fit(rows: Triplets, is_seed: Any, columns: int, share: float) -> Learned:
    # scikit-learn is loaded where the work is done, never in the process of the platform.
    from quanyu.modules.segments.lookalike.fit import learn

    return learn(rows, is_seed, columns, share)
