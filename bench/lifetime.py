"""How long fitting a lifetime model takes, against the same fit with a row for every person.

PEOPLE buyers of a thousand days are drawn from the model itself (by seed), as whole days. Measured:

- *fit*: grouping people by purchase pattern, then climbing to the top of the likelihood. The yardstick climbs
  over one row per person, which is what the paper's formulas literally ask for;
- *everything* (a detail): check on the period kept back, fit, amounts, and a row of figures for everybody.

Both climbs must end in the same parameters. Run: ``python -m bench.lifetime [PEOPLE]``. Prints a JSON line.
"""

import sys
import time
from typing import Any

import numpy as np

from bench.support import Aim, Result, report, require_equal, say
from quanyu.modules.insight.lifetime import bgnbd
from quanyu.modules.insight.lifetime.bgnbd import BgNbd
from quanyu.modules.insight.lifetime.compute import compute
from quanyu.modules.insight.lifetime.history import History, history
from quanyu.modules.insight.lifetime.limits import cut_of
from quanyu.modules.insight.lifetime.patterns import DAYS_A_WEEK, patterns

PEOPLE = 1_000_000
SPAN_DAYS = 1_000
TODAY = 20_500
TRUTH = BgNbd(r=0.6, alpha=60.0, a=0.8, b=3.0)  # Time in days, while people live.


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    say(f"{people:,} people live for {SPAN_DAYS:,} days")
    first_day, cut = TODAY - SPAN_DAYS, cut_of(TODAY - SPAN_DAYS, TODAY)
    columns = live(people, first_day=first_day, cut=cut)
    told = history(columns, as_of=TODAY, cut=cut)

    started = time.perf_counter()
    grouped, _ = told.now()
    found = bgnbd.fit(grouped)
    fit_s = time.perf_counter() - started
    say("the same with a row for every person")
    started = time.perf_counter()
    slow = bgnbd.fit(_one_row_each(told))
    slow_s = time.perf_counter() - started
    say("everything")
    started = time.perf_counter()
    computed = compute(columns, as_of=TODAY, cut=cut, minor_per_unit=100)
    all_s = time.perf_counter() - started

    def check() -> None:
        require_equal("people with figures", len(computed.scores), people)
        require_equal("parameters", _digits(found.model), _digits(slow.model))

    report(
        Result(
            name="lifetime model, fit",
            figure=round(fit_s, 2),
            unit="s",
            yardstick=round(slow_s, 2),
            yardstick_name="the same fit, a row for every person",
            aim=Aim(ratio_max=1.0),
            details={
                "people": people,
                "patterns": len(grouped),
                "check, fit and foretell everybody, s": round(all_s, 1),
            },
        ),
        check,
    )


def live(people: int, *, first_day: int, cut: int) -> tuple[Any, ...]:
    """Draw histories, as the columns the warehouse answers with."""
    random = np.random.default_rng(1)
    pace = np.maximum(random.gamma(TRUTH.r, 1.0 / TRUTH.alpha, people), 1e-9)
    stop = random.beta(TRUTH.a, TRUTH.b, people)
    first = random.integers(first_day, TODAY, people)
    age, going = np.zeros(people), np.ones(people, dtype=bool)
    last, days = first.copy(), np.ones(people, dtype=np.int64)
    cut_days = (first <= cut).astype(np.int64)
    cut_last = np.where(cut_days, first, 0)
    while going.any():
        age = np.minimum(age + np.maximum(1.0, random.exponential(1.0 / pace)), 2.0 * SPAN_DAYS)
        day = first + age.astype(np.int64)
        going &= day <= TODAY
        early = going & (day <= cut)
        days[going] += 1
        last[going] = day[going]
        cut_days[early] += 1
        cut_last[early] = day[early]
        going &= random.random(people) >= stop
    spent = (days - 1) * random.gamma(8.0, 10.0, people)
    return (np.arange(1, people + 1), first, last, days, spent, cut_last, cut_days)


def _one_row_each(told: History) -> bgnbd.Patterns:
    return patterns(
        told.repeats, (told.last - told.first) / DAYS_A_WEEK, (told.as_of - told.first) / DAYS_A_WEEK
    )


def _digits(model: BgNbd) -> tuple[str, ...]:
    return tuple(f"{one:.3g}" for one in (model.r, model.alpha, model.a, model.b))


if __name__ == "__main__":
    main()
