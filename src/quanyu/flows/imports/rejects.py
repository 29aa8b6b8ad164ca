"""The rejects file: every row that was not imported, why, and its original values."""

import csv
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from quanyu.flows.imports.faults import Fault
from quanyu.flows.imports.rows import DAMAGE, ROW
from quanyu.flows.imports.table import Table

REJECTS: Final = "rejects.csv"
FIRST_MAX: Final = 20
COLUMNS: Final = ("row", "reason", "message_zh", "message_en")


class RejectsFile:
    """Writes rejects as CSV that Excel opens; the file exists only if there are any."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._path = path
        self._names = tuple(name for name in names if name not in (ROW, DAMAGE))
        self._file: Any = None
        self._writer: Any = None
        self.reasons: Counter[str] = Counter()
        self.first: list[dict[str, Any]] = []

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def count(self) -> int:
        """How many rows were rejected."""
        return self.reasons.total()

    def add_faults(self, table: Table) -> None:
        """Write every row of the table that has a fault."""
        for row in sorted(table.faults):
            self.add(table.row_number(row), table.faults[row], table.original(row))

    def add(self, number: int, fault: Fault, cells: list[str]) -> None:
        """Write one row."""
        if self._writer is None:
            # The mark at the start tells Excel that this is UTF-8.
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*COLUMNS, *self._names])
        self._writer.writerow([number, fault.reason, fault.message_zh, fault.message_en, *cells])
        self.reasons[fault.reason] += 1
        if len(self.first) < FIRST_MAX:
            self.first.append(
                {
                    "row": number,
                    "reason": fault.reason,
                    "column": fault.column,
                    "message_zh": fault.message_zh,
                    "message_en": fault.message_en,
                    "values": dict(zip(self._names, cells, strict=True)),
                }
            )
