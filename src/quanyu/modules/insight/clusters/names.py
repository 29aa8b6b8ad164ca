"""Names made of what stands out, in both languages."""

from collections.abc import Sequence
from typing import Final

from quanyu.modules.insight.clusters.contracts import StandOut
from quanyu.modules.insight.clusters.features import MEASURES
from quanyu.modules.insight.studies.contracts import TwoWords

_WORDS_OF_A_NAME: Final = 2
_ORDINARY: Final = TwoWords(zh="普通顾客", en="ordinary customers")


def name_clusters(
    stand_outs: Sequence[tuple[StandOut, ...]], kept: Sequence[TwoWords | None]
) -> list[TwoWords]:
    """Return a name for each cluster: the kept one, else its two strongest differences.

    Two that would be called the same get a further difference, or a number.
    """
    taken = {name.zh for name in kept if name is not None}
    names = []
    for told, old in zip(stand_outs, kept, strict=True):
        name = old or _free(told, taken)
        taken.add(name.zh)
        names.append(name)
    return names


def _free(told: tuple[StandOut, ...], taken: set[str]) -> TwoWords:
    for length in range(_WORDS_OF_A_NAME, max(_WORDS_OF_A_NAME, len(told)) + 1):
        name = _name(told[:length])
        if name.zh not in taken:
            return name
    name, number = _name(told[:_WORDS_OF_A_NAME]), 2
    while f"{name.zh} {number}" in taken:
        number += 1
    return TwoWords(zh=f"{name.zh} {number}", en=f"{name.en} {number}")


def _name(told: tuple[StandOut, ...]) -> TwoWords:
    if not told:
        return _ORDINARY
    words = [MEASURES[one.feature].high if one.difference > 0 else MEASURES[one.feature].low for one in told]
    english = ", ".join(word[1] for word in words)
    return TwoWords(zh="·".join(word[0] for word in words), en=english[:1].upper() + english[1:])
