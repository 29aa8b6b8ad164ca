"""Rows of delimited text: CSV in its many dialects, and columns set apart by blanks."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, cast

import pyarrow as pa

from quanyu.flows.imports.faults import Reason
from quanyu.flows.imports.mapping import FileFormat
from quanyu.flows.imports.rows import BATCH_ROWS, RowCollector, header_names, unusable

_CELL_CHARS_MAX: Final = 131_072
# A batch is also cut by its size, so that rows with long texts do not add up.
_BATCH_CHARS: Final = 4 << 20

NumberedRow = tuple[int, list[str], Reason | None]


class TextRows:
    """An open text file."""

    def __init__(self, path: Path, fmt: FileFormat, *, is_gzip: bool) -> None:
        self._path = path
        self._format = fmt
        self._size = max(1, path.stat().st_size)
        self._raw = path.open("rb")
        packed = cast(IO[bytes], gzip.GzipFile(fileobj=self._raw) if is_gzip else self._raw)
        encoding = (
            "utf-8-sig" if fmt.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else fmt.encoding
        )
        self._text = io.TextIOWrapper(packed, encoding=encoding, newline="")
        self._lines = _Lines(self._text)
        self.rows_total: int | None = None
        try:
            self._rows = self._open()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __enter__(self) -> "TextRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()
        self._raw.close()

    def share_read(self) -> float:
        """How much of the file was read, from 0 to 1."""
        return 1.0 if self._raw.closed else min(1.0, self._raw.tell() / self._size)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows once, from the first to the last."""
        collector, chars, count = RowCollector(self.names), 0, 0
        for number, cells, damage in self._checked(self._rows):
            collector.add(number, cells, damage)
            chars += sum(map(len, cells))
            if len(collector) >= BATCH_ROWS or chars >= _BATCH_CHARS:
                count += len(collector)
                chars = 0
                yield collector.take()
        self.rows_total = count + len(collector)
        if len(collector):
            yield collector.take()

    def _open(self) -> Iterator[NumberedRow]:
        rows = self._checked(self._parsed())
        if self._format.header:
            first = next(rows, None)
            self.names, self.repeated = header_names(first[1] if first else [], file=str(self._path))
            return rows
        first = next(rows, None)
        width = len(self._format.columns) or (len(first[1]) if first else 0)
        names = self._format.columns or tuple(str(place) for place in range(1, width + 1))
        self.names, self.repeated = header_names(names, file=str(self._path))
        return _chain(first, rows)

    def _parsed(self) -> Iterator[NumberedRow]:
        for _ in range(self._format.skip_rows):
            next(self._lines, None)
        if self._format.delimiter == "whitespace":
            return self._blank_separated()
        return self._delimited()

    def _blank_separated(self) -> Iterator[NumberedRow]:
        for line in self._lines:
            cells = line.split()
            if cells:
                yield self._lines.number, cells, None

    def _delimited(self) -> Iterator[NumberedRow]:
        csv.field_size_limit(_CELL_CHARS_MAX)
        reader = csv.reader(
            self._lines,
            delimiter=self._format.delimiter or ("\t" if ".tsv" in self._path.suffixes else ","),
            quotechar=self._format.quote or None,
            quoting=csv.QUOTE_MINIMAL if self._format.quote else csv.QUOTE_NONE,
            strict=True,
        )
        while True:
            start = self._lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if self._lines.is_exhausted or "limit" in str(error):
                    raise unusable(
                        str(self._path),
                        zh=f'第 {start} 行起的引号没有结束；若引号只是普通字符，在 [file] 中设 quote = ""',
                        en=f"the quote that opens in line {start} never ends; "
                        'where quotes are plain text, set quote = "" under [file]',
                    ) from error
                yield start, [self._lines.last.rstrip("\r\n")], Reason.QUOTES
                continue
            if cells:
                yield start, cells, None

    def _checked(self, rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
        """Say what to do when the bytes cannot be read as the map says."""
        try:
            yield from rows
        except UnicodeError as error:
            near = self._lines.number + 1 + _line_ends_before(error)
            raise unusable(
                str(self._path),
                zh=f"第 {near} 行附近的字节不是 {self._format.encoding}；"
                '中文 Excel 导出的文件常用 encoding = "gb18030"',
                en=f"bytes near line {near} are not {self._format.encoding}; "
                'files from Chinese Excel often need encoding = "gb18030" under [file]',
            ) from error
        except (OSError, EOFError, zlib.error) as error:
            raise unusable(
                str(self._path), zh=f"文件已损坏：{error}", en=f"the file is damaged: {error}"
            ) from error


class _Lines:
    """The lines of a text, counted as an editor counts them, the last one remembered."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.last = ""
        self.is_exhausted = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(_CELL_CHARS_MAX * 8)
        if not line:
            self.is_exhausted = True
            raise StopIteration
        self.number += 1
        self.last = line
        return line


def _line_ends_before(error: UnicodeError) -> int:
    """Count the lines of the block being decoded that lie before the bytes that cannot be."""
    if isinstance(error, UnicodeDecodeError):
        return error.object[: error.start].count(b"\n")
    return 0


def _chain(first: NumberedRow | None, rest: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    if first is not None:
        yield first
    yield from rest
