"""Looking at an uploaded file: how it is written, its columns, and its first rows as they would become.

Runs in a process of its own: a file that takes too much ends that process and nothing else. Everything here
is plain functions whose arguments and results can be pickled; what is wrong with a file comes back as data.
"""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import pyarrow as pa

from quanyu.flows.imports.beside import TAGS_STATED
from quanyu.flows.imports.formats import file_kind, open_rows, read_magic
from quanyu.flows.imports.judging import PlanJudge
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.mapping import FileFormat, FileKind
from quanyu.flows.imports.prepared import IDENTIFY, PreparedEvent, instant_of
from quanyu.flows.imports.rows import ROW, unusable
from quanyu.flows.imports.shaping import Shaper, shaper_of
from quanyu.flows.imports.wizard.contracts import FileChoice
from quanyu.flows.imports.wizard.guards import check_unpacked
from quanyu.flows.imports.wizard.sniffing import HEAD_BYTES, find_delimiter, find_encoding
from quanyu.kernel.errors import AppError
from quanyu.modules.people.consent.contracts import GRANTED, WITHDRAWN

T = TypeVar("T")
ROWS_SEEN: Final = 500
PREVIEW_ROWS: Final = 20
_SAMPLE_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with a file or a plan, as the error that is to be raised says it."""

    code: str
    message: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column and what stands in it: different texts in the order of the file."""

    name: str
    texts: tuple[str, ...]
    filled: float
    is_unique: bool  # No two rows say the same.
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A file's first rows."""

    kind: FileKind
    choice: FileChoice
    sheets: tuple[str, ...]
    columns: tuple[SeenColumn, ...]
    rows: int


def look(path: Path, name: str, choice: FileChoice) -> Seen | Refused:
    """Return how a file reads, by what was chosen and otherwise by what is found."""
    return _told(path, name, lambda: _look(path, name, choice))


def preview(
    path: Path, map_text: str, name: str, now: datetime, plan_json: str
) -> list[dict[str, Any]] | Refused:
    """Return the first rows as they would become, by the brand's tracking plan."""
    return _told(path, name, lambda: _preview(path, map_text, name, now, plan_json))


def _told(path: Path, name: str, work: Callable[[], T]) -> T | Refused:
    """Where a file lies on the server is nobody's business: errors call it by its name."""
    try:
        return work()
    except AppError as error:
        said, said_zh = (text.replace(str(path), name) for text in (error.message, error.message_zh))
        return Refused(error.code, said, said_zh)


def _look(path: Path, name: str, choice: FileChoice) -> Seen:
    magic, is_gzip = read_magic(path)
    check_unpacked(path, name=name, magic=magic, is_gzip=is_gzip)
    kind = file_kind(magic)
    sheets: tuple[str, ...] = ()
    if kind is FileKind.CSV:
        choice = text_choice(path, choice, is_gzip=is_gzip)
    elif kind is FileKind.XLSX:
        from quanyu.flows.imports.excel_rows import sheet_names

        sheets = sheet_names(path, is_gzip=is_gzip, shown=name)
    table, repeated = _first_rows(path, _format(choice, kind))
    columns = tuple(_seen(table, one, repeated) for one in _names(table))
    return Seen(kind, choice, sheets, columns, len(table))


def text_choice(path: Path, choice: FileChoice, *, is_gzip: bool) -> FileChoice:
    """Return how a text file is written, as far as nobody chose it."""
    with gzip.open(path) if is_gzip else path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    encoding = choice.encoding or find_encoding(head)
    try:
        text = head.decode(encoding, errors="replace")
    except LookupError:
        text = ""  # Said clearly where the map is read.
    return choice.model_copy(
        update={"encoding": encoding, "delimiter": choice.delimiter or find_delimiter(text)}
    )


def _format(choice: FileChoice, kind: FileKind) -> FileFormat:
    is_text = kind is FileKind.CSV
    return FileFormat(
        kind=kind,
        delimiter=choice.delimiter if is_text else "",
        encoding=choice.encoding if is_text else "utf-8",
        sheet=choice.sheet or None,
        skip_rows=choice.skip_rows,
    )


def _first_rows(path: Path, fmt: FileFormat, rows: int = ROWS_SEEN) -> tuple[pa.Table, frozenset[str]]:
    with TemporaryDirectory() as scratch, open_rows(path, fmt, scratch=Path(scratch)) as source:
        batch = next(iter(source.batches()), None)
        if batch is None:
            raise unusable(path.name, zh="没有数据行", en="there are no rows")
        return pa.Table.from_batches([batch.slice(0, rows)]), source.repeated


def _names(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if not name.startswith("\0")]


def _seen(table: pa.Table, name: str, repeated: frozenset[str]) -> SeenColumn:
    cells: list[str | None] = table.column(name).to_pylist()
    texts = [text.strip() for text in cells if text and text.strip()]
    return SeenColumn(
        name=name,
        texts=tuple(text[:_SAMPLE_CHARS] for text in dict.fromkeys(texts)),
        filled=round(len(texts) / len(cells), 3),
        is_unique=len(set(texts)) == len(texts),
        is_repeated=name in repeated,
    )


def _preview(path: Path, map_text: str, name: str, now: datetime, plan_json: str) -> list[dict[str, Any]]:
    import_map = parse_map(map_text, file=name)
    table, _ = _first_rows(path, replace(import_map.file, kind=None), PREVIEW_ROWS)
    missing = [one for one in import_map.columns() if one not in table.column_names]
    if missing:
        listed = ", ".join(missing)
        raise unusable(name, zh=f"文件中没有这些列：{listed}", en=f"the file has no column {listed}")
    judge = PlanJudge(plan_json, source=import_map.source)
    shaper = shaper_of(import_map, now=now, judge=judge)
    return [_previewed(shaper, table.slice(place, 1)) for place in range(len(table))]


def _previewed(shaper: Shaper, row: pa.Table) -> dict[str, Any]:
    shaped = shaper.shape(row)
    fault = shaped.table.faults.get(0)
    said = _said(shaped.events)
    return {
        "row": row.column(ROW)[0].as_py(),
        "is_skipped": shaped.rows_skipped > 0,
        "problem": fault.message_en if fault else "",
        "problem_zh": fault.message_zh if fault else "",
        **said,
    }


def _said(events: Sequence[PreparedEvent]) -> dict[str, Any]:
    first = events[0] if events else None
    is_person = first is not None and first.kind == IDENTIFY
    beside = events[1:] if is_person else ()
    return {
        "identifiers": tuple((one[0], one[2]) for one in first.names) if first else (),
        "attributes": first.traits if first else {},
        "tags": {
            one.properties["group"]: tuple(one.properties["tags"])
            for one in beside
            if one.name == TAGS_STATED
        },
        "consents": {
            one.properties["purpose"]: one.name == GRANTED
            for one in beside
            if one.name in (GRANTED, WITHDRAWN)
        },
        "event": first.name if first and not is_person else "",
        "properties": first.properties if first else {},
        "occurred_at": instant_of(first.occurred_ms) if first else None,
    }
