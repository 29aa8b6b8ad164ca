"""Several comparisons in one experiment: p values adjusted for their number, in the order they came.

statsmodels takes three seconds to load, and collects garbage in each call for Holm (some 50 ms): call it
where results are computed and kept, not where they are shown.
"""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust so that the chance of *any* false finding stays below the level (Holm 1979)."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust so that the expected *share* of false findings stays below it (Benjamini, Hochberg 1995)."""
    return _adjusted(p_values, "fdr_bh")


def _adjusted(p_values: Sequence[float], method: str) -> tuple[float, ...]:
    if not all(0 <= p_value <= 1 for p_value in p_values):
        raise ValueError("p values lie between 0 and 1")
    if len(p_values) < 2:
        return tuple(p_values)
    # Only who compares several pays for loading it.
    from statsmodels.stats.multitest import multipletests

    return tuple(float(value) for value in multipletests(p_values, method=method)[1])
