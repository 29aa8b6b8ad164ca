"""The words a welcome's text may use, each with a default (WM-5)."""

from collections.abc import Mapping
from typing import Final

NAME: Final = "name"  # The customer's.
STAFF: Final = "staff"  # The member who greets.
STORE: Final = "store"
COUPON_LINK: Final = "coupon_link"  # The rule's address, made personal.
NAMES: Final = frozenset({NAME, STAFF, STORE, COUPON_LINK})

# What stands where the rule itself says nothing; a link has no words that could stand for it.
BUILT_IN: Final[Mapping[str, str]] = {NAME: "您", STAFF: "您的专属顾问", STORE: "我们的门店"}


def fill(known: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every variable: what is known, else the rule's default, else the built-in one.

    Blanks count as unknown. A variable without any of the three is left out, so that a text that reads it
    fails instead of going out with a hole in it.
    """
    filled = {}
    for name in NAMES:
        value = known.get(name, "").strip() or defaults.get(name, "").strip() or BUILT_IN.get(name, "")
        if value:
            filled[name] = value
    return filled
