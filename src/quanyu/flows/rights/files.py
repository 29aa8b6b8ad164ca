"""Files that hold something about people, and what an erasure does with each.

Every place of the data directory stands here, as every table stands in ``holdings``;
``tests/architecture/test_rights.py`` compares the list with ``DataDirectory``.
"""

import csv
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from quanyu.flows.imports.jobs import folder_of
from quanyu.flows.imports.rejects import REJECTS
from quanyu.flows.rights.holdings import Fate

_CELL_CHARS_MAX: Final = 131_072
_LONG_ENOUGH: Final = 6  # To be looked for inside of other words.
_NO_DIGIT: Final = re.compile(r"\D+")
_NATIONAL_DIGITS: Final = 11


@dataclass(frozen=True, slots=True)
class FileHolding:
    """A place of files, by its name in ``DataDirectory``."""

    place: str
    fate: Fate
    why: str


FILES: Final = (
    FileHolding("imports", Fate.ERASED, "refused rows and samples are cut; uploads go after 30 days"),
    FileHolding("exports", Fate.ELSEWHERE, "sealed; one with somebody erased is deleted within seconds"),
    FileHolding("packages", Fate.ELSEWHERE, "sealed; one of somebody erased is deleted within seconds"),
    FileHolding("archive", Fate.ELSEWHERE, "written anew by the step archive"),
    FileHolding("warehouse", Fate.ELSEWHERE, "cleared by the step warehouse"),
    FileHolding("warehouse_backups", Fate.ELSEWHERE, "empty, except while a backup is made"),
    FileHolding(
        "postgres",
        Fate.KEPT,
        "what was deleted leaves pages and write-ahead log when PostgreSQL cleans up, mostly in hours",
    ),
    FileHolding("backups", Fate.KEPT, "as they were made; whatever is restored is erased again"),
    FileHolding("erasures", Fate.ELSEWHERE, "the register of erasures: ids and keyed tokens, no names"),
    FileHolding("logs", Fate.ELSEWHERE, "ids alone; nothing personal is logged"),
    *(
        FileHolding(place, Fate.ELSEWHERE, "nothing of customers")
        for place in (
            "postgres_binaries", "secrets", "master_key", "postgres_passwords", "local_token",
            "restore_marker",
        )
    ),
)  # fmt: skip


class Sought:
    """The identifiers to look for in rows of files, as somebody may have typed them."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = {value.strip().casefold() for value in values if value.strip()}
        self._long = tuple(value for value in self._values if len(value) >= _LONG_ENOUGH)
        digits = (_NO_DIGIT.sub("", value) for value in self._values if value.startswith("+"))
        self._phones = tuple(one[-_NATIONAL_DIGITS:] for one in digits if len(one) >= _NATIONAL_DIGITS)

    def is_in(self, cell: str) -> bool:
        """Whether a cell holds one of them."""
        text = cell.strip().casefold()
        if not text:
            return False
        if text in self._values or any(one in text for one in self._long):
            return True
        if not self._phones or len(text) < _NATIONAL_DIGITS:
            return False
        typed = _NO_DIGIT.sub("", text)
        return any(phone in typed for phone in self._phones)


def cut_imports(directory: Path, import_ids: Sequence[int], sought: Sought) -> dict[str, int]:
    """Take rows that name somebody out of what imports left; return how many. Idempotent.

    Raises:
        OSError: a file cannot be read or written; the others stay as they are.
    """
    counts = {"rejected_rows": 0, "samples": 0}
    for number in import_ids:
        folder = folder_of(directory, number)
        counts["rejected_rows"] += _cut_rejects(folder / REJECTS, sought)
        counts["samples"] += _cut_samples(folder / "manifest.json", sought)
    return counts


def _cut_rejects(path: Path, sought: Sought) -> int:
    if not path.exists():
        return 0
    csv.field_size_limit(_CELL_CHARS_MAX)
    partial, cut = path.with_name(f".{path.name}.partial"), 0
    with (
        path.open(encoding="utf-8-sig", newline="") as file,
        partial.open("w", encoding="utf-8-sig", newline="") as kept,
    ):
        partial.chmod(0o600)
        rows, written = csv.reader(file), csv.writer(kept)
        written.writerow(next(rows, []))
        for row in rows:
            theirs = any(map(sought.is_in, row[1:]))  # Also what the reason quotes.
            cut += theirs
            if not theirs:
                written.writerow(row)
        kept.flush()
        os.fsync(kept.fileno())
    if cut:
        partial.replace(path)
    else:
        partial.unlink()
    return cut


def _cut_samples(path: Path, sought: Sought) -> int:
    if not path.exists():
        return 0
    manifest = json.loads(path.read_bytes())
    cut = 0
    for name in ("first_rejects", "sample"):
        kept = [one for one in manifest.get(name, []) if not any(map(sought.is_in, words_of(one)))]
        cut += len(manifest.get(name, [])) - len(kept)
        manifest[name] = kept
    if cut:
        partial = path.with_name(".manifest.json.partial")
        partial.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(path)
    return cut


def words_of(value: Any) -> list[str]:
    """Return every word a value of JSON holds."""
    if isinstance(value, dict):
        return [word for one in value.values() for word in words_of(one)]
    if isinstance(value, list):
        return [word for one in value for word in words_of(one)]
    return [str(value)]
