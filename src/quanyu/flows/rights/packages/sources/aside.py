"""What is kept beside the tables: events set aside, and rows of files that name somebody."""

import asyncio
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from quanyu.flows.imports.formats import file_kind, open_rows, read_magic
from quanyu.flows.imports.jobs import folder_of, upload_folder
from quanyu.flows.imports.mapping import FileFormat, FileKind
from quanyu.flows.imports.rejects import REJECTS
from quanyu.flows.imports.rows import DAMAGE, ROW
from quanyu.flows.imports.wizard.contracts import FileChoice
from quanyu.flows.imports.wizard.examining import text_choice
from quanyu.flows.imports.wizard.guards import check_unpacked
from quanyu.flows.intake import Intake
from quanyu.flows.rights.files import Sought, words_of
from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.sources.base import Asked, Page, Tools
from quanyu.infra.work_pool import WorkFailed, WorkPool
from quanyu.kernel.errors import AppError
from quanyu.modules.people.sealing import token_of
from quanyu.modules.segments.lists.matching import open_rejects

_EVENTS: Final = 200
_ROWS_MAX: Final = 10_000  # Of one file that name the same person.
_CELL_CHARS_MAX: Final = 131_072


@dataclass(frozen=True, slots=True)
class SetAside:
    """Events that were refused, or wait for somebody to say what becomes of them; each is opened to see."""

    tools: Tools
    intake: Intake
    section: str = "event_quarantine"
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return theirs among the next."""
        found = await self.tools.rows(
            asked.tenant_id,
            "SELECT id, sealed FROM event_quarantine WHERE tenant_id = :tenant AND id > :after "
            "ORDER BY id LIMIT :limit",
            after=after or 0,
            limit=_EVENTS,
        )
        tokens = set(asked.whom.tokens)
        events = [self.intake.open_aside(bytes(row["sealed"])) for row in found]
        rows = [
            {
                "name": one.name,
                "kind": one.kind,
                "source": one.source,
                "occurred_at": one.occurred_at,
                "properties": one.properties,
                "traits": one.traits,
                "context": one.context,
            }
            for one in events
            if any(token_of(self.tools.keyring, who) in tokens for who in one.identifiers)
        ]
        return Page(rows, found[-1]["id"] if len(found) == _EVENTS else None)


@dataclass(frozen=True, slots=True)
class ListRejects:
    """Rows of lists that named nobody in particular, kept for thirty days."""

    tools: Tools
    section: str = "list_rejects"
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return those of the next version that name the person."""
        found = await self.tools.rows(
            asked.tenant_id,
            "SELECT list_id, version, made_at, rejects_sealed FROM segment_list_version "
            "WHERE tenant_id = :tenant AND rejects_sealed IS NOT NULL AND (list_id, version) > "
            "(:list, :version) ORDER BY list_id, version LIMIT 1",
            list=after[0] if after else 0,
            version=after[1] if after else 0,
        )
        if not found:
            return Page()
        (row,) = found
        heads, rejects = open_rejects(self.tools.keyring, bytes(row["rejects_sealed"]))
        sought = asked.sought
        rows = [
            {
                "made_at": row["made_at"],
                "line": line,
                "reason": reason,
                "row": dict(zip(heads, cells, strict=False)),
            }
            for line, reason, cells in rejects
            if any(map(sought.is_in, cells))
        ]
        return Page(rows, [row["list_id"], row["version"]])


