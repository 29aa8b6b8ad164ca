"""Pure decisions: what somebody carries after both sides had their say.

A *place* is one openid or one relation of somebody, where a linked tag stands or does not. For each place we
remember what both sides had when they last agreed. So whoever has something else now is who changed it, and
nothing has to be told apart as an echo: the same states lead to the same end, in any order, however often.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the platform has at one place, and what was agreed on; ``None`` before the first meeting."""

    has: bool  # Or what is on its way there: our own word, so long as it is not carried out.
    agreed: bool | None


def decide(*, ours: bool, places: Sequence[Place], has_rival: bool) -> bool:
    """Return whether the person is to carry the tag.

    A change over there since the last agreement counts; without one our side stands, and what changed here
    goes there. Where both sides meet for the first time tags add up, unless the person carries another tag
    of a group where one counts (``has_rival``): then ours stands.
    """
    if any(one.agreed == ours and one.has != ours for one in places):
        return not ours
    if not ours and not has_rival:
        return any(one.agreed is None and one.has for one in places)
    return ours
