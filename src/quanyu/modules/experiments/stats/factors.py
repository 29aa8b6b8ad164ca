"""Factorial designs: what each factor does on its own, and what two of them do only together.

Every combination of levels is a cell, an arm of its own. All combinations weigh the same, whatever their
sizes (unweighted means, Yates 1934), so uneven cells do not turn one factor's effect into another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from quanyu.modules.experiments.stats.difference import CONFIDENCE, Difference, contrast
from quanyu.modules.experiments.stats.moments import Moments

Combination = tuple[str, ...]  # One level of each factor, in the order of the factors.


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is varied; the first level is what others are compared with."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one level of a factor, or of one level each of two factors beyond the sum of both."""

    factors: tuple[str, ...]
    levels: tuple[str, ...]
    difference: Difference


def effects(
    factors: Sequence[Factor], cells: Mapping[Combination, Moments], confidence: float = CONFIDENCE
) -> tuple[Effect, ...]:
    """Return main effects in the order of factors and levels, then two-way interactions.

    A main effect is the mean over all combinations of the others. An interaction is how much larger the
    effect of one factor's level is at the other's level than at its first: 0 when both merely add up. P
    values are not adjusted for their number (``multiple.holm``).

    Raises:
        ValueError: a factor with less than two levels, or cells that are not all combinations.
    """
    every = list(product(*(factor.levels for factor in factors)))
    if not factors or any(len(set(factor.levels)) < 2 for factor in factors) or set(every) != set(cells):
        raise ValueError("a factorial design has two levels or more of each factor and every combination")
    moments = [cells[combination] for combination in every]

    def effect(places: tuple[int, ...], levels: tuple[str, ...]) -> Effect:
        coefficients = _coefficients(factors, every, places, levels)
        names = tuple(factors[place].name for place in places)
        return Effect(names, levels, contrast(coefficients, moments, confidence))

    return tuple(
        effect(places, levels)
        for order in (1, 2)
        for places in combinations(range(len(factors)), order)
        for levels in product(*(factors[place].levels[1:] for place in places))
    )


def _coefficients(
    factors: Sequence[Factor], every: Sequence[Combination], places: tuple[int, ...], levels: tuple[str, ...]
) -> list[float]:
    """Return +1 or −1 where each of the factors has its level or its first (0 elsewhere), as means."""
    others = prod(len(factor.levels) for place, factor in enumerate(factors) if place not in places)
    return [
        prod(
            (combination[place] == level) - (combination[place] == factors[place].levels[0])
            for place, level in zip(places, levels, strict=True)
        )
        / others
        for combination in every
    ]