@dataclass(frozen=True, slots=True)
class Uploads:
    """Rows of files that were uploaded for imports, while these are kept; a process of its own reads them."""

    tools: Tools
    pool: WorkPool
    directory: Path
    section: str = "uploads"
    store: Store = Store.FILES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the rows of the next file that name the person."""
        found = await self.tools.rows(
            asked.tenant_id,
            "SELECT id, name, created_at FROM import_file WHERE tenant_id = :tenant AND id > :after "
            "ORDER BY id LIMIT 1",
            after=after or 0,
        )
        if not found:
            return Page()
        (file,) = found
        path = upload_folder(self.directory, file["id"]) / file["name"]
        values = [value for _, _, value in asked.identifiers]
        told = {"file": file["name"], "uploaded_at": file["created_at"]}
        try:
            rows = await self.pool.run(rows_naming, path, file["name"], values) if path.exists() else []
        except WorkFailed:
            rows = [{"problem": "the file cannot be read"}]
        return Page([told | row for row in rows], file["id"])


@dataclass(frozen=True, slots=True)
class ImportLeftovers:
    """Rows that imports refused or took as examples, as long as they are kept."""

    tools: Tools
    directory: Path
    section: str = "import_rows"
    store: Store = Store.FILES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return those of the next import."""
        found = await self.tools.rows(
            asked.tenant_id,
            "SELECT id, created_at FROM import_job WHERE tenant_id = :tenant AND id > :after "
            "ORDER BY id LIMIT 1",
            after=after or 0,
        )
        if not found:
            return Page()
        (job,) = found
        folder, sought = folder_of(self.directory, job["id"]), asked.sought

        def read() -> list[Mapping[str, Any]]:
            return [*_rejects(folder / REJECTS, sought), *_samples(folder / "manifest.json", sought)]

        rows = await asyncio.to_thread(read)
        return Page([{"imported_at": job["created_at"], **row} for row in rows], job["id"])


def rows_naming(path: Path, name: str, values: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of an uploaded file that hold one of the values; runs in a process of its own."""
    try:
        return list(_naming(path, name, Sought(values)))
    except (AppError, OSError) as error:
        return [{"problem": f"the file cannot be read ({type(error).__name__})"}]


def _naming(path: Path, name: str, sought: Sought) -> Iterator[dict[str, Any]]:
    magic, is_gzip = read_magic(path)
    check_unpacked(path, name=name, magic=magic, is_gzip=is_gzip)
    kind, told = file_kind(magic), 0
    with TemporaryDirectory() as scratch:
        for shape in _shapes(path, name, kind, is_gzip=is_gzip):
            place = {"sheet": shape.sheet} if shape.sheet else {}
            for row in _cells(path, shape, Path(scratch)):
                if not any(map(sought.is_in, row["cells"].values())):
                    continue
                if told == _ROWS_MAX:
                    yield {"problem": f"more than {_ROWS_MAX} rows; the others are left out"}
                    return
                told += 1
                yield place | row


def _cells(path: Path, shape: FileFormat, scratch: Path) -> Iterator[dict[str, Any]]:
    with open_rows(path, shape, scratch=scratch) as source:
        for batch in source.batches():
            for row in batch.to_pylist():
                cells = {key: value for key, value in row.items() if value and key not in (ROW, DAMAGE)}
                yield {"row": row[ROW], "cells": cells}


def _shapes(path: Path, name: str, kind: FileKind, *, is_gzip: bool) -> list[FileFormat]:
    """Return how the file is to be read: a workbook sheet by sheet."""
    if kind is FileKind.CSV:
        choice = text_choice(path, FileChoice(), is_gzip=is_gzip)
        return [FileFormat(kind=kind, delimiter=choice.delimiter, encoding=choice.encoding)]
    if kind is FileKind.PARQUET:
        return [FileFormat(kind=kind)]
    from quanyu.flows.imports.excel_rows import sheet_names  # Only here: it costs memory.

    return [FileFormat(kind=kind, sheet=one) for one in sheet_names(path, is_gzip=is_gzip, shown=name)]


def _rejects(path: Path, sought: Sought) -> Iterator[Mapping[str, Any]]:
    if not path.exists():
        return
    csv.field_size_limit(_CELL_CHARS_MAX)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        head = next(rows, [])
        for row in rows:
            if any(map(sought.is_in, row[1:])):
                yield {"cells": dict(zip(head, row, strict=False))}


def _samples(path: Path, sought: Sought) -> Iterator[Mapping[str, Any]]:
    if path.exists():
        manifest = json.loads(path.read_bytes())
        for name in ("first_rejects", "sample"):
            for one in manifest.get(name, []):
                if any(map(sought.is_in, words_of(one))):
                    yield {"cells": one}
