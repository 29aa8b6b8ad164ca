"""Post-stratification: compare like with like, known before the start (Miratrix, Sekhon and Yu 2013)."""

from collections.abc import Sequence

from quanyu.modules.experiments.stats.moments import Moments

Pair = tuple[Moments, Moments]  # Control and treated.


def poststratified(strata: Sequence[Pair]) -> Pair:
    """Return both arms as if each had every stratum in the share it has among all people.

    Means are those over strata, variances such that ``variance / n`` is the variance of that mean. A stratum
    in which an arm has less than two people is merged with the next larger ones until both have two; if all
    together have not, the arms are what they were without strata.
    """
    whole = _thick(strata)
    people = sum(_people(stratum) for stratum in whole)
    shares = [_people(stratum) / people if people else 0.0 for stratum in whole]
    return _arm([stratum[0] for stratum in whole], shares), _arm([stratum[1] for stratum in whole], shares)


def _arm(cells: Sequence[Moments], shares: Sequence[float]) -> Moments:
    n = sum(cell.n for cell in cells)
    mean = sum(share * cell.mean for share, cell in zip(shares, cells, strict=True))
    variance = sum(share * share * cell.variance_of_mean for share, cell in zip(shares, cells, strict=True))
    return Moments(n, mean, n * variance)


def _thick(strata: Sequence[Pair]) -> list[Pair]:
    """Merge from the smallest on, and what is left thin at the end into the largest."""
    thick: list[Pair] = []
    thin = _NOBODY
    for stratum in sorted(strata, key=_people):
        thin = _together(thin, stratum)
        if min(thin[0].n, thin[1].n) >= 2:
            thick.append(thin)
            thin = _NOBODY
    if thick:
        thick[-1] = _together(thick[-1], thin)
        return thick
    return [thin]


def _together(one: Pair, other: Pair) -> Pair:
    return one[0].merged(other[0]), one[1].merged(other[1])


def _people(stratum: Pair) -> int:
    return stratum[0].n + stratum[1].n


_NOBODY = (Moments(0, 0.0, 0.0), Moments(0, 0.0, 0.0))
