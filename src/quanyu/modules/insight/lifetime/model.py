"""From a history to everybody's figures, or to a reason for silence. Pure: no store, no clock."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from quanyu.modules.insight.lifetime import bgnbd, gamma_gamma
from quanyu.modules.insight.lifetime.bgnbd import BgNbd
from quanyu.modules.insight.lifetime.card import (
    Caution,
    FrequencyModel,
    Holdout,
    ModelCard,
    Refusal,
    SpendModel,
    ValueRefusal,
)
from quanyu.modules.insight.lifetime.fitting import Fit
from quanyu.modules.insight.lifetime.gamma_gamma import GammaGamma
from quanyu.modules.insight.lifetime.history import History
from quanyu.modules.insight.lifetime.holdout import check
from quanyu.modules.insight.lifetime.limits import (
    HORIZON_DAYS,
    LEAST_DAYS,
    LEAST_REPEAT_BUYERS,
    LEAST_TO_CHECK,
    NEXT_DAYS_MAX,
    QUARTERS,
    SOON_DAYS,
    YEARLY_DISCOUNT,
    day_of,
)
from quanyu.modules.insight.lifetime.patterns import DAYS_A_WEEK, Floats, Patterns, Whole

OFF: Final = 0.2  # A forecast further from the truth than this carries a warning,
MISSES: Final = 0.5  # and beyond this there is none.
CORRELATED: Final = 0.3  # Gamma-Gamma assumes none.
ALIVE_BANDS: Final = 5
MINOR_MAX: Final = 9e15  # Floats are whole numbers up to here.


@dataclass(frozen=True, slots=True)
class Figures:
    """Everybody's figures, aligned with the history's people. NaN is "not known", band 0 "none"."""

    alive: Floats
    buys_soon: Floats
    expected: Floats
    next_days: Floats  # From the end of the history.
    spend_minor: Floats  # Of one purchase; whole numbers.
    value_minor: Floats  # Whole numbers.
    alive_band: Whole  # 1 (least) to 5; 0 for whoever bought once.
    value_band: Whole  # 1 (least) to 5; 0 where no value is known.
    place: Whole  # 1 is who is worth most.


@dataclass(frozen=True, slots=True)
class Outcome:
    """A card, and figures unless the card refuses."""

    card: ModelCard
    figures: Figures | None


def build(history: History, *, minor_per_unit: int) -> Outcome:
    """Fit, check, and foretell. The same history in any order gives the same outcome for each person."""
    card = _empty_card(history)
    refusal = _too_little(history, card)
    if refusal is not None:
        return Outcome(card.model_copy(update={"refusal": refusal}), None)
    holdout = _checked(history)
    if not isinstance(holdout, Holdout):
        return Outcome(card.model_copy(update={"refusal": holdout}), None)
    of, whose = history.now()
    frequency = bgnbd.fit(of)
    if not frequency.converged or frequency.at_bounds:
        refused = card.model_copy(update={"refusal": Refusal.NOT_FITTED, "holdout": holdout})
        return Outcome(refused, None)
    spend_model, spend, value_refusal = _spending(history, minor_per_unit)
    off = abs(holdout.error) > MISSES
    card = card.model_copy(
        update={
            "refusal": Refusal.MISSES_HOLDOUT if off else None,
            "value_refusal": value_refusal,
            "cautions": _cautions(holdout, spend),
            "frequency": _frequency_card(frequency, of),
            "spend": spend,
            "holdout": holdout,
        }
    )
    return Outcome(
        card, None if off else _figures(frequency.model, spend_model, history, of, whose, minor_per_unit)
    )


def _empty_card(history: History) -> ModelCard:
    return ModelCard(
        people=len(history),
        repeat_buyers=int((history.repeats > 0).sum()),
        first_day=day_of(int(history.first.min())) if len(history) else None,
        as_of_day=day_of(history.as_of),
        least_repeat_buyers=LEAST_REPEAT_BUYERS,
        least_days=LEAST_DAYS,
    )


def _too_little(history: History, card: ModelCard) -> Refusal | None:
    if not len(history):
        return Refusal.NO_ORDERS
    if history.as_of - int(history.first.min()) < LEAST_DAYS:
        return Refusal.HISTORY_TOO_SHORT
    if card.repeat_buyers < LEAST_REPEAT_BUYERS:
        return Refusal.TOO_FEW_REPEAT_BUYERS
    return None


def _checked(history: History) -> Holdout | Refusal:
    """Fit on the first part and foretell the rest."""
    of, whose, bought = history.before_cut()
    if float(of.people @ (of.x > 0)) < LEAST_TO_CHECK or int(bought.sum()) < LEAST_TO_CHECK:
        return Refusal.TOO_FEW_TO_CHECK
    first = bgnbd.fit(of)
    if not first.converged or first.at_bounds:
        return Refusal.NOT_FITTED
    return check(first.model, of, whose, bought, history=history)


def _spending(
    history: History, minor_per_unit: int
) -> tuple[GammaGamma | None, SpendModel | None, ValueRefusal | None]:
    buyers = (history.repeats > 0) & (history.repeat_spent > 0)
    x = history.repeats[buyers].astype(np.float64)
    mean = history.repeat_spent[buyers] / x
    if len(x) < LEAST_TO_CHECK:
        return None, None, ValueRefusal.NOT_FITTED
    found = gamma_gamma.fit(x, mean)
    model = found.model
    known = found.converged and model.q > 1.0
    card = SpendModel(
        p=model.p,
        q=model.q,
        v=model.v,
        log_likelihood=found.log_likelihood,
        people=len(x),
        correlation=_correlation(x, mean),
        mean_minor=round(model.mean * minor_per_unit) if known else None,
    )
    if known:
        return model, card, None
    return None, card, ValueRefusal.SPENDING_TOO_UNEVEN if found.converged else ValueRefusal.NOT_FITTED


def _correlation(x: Floats, mean: Floats) -> float:
    if np.ptp(x) == 0.0 or np.ptp(mean) == 0.0:
        return 0.0
    return float(np.corrcoef(x, mean)[0, 1])


def _cautions(holdout: Holdout, spend: SpendModel | None) -> tuple[Caution, ...]:
    said = (
        (Caution.FORECAST_OFF, abs(holdout.error) > OFF),
        (Caution.NO_BETTER_THAN_PACE, holdout.per_person_error >= holdout.pace_per_person_error),
        (Caution.SPENDING_FOLLOWS_FREQUENCY, spend is not None and abs(spend.correlation) > CORRELATED),
    )
    return tuple(caution for caution, true in said if true)


def _frequency_card(found: Fit[BgNbd], of: Patterns) -> FrequencyModel:
    model = found.model
    return FrequencyModel(
        r=model.r,
        alpha=model.alpha,
        a=model.a,
        b=model.b,
        log_likelihood=found.log_likelihood,
        patterns=len(of),
        steps=found.steps,
    )


def _figures(
    model: BgNbd,
    spend: GammaGamma | None,
    history: History,
    of: Patterns,
    whose: Whole,
    minor_per_unit: int,
) -> Figures:
    expected, discounted = _year(model, of)
    repeats = history.repeats.astype(np.float64)
    alive = np.where(of.x > 0, model.alive(of), np.nan)[whose]
    if spend is None:
        each = value = np.full(len(history), np.nan)
    else:
        mean = history.repeat_spent / np.maximum(repeats, 1.0)
        each = spend.expected(np.where(history.repeat_spent > 0, repeats, 0.0), mean)
        value = np.rint(np.minimum(discounted[whose] * each * minor_per_unit, MINOR_MAX))
        each = np.rint(np.minimum(each * minor_per_unit, MINOR_MAX))
    days = np.ceil(model.next_in(of) * DAYS_A_WEEK)
    band = np.minimum(np.floor(np.nan_to_num(alive) * ALIVE_BANDS) + 1, ALIVE_BANDS)
    return Figures(
        alive=alive,
        buys_soon=model.buys_within(of, SOON_DAYS / DAYS_A_WEEK)[whose],
        expected=expected[whose],
        next_days=np.where(days <= NEXT_DAYS_MAX, days, np.nan)[whose],
        spend_minor=each,
        value_minor=value,
        alive_band=np.where(np.isnan(alive), 0, band).astype(np.int64),
        value_band=_fifths(value) if spend is not None else np.zeros(len(history), dtype=np.int64),
        place=_places(value if spend is not None else expected[whose], history.person),
    )


def _year(model: BgNbd, of: Patterns) -> tuple[Floats, Floats]:
    """Return the purchases expected within the horizon, and the same discounted by quarter."""
    total = np.zeros(len(of))
    discounted = np.zeros(len(of))
    for quarter in range(QUARTERS):
        until = model.expected(of, HORIZON_DAYS / DAYS_A_WEEK * (quarter + 1) / QUARTERS)
        middle = (quarter + 0.5) / QUARTERS * HORIZON_DAYS / 365.0
        discounted += (until - total) / (1.0 + YEARLY_DISCOUNT) ** middle
        total = until
    return total, discounted


def _fifths(value: Floats) -> Whole:
    """Return 1 to 5 by the least rank of equal values, as RFM does."""
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    return np.asarray(1 + 5 * below[inverse] // len(value), dtype=np.int64)


def _places(value: Floats, person: Whole) -> Whole:
    place = np.empty(len(value), dtype=np.int64)
    place[np.lexsort((person, -value))] = np.arange(1, len(value) + 1)
    return place
