"""Finding the parameters under which what happened was most likely."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from scipy import optimize

from quanyu.modules.insight.lifetime.patterns import Floats

LOWEST: Final = 1e-4
HIGHEST: Final = 1e5
STEPS_MAX: Final = 500
_EDGE: Final = 1e-3  # So near a bound (in logs) the data does not say where the parameter is.

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Fit(Generic[Model]):
    """A model and how it was found."""

    model: Model
    log_likelihood: float
    converged: bool
    at_bounds: bool  # The data does not determine a parameter.
    steps: int


@dataclass(frozen=True, slots=True)
class Found:
    """The best end of several searches."""

    parameters: Floats
    log_likelihood: float
    converged: bool
    steps: int

    def of(self, model: Model, *, log_likelihood: float | None = None) -> Fit[Model]:
        """Wrap the model these parameters make."""
        bounds = np.log([LOWEST, HIGHEST])
        near = np.abs(np.log(self.parameters)[:, None] - bounds) < _EDGE
        return Fit(
            model=model,
            log_likelihood=self.log_likelihood if log_likelihood is None else log_likelihood,
            converged=self.converged,
            at_bounds=bool(near.any()),
            steps=self.steps,
        )


Likelihood = Callable[[Floats], tuple[float, Floats]]


def maximise(likelihood: Likelihood, starts: Sequence[Sequence[float]], *, weight: float) -> Found:
    """Climb from every start and return the highest end.

    Parameters are positive, so steps are taken in their logarithms. ``weight`` is how many people the
    likelihood sums over: the climb looks at the average, so that its tolerances fit any number of people.
    """

    def loss(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, slope = likelihood(parameters)
        if not math.isfinite(value):
            return 1e10, np.zeros_like(logs)
        return -value / weight, -slope * parameters / weight

    bounds = [(math.log(LOWEST), math.log(HIGHEST))] * len(starts[0])
    options = {"maxiter": STEPS_MAX, "ftol": 1e-13, "gtol": 1e-7}
    ends = [
        optimize.minimize(loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    # A climb that stops because floats allow no smaller step is at the top all the same: its slope says so.
    flat = float(np.max(np.abs(best.jac))) < 1e-4
    return Found(
        parameters=np.exp(best.x),
        log_likelihood=-float(best.fun) * weight,
        converged=bool((best.success or flat) and float(best.fun) < 1e9),
        steps=int(best.nit),
    )
