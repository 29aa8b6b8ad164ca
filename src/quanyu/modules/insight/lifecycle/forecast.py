"""Where movement leads, as a Markov chain: who is in a stage moves on as those in it did in the period."""

from collections.abc import Mapping

from quanyu.modules.insight.lifecycle.contracts import FORECASTS, Forecast, Stage


def forecast(moves: Mapping[tuple[str, str], int], *, days: int) -> tuple[Forecast, ...]:
    """Return people by stage after one, two, three further periods of ``days``.

    x(n+1) = x(n) P + a: P has the shares of the period's movement by row, a those who came into stages from
    nowhere. A stage nobody was in at the start keeps its people.
    """
    share = {(before, label): _share(moves, before, label) for before in Stage for label in Stage}
    arrivals = {label: float(moves.get(("", label), 0)) for label in Stage}
    now = {label: float(sum(n for (_, went), n in moves.items() if went == label)) for label in Stage}
    told = []
    for number in range(1, FORECASTS + 1):
        now = {
            label: sum(now[before] * share[before, label] for before in Stage) + arrivals[label]
            for label in Stage
        }
        told.append(
            Forecast(in_days=number * days, stages={stage: round(people, 1) for stage, people in now.items()})
        )
    return tuple(told)


def _share(moves: Mapping[tuple[str, str], int], before: Stage, label: Stage) -> float:
    row = sum(people for (came, _), people in moves.items() if came == before)
    if not row:
        return float(before == label)
    return moves.get((before, label), 0) / row
