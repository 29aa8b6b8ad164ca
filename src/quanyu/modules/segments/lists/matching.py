"""From rows of a file to people: whom each names, once, and the rows that name nobody in particular."""

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.spreadsheet import write_csv
from quanyu.modules.people.lookup.service import Found, Hit, Miss
from quanyu.modules.segments.lists.reading import Line

_SEAL: Final = b"segments.list_rejects"
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    Miss.UNUSABLE: ("不是有效的标识", "no such identifier can be"),
    Miss.UNKNOWN: ("没有这个人", "nobody is known by it"),
    Miss.AMBIGUOUS: ("对应多个人", "it names several people"),
    Miss.SHARED: ("多人共用的标识", "many people share it"),
}
# Where cells of one row miss for different reasons, the most telling one is given.
_TELLING: Final = (Miss.AMBIGUOUS, Miss.SHARED, Miss.UNKNOWN, Miss.UNUSABLE)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that names nobody in particular."""

    line: int
    reason: Miss
    cells: tuple[str, ...]


@dataclass(slots=True)
class Matched:
    """Whom the rows so far name."""

    seen: set[int] = field(default_factory=set)  # As who they are known today.
    repeated: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def take(
        self, lines: Sequence[Line], found: Sequence[Sequence[Found | None]]
    ) -> list[tuple[int, bytes | None]]:
        """Judge rows by what each cell found (``None``: an empty cell); return the entries to write."""
        entries: list[tuple[int, bytes | None]] = []
        for line, cells in zip(lines, found, strict=True):
            named = _named(cells)
            if isinstance(named, Miss):
                self.rejects.append(Reject(line.number, named, line.cells))
            elif named.known_as in self.seen:
                self.repeated += 1
            else:
                self.seen.add(named.known_as)
                entries.append((named.person, named.token))
        return entries

    def counted(self) -> dict[str, int]:
        """Return how many rows were rejected, by reason."""
        return dict(Counter(one.reason.value for one in self.rejects))


def _named(cells: Sequence[Found | None]) -> Hit | Miss:
    hits = [one for one in cells if isinstance(one, Hit)]
    if len({one.known_as for one in hits}) > 1:
        return Miss.AMBIGUOUS
    if hits:
        return hits[0]
    misses = {one for one in cells if isinstance(one, Miss)}
    return next((one for one in _TELLING if one in misses), Miss.UNUSABLE)


def seal_rejects(keyring: KeyRing, heads: Sequence[str], rejects: Sequence[Reject]) -> bytes | None:
    """Seal rejected rows: the values of strangers are personal data too."""
    if not rejects:
        return None
    rows = [[one.line, one.reason.value, list(one.cells)] for one in rejects]
    packed = zlib.compress(json.dumps([list(heads), rows], ensure_ascii=False).encode())
    return keyring.seal(packed, context=_SEAL)


def rejects_csv(keyring: KeyRing, sealed: bytes) -> bytes:
    """Return sealed rows as a table: line, why in both languages, and the cells as they were sent."""
    heads, rows = open_rejects(keyring, sealed)
    return write_csv(
        ["行号 line", "原因", "reason", *heads],
        ([line, *REASONS[reason], *cells] for line, reason, cells in rows),
    )


def open_rejects(keyring: KeyRing, sealed: bytes) -> tuple[list[str], list[Any]]:
    """Return the heads, and of each row its line, why it was rejected, and its cells."""
    heads, rows = json.loads(zlib.decompress(keyring.open(sealed, context=_SEAL)))
    return heads, rows
