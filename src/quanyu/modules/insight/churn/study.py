"""The study of churn: cut history where the answer is known, learn in a process of its own, foretell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.insight.churn.contracts import (
    HORIZONS,
    ChurnBasis,
    ChurnCard,
    ChurnRefusal,
    ChurnSettings,
)
from quanyu.modules.insight.churn.history import (
    AS_THEY_ARE,
    FEATURES,
    FIRST_ACT,
    after_sql,
    customers_sql,
    parameters,
)
from quanyu.modules.insight.churn.rows import Rows, joined
from quanyu.modules.insight.currencies import choose_currency
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

if TYPE_CHECKING:
    from quanyu.modules.insight.churn.fit import Learned

LEAST_PEOPLE: Final = 100  # To learn from, and to test on.
LEAST_EACH: Final = 20  # Who left, and who stayed, in both.
LEAST_AUC: Final = 0.55
CUT_OFFS: Final = 3
ROWS_MAX: Final = 50_000  # Of one cut-off; more are drawn at random.
SEED: Final = 20_260_304
ChurnDesk = StudyDesk[ChurnCard, ChurnSettings]


class ChurnSummary(StudySummary[ChurnCard, ChurnSettings]):
    """The last probabilities."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Over which times it is learned."""

    horizon: int
    recent: int
    cut_offs: tuple[datetime, ...]
    tested_at: datetime


class Churn:
    """`studies.desk.Study`: everybody's probability not to come back, once a day."""

    kind = "churn"
    every_s = 0.0
    attributes: tuple[str, ...] = ("churn_probability", "churn_band")
    card_type = ChurnCard
    settings_type = ChurnSettings
    summary_type: type[StudySummary[ChurnCard, ChurnSettings]] = ChurnSummary

    def __init__(self, pool: WorkPool) -> None:
        self._pool = pool

    async def compute(self, asked: Asked[ChurnCard, ChurnSettings]) -> Computed[ChurnCard]:
        """Learn from customers of before, test on later ones, and foretell today's."""
        settings = asked.settings
        acts, first_ms, _ = (await asked.gate.query(FIRST_ACT, _as_of(asked)))[0]
        days = (epoch_ms(asked.as_of) - int(first_ms)) // 86_400_000 if acts else 0
        card = ChurnCard(
            basis=settings.basis,
            history_days=days,
            least_people=LEAST_PEOPLE,
            least_each=LEAST_EACH,
            seed=SEED,
        )
        frame = frame_of(settings, as_of=asked.as_of, history_days=days)
        if frame is None:
            why = ChurnRefusal.HISTORY_TOO_SHORT if acts else ChurnRefusal.NO_CUSTOMERS
            return Computed(card.model_copy(update={"refusal": why}), ())
        learned = [await self._rows(asked, frame, cut_off) for cut_off in frame.cut_offs]
        tested = await self._rows(asked, frame, frame.tested_at)
        rows = joined(learned)
        card = card.model_copy(
            update={
                "horizon_days": frame.horizon,
                "recent_days": frame.recent,
                "cut_offs": frame.cut_offs,
                "tested_at": frame.tested_at,
                "learned": len(rows.left),
                "learned_left": int(rows.left.sum()),
                "tested": len(tested.left),
                "tested_left": int(tested.left.sum()),
            }
        )
        refusal = too_thin(card)
        if refusal is not None:
            return Computed(card.model_copy(update={"refusal": refusal}), ())
        return await self._learned(asked, frame, card, rows, tested)

    async def _learned(
        self,
        asked: Asked[ChurnCard, ChurnSettings],
        frame: _Frame,
        card: ChurnCard,
        rows: Rows,
        tested: Rows,
    ) -> Computed[ChurnCard]:
        person, values = await self._customers(asked, frame, asked.as_of)
        names = tuple(one.value for one in FEATURES)
        is_log = [one not in AS_THEY_ARE for one in FEATURES]
        found: Learned = await self._pool.run(
            _learn, rows, tested, values, names, is_log, on_progress=asked.progress.tell
        )
        card = card.model_copy(update={"quality": found.quality, "library": found.library})
        auc = next(one.auc for one in found.quality.models if one.name == found.quality.chosen)
        if auc < LEAST_AUC:
            why = ChurnRefusal.NO_BETTER_THAN_CHANCE
            return Computed(card.model_copy(update={"refusal": why}), ())
        return Computed(card, _verdicts(person, values, found))

    async def _rows(self, asked: Asked[ChurnCard, ChurnSettings], frame: _Frame, cut_off: datetime) -> Rows:
        person, values = await self._customers(asked, frame, cut_off)
        basis = asked.settings.basis
        found = await asked.gate.query_columns(after_sql(basis), await self._bound(asked, frame, cut_off))
        did = np.isin(person, np.asarray(found["who"], dtype=np.int64))
        left = did if basis is ChurnBasis.CONTRACT else ~did
        if len(person) > ROWS_MAX:
            some = np.sort(np.random.default_rng(SEED).choice(len(person), ROWS_MAX, replace=False))
            person, values, left = person[some], values[some], left[some]
        return Rows(person, values, left.astype(np.int64))

    async def _customers(
        self, asked: Asked[ChurnCard, ChurnSettings], frame: _Frame, cut_off: datetime
    ) -> tuple[Any, Any]:
        found = await asked.gate.query_columns(
            customers_sql(asked.settings.basis), await self._bound(asked, frame, cut_off)
        )
        columns = [np.asarray(found[one.value], dtype=np.float64) for one in FEATURES]
        return np.asarray(found["who"], dtype=np.int64), np.column_stack(columns)

    async def _bound(
        self, asked: Asked[ChurnCard, ChurnSettings], frame: _Frame, cut_off: datetime
    ) -> dict[str, Any]:
        currency = await choose_currency(asked.gate, brand_currency=asked.brand.currency)
        return parameters(
            asked.settings,
            cut_off=cut_off,
            horizon=frame.horizon,
            recent=frame.recent,
            zone=asked.brand.time_zone,
            currencies=list(currency.stands_for),
        )

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The probability, and its band."""
        return (verdict.score, int(verdict.label))

    def tells(self, asked: Asked[ChurnCard, ChurnSettings]) -> bool:
        """What a model thinks of somebody is no fact about them."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a band; it follows every later computation."""
        return {"kind": "attribute", "key": "churn_band", "op": "eq", "value": int(label or 0)}


