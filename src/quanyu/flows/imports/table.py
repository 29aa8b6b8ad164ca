"""Rows of one batch as columns of values, with the first fault of each row."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import pyarrow as pa

from quanyu.flows.imports.arrow import Column
from quanyu.flows.imports.arrow import compute as pc
from quanyu.flows.imports.cells import read_column
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.mapping import Field, RowTest
from quanyu.flows.imports.rows import DAMAGE, ROW

Value = TypeVar("Value")


def clean(column: Column, nulls: Column) -> Column:
    """Trim blanks and turn null tokens into nulls."""
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(trimmed, value_set=nulls), pa.scalar(None, pa.string()), trimmed)


def null_tokens(tokens: Iterable[str]) -> Column:
    """Return the texts that mean "nothing here"; the empty one always does."""
    return pa.array(sorted({"", *(token.strip() for token in tokens)}), pa.string())


class Table:
    """Cells of a batch. Reading a column notes a fault for every row whose cell cannot be read."""

    def __init__(self, raw: pa.Table, nulls: Column) -> None:
        self.raw = raw
        self._nulls = nulls
        self._texts: dict[str, list[str | None]] = {}
        self.faults: dict[int, Fault] = {}
        damage = raw.column(DAMAGE)
        if damage.null_count != len(damage):
            reasons = enumerate(damage.to_pylist())
            self.faults = {row: Fault(Reason(reason)) for row, reason in reasons if reason is not None}
        self.damaged = frozenset(self.faults)

    def __len__(self) -> int:
        return self.raw.num_rows

    def row_number(self, row: int) -> int:
        """Return the number an editor shows for the row."""
        return cast(int, self.raw.column(ROW)[row].as_py())

    def original(self, row: int) -> list[str]:
        """Return the row's cells as the file has them."""
        names = [name for name in self.raw.column_names if name not in (ROW, DAMAGE)]
        return [self.raw.column(name)[row].as_py() or "" for name in names]

    def texts(self, column: str) -> list[str | None]:
        """Return the cleaned texts of one column."""
        found = self._texts.get(column)
        if found is None:
            found = self._texts[column] = clean(self.raw.column(column), self._nulls).to_pylist()
        return found

    def joined(self, columns: Sequence[str], separator: str) -> list[str | None]:
        """Return several columns' texts as one; a row that lacks one of them has none."""
        if len(columns) == 1:
            return self.texts(columns[0])
        together = zip(*(self.texts(column) for column in columns), strict=True)
        return [None if None in cells else separator.join(cast(tuple[str, ...], cells)) for cells in together]

    def read(self, field: Field, read: Callable[[str], Value | Fault]) -> list[Value]:
        """Read a field of every row. Rows with a fault have a value nobody may look at."""
        if not field.columns:
            value = read(str(field.constant))
            assert not isinstance(value, Fault), f"the constant of {field.key} was not checked"
            return [value] * len(self)
        texts = self.texts(field.columns[0]) if len(field.columns) == 1 else self._together(field.columns)
        values = read_column(texts, read)
        self._note(values, field)
        return cast(list[Value], values)

    def passes(self, test: RowTest | None) -> list[bool]:
        """Return for every row whether it passes; none passes an absent test."""
        if test is None:
            return [False] * len(self)
        texts = self.texts(test.column)
        known = {text: test.holds(text) for text in set(texts)}
        return [known[text] for text in texts]

    def reject(self, row: int, fault: Fault) -> None:
        """Note a fault, unless the row has one already."""
        self.faults.setdefault(row, fault)

    def _together(self, columns: Sequence[str]) -> list[str | None]:
        """Join what is there: a date without its time of day is still a date."""
        together = zip(*(self.texts(column) for column in columns), strict=True)
        return [" ".join(cell for cell in cells if cell is not None) or None for cells in together]

    def _note(self, values: Sequence[Any], field: Field) -> None:
        kinds = set(map(type, values))
        if Fault in kinds:
            for row, value in enumerate(values):
                if type(value) is Fault:
                    self.reject(row, value)
        if field.is_required and type(None) in kinds:
            for row, value in enumerate(values):
                if value is None:
                    self.reject(row, Fault(Reason.MISSING, field.label))
