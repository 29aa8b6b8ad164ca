"""Rows of a file, whatever its format: batches of text cells with the row numbers an editor shows."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import pyarrow as pa

from quanyu.flows.imports.arrow import Column
from quanyu.flows.imports.errors import FileUnusable
from quanyu.flows.imports.faults import Reason

# Names no header can hold: they mark our two columns beside those of the file.
ROW: Final = "\0row"
DAMAGE: Final = "\0damage"  # Reason code of a row whose cells cannot be told apart, else null.
BATCH_ROWS: Final = 16_384
COLUMNS_MAX: Final = 1_000


class RowSource(AbstractContextManager["RowSource"], Protocol):
    """An open file. Batches have the file's columns as text, then ``ROW`` and ``DAMAGE``."""

    names: tuple[str, ...]
    repeated: frozenset[str]  # Names that the header holds more than once.
    rows_total: int | None  # None until the file was read, where the format does not tell.

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows once, from the first to the last."""
        ...

    def share_read(self) -> float:
        """How much of the file was read, from 0 to 1."""
        ...


def unusable(file: str, *, zh: str, en: str) -> FileUnusable:
    """Return the error for a whole file."""
    return FileUnusable(f"{file}: {en}", message_zh=f"{file}：{zh}")


def schema_of(names: Sequence[str]) -> pa.Schema:
    """Return the schema of batches of a file with these columns."""
    fields: list[Any] = [pa.field(name, pa.string()) for name in names]
    return pa.schema([*fields, pa.field(ROW, pa.int64()), pa.field(DAMAGE, pa.string())])


def header_names(cells: Sequence[str], *, file: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return distinct names for the columns of a header, and the names that are there more than once."""
    if not any(cell.strip() for cell in cells):
        raise unusable(
            file,
            zh="没有表头：文件为空，或 skip_rows 不对",
            en="no header: the file is empty, or skip_rows is wrong",
        )
    if len(cells) > COLUMNS_MAX:
        raise unusable(
            file,
            zh=f"超过 {COLUMNS_MAX} 列：检查分隔符",
            en=f"more than {COLUMNS_MAX} columns: check the delimiter",
        )
    seen: dict[str, int] = {}
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.replace("\0", "").strip() or str(place)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    if len(set(names)) != len(names):
        raise unusable(file, zh="表头中的列名重复", en="the header repeats its column names")
    return tuple(names), frozenset(name for name, times in seen.items() if times > 1)


class RowCollector:
    """Gathers rows of text cells into batches; rows of another width are marked as damaged."""

    def __init__(self, names: Sequence[str]) -> None:
        self._schema = schema_of(names)
        self._width = len(names)
        self._rows: list[Sequence[str | None]] = []
        self._numbers: list[int] = []
        self._damage: list[str | None] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, number: int, cells: Sequence[str | None], damage: Reason | None = None) -> None:
        """Add one row."""
        if len(cells) != self._width:
            cells, fitted = _fit(cells, self._width)
            damage = damage or (None if fitted else Reason.CELL_COUNT)
        self._rows.append(cells)
        self._numbers.append(number)
        self._damage.append(damage)

    def take(self) -> pa.RecordBatch:
        """Return what was gathered and start anew."""
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * self._width
        arrays: list[Column] = [pa.array(column, pa.string()) for column in columns]
        arrays += [pa.array(self._numbers, pa.int64()), pa.array(self._damage, pa.string())]
        self._rows, self._numbers, self._damage = [], [], []
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _fit(cells: Sequence[str | None], width: int) -> tuple[list[str | None], bool]:
    """Cut or fill a row to ``width``; say whether only empty cells at the end were cut."""
    extra = [cell for cell in cells[width:] if cell is not None and cell.strip()]
    kept = list(cells[:width]) + [None] * (width - len(cells))
    if extra:
        # So that the rejects file shows everything the row held.
        kept[-1] = " ".join(str(cell) for cell in [kept[-1], *extra] if cell is not None)
    return kept, len(cells) > width and not extra
