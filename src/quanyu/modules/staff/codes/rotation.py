"""Weighted distribution: smooth weighted round-robin, told afterwards who was really added (CW-11).

A code points at one member, and people add that member until the platform has heard of the next. So the
rotation is not told whom it chose, but whom people added: what one got too much, the others get back.
"""

from collections.abc import Mapping
from typing import Final

_CREDIT_ROUNDS_MAX: Final = 1_000  # Nobody carries more than this many rounds into another day.


def choose(credits: Mapping[str, int], weights: Mapping[str, int]) -> str:
    """Return whose turn it is among the members of ``weights``, in whose order ties are settled."""
    return max(weights, key=lambda userid: credits.get(userid, 0) + weights[userid])


def after_adds(
    credits: Mapping[str, int], weights: Mapping[str, int], added: Mapping[str, int]
) -> dict[str, int]:
    """Return the credits after these adds, with ``weights`` of those whose turn it could have been.

    The sum stays as it was. Who was added out of turn (a late event) pays all the same.
    """
    round_total = sum(weights.values())
    adds = sum(added.values())
    result = dict(credits)
    for userid, weight in weights.items():
        result[userid] = result.get(userid, 0) + weight * adds
    for userid, times in added.items():
        result[userid] = result.get(userid, 0) - round_total * times
    limit = round_total * _CREDIT_ROUNDS_MAX
    return {userid: max(-limit, min(limit, credit)) for userid, credit in result.items() if credit}
