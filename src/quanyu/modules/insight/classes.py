"""Names for combinations of scores: the eight classes Chinese marketers know.

A score of 4 or 5 counts as high. The table is also in docs/reference/rfm.md.
"""

from dataclasses import dataclass
from typing import Final

HIGH: Final = 4


@dataclass(frozen=True, slots=True)
class RfmClass:
    """A class: its code in attributes and the API, and its names."""

    code: str
    zh: str
    en: str


CLASSES: Final[dict[tuple[bool, bool, bool], RfmClass]] = {
    # (recent, frequent, valuable)
    (True, True, True): RfmClass("important_value", "重要价值客户", "Champions"),
    (True, False, True): RfmClass("important_develop", "重要发展客户", "Big spenders to develop"),
    (False, True, True): RfmClass("important_keep", "重要保持客户", "Big spenders going quiet"),
    (False, False, True): RfmClass("important_win_back", "重要挽留客户", "Big spenders to win back"),
    (True, True, False): RfmClass("general_value", "一般价值客户", "Regulars"),
    (True, False, False): RfmClass("general_develop", "一般发展客户", "Newcomers"),
    (False, True, False): RfmClass("general_keep", "一般保持客户", "Regulars going quiet"),
    (False, False, False): RfmClass("general_win_back", "一般挽留客户", "Sleeping"),
}
CODES: Final = tuple(each.code for each in CLASSES.values())