def frame_of(settings: ChurnSettings, *, as_of: datetime, history_days: int) -> _Frame | None:
    """Return over which times to learn: at cut-offs whose horizon ends where the next one's begins.

    The last horizon before ``as_of`` is kept back to test on. Every cut-off has a horizon of history before
    it.
    """
    wanted = HORIZONS if settings.horizon_days is None else (settings.horizon_days,)
    fit = [days for days in wanted if history_days >= 3 * days]
    if not fit:
        return None
    horizon = fit[0]
    step = timedelta(days=horizon)
    cut_offs = [as_of - (2 + n) * step for n in range(CUT_OFFS) if history_days >= (3 + n) * horizon]
    return _Frame(horizon, settings.recent_days or 2 * horizon, tuple(cut_offs), as_of - step)


def too_thin(card: ChurnCard) -> ChurnRefusal | None:
    """Tell why nothing can be learned from so few."""
    if min(card.learned, card.tested) == 0:
        return ChurnRefusal.NO_CUSTOMERS
    if min(card.learned, card.tested) < LEAST_PEOPLE:
        return ChurnRefusal.TOO_FEW_PEOPLE
    sides = (
        card.learned_left,
        card.learned - card.learned_left,
        card.tested_left,
        card.tested - card.tested_left,
    )
    return ChurnRefusal.TOO_ONE_SIDED if min(sides) < LEAST_EACH else None


def band_of(probability: float) -> str:
    """Return the band of a probability: "1" is below 0.2, "5" from 0.8 on."""
    return str(min(5, 1 + int(probability * 5)))


def churn_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants, pool: WorkPool
) -> ChurnDesk:
    """Build the desk."""
    return StudyDesk(Churn(pool), uows, warehouse, people, tenants)


def _as_of(asked: Asked[ChurnCard, ChurnSettings]) -> dict[str, Any]:
    return {"as_of_ms": epoch_ms(asked.as_of)}


def _learn(rows: Rows, tested: Rows, values: Any, features: tuple[str, ...], is_log: list[bool]) -> "Learned":
    # scikit-learn is loaded where the work is done, never in the process of the platform.
    from quanyu.modules.insight.churn.fit import learn

    return learn(rows, tested, values, features, is_log)


def _verdicts(person: Any, values: Any, found: "Learned") -> list[Verdict]:
    return [
        Verdict(
            person_id=one,
            label=band_of(probability),
            score=round(probability, 4),
            detail={
                "reasons": [
                    {"feature": FEATURES[at].value, "value": round(row[at], 2), "effect": effect}
                    for at, effect in reasons
                ]
            },
        )
        for one, probability, row, reasons in zip(
            person.tolist(), found.probabilities.tolist(), values.tolist(), found.reasons, strict=True
        )
    ]
