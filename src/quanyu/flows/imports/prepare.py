"""Preparing an import: the whole file is read, checked and turned into chunks before anything is written.

Runs in a process of its own (``python -m quanyu.flows.imports.prepare JOB.json``), so the server stays
responsive and its memory bounded. It tells its progress as JSON lines and ends when its parent does.
"""

import gc
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from quanyu.flows.imports.arrow import compute as pc
from quanyu.flows.imports.chunks import Runs, write_chunks
from quanyu.flows.imports.errors import FileUnusable
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.formats import open_rows
from quanyu.flows.imports.judging import PlanIssue, PlanJudge
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.prepared import PreparedEvent, instant_of, iso
from quanyu.flows.imports.rejects import REJECTS, RejectsFile
from quanyu.flows.imports.rows import RowSource, unusable
from quanyu.flows.imports.rules import ORDER_LINES_MAX
from quanyu.flows.imports.shaping import shaper_of
from quanyu.flows.imports.spill import PART_ROWS, Spill, parts_for
from quanyu.flows.imports.table import Table, null_tokens
from quanyu.kernel.errors import AppError

SAMPLE_EVENTS: Final = 5
# A text row takes about so many bytes, packed ones fewer; only the number of parts depends on it.
_ROW_BYTES: Final = 60
_GZIP_ROW_BYTES: Final = 10
_OVERSIZE_ROWS: Final = PART_ROWS * 4
_TELL_EVERY_S: Final = 0.2


class PrepareJob(msgspec.Struct, frozen=True, kw_only=True):
    """What to prepare. ``directory`` is the job's own and empty."""

    file: str
    map_text: str
    map_name: str
    directory: str
    now: datetime
    dry_run: bool = False
    plan_json: str = ""  # The tracking plan of the brand; empty: none.


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What preparing found. ``chunks`` is zero for a dry run of orders or companies."""

    rows: int
    rows_rejected: int
    rows_skipped: int
    rows_repeated: int
    events: int
    events_of_nobody: int
    chunks: int
    reasons: dict[str, int]
    first_rejects: list[dict[str, Any]]
    sample: list[dict[str, Any]]
    events_by_name: dict[str, int]
    first_at: str | None
    last_at: str | None
    plan_issues: list[PlanIssue] = []  # What was not as planned, by kind.


Tell = Callable[[dict[str, Any]], None]


class Preparation:
    """One run over one file."""

    def __init__(self, job: PrepareJob, tell: Tell) -> None:
        self._job = job
        self._file = Path(job.file)
        self._directory = Path(job.directory)
        self._tell = _Throttled(tell)
        self._map = parse_map(job.map_text, file=job.map_name)
        self._judge = PlanJudge(job.plan_json, source=self._map.source)
        self._shaper = shaper_of(self._map, now=job.now, judge=self._judge)
        self._counts = {"events": 0, "nobody": 0, "skipped": 0, "repeated": 0, "mapped": 0}
        self._names: dict[str, int] = {}
        self._span: tuple[int, int] | None = None
        self._sample: list[PreparedEvent] = []

    def run(self) -> Manifest:
        """Prepare the file.

        Raises:
            FileUnusable: the file does not fit the map, or too little of it does.
        """
        runs = Runs(self._directory / "runs")
        scratch = self._directory / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        with open_rows(self._file, self._map.file, scratch=scratch) as source:
            self._check_columns(source)
            spill = self._read(source, scratch)
            rejects_path = self._directory / REJECTS
            with RejectsFile(rejects_path, source.names) as rejects:
                for shaped in self._shape_all(spill, rejects):
                    if self._keeps_events:
                        runs.add(shaped)
        shutil.rmtree(scratch)
        self._check_share(spill.rows, rejects)
        chunks = 0
        if self._keeps_events:
            chunks = write_chunks(self._told(runs.merged()), self._directory / "chunks")
        return self._manifest(spill.rows, rejects, chunks)

    @property
    def _keeps_events(self) -> bool:
        """A dry run of people or events is compared with the people known; the others only count."""
        return not self._job.dry_run or self._map.kind in (ImportKind.PEOPLE, ImportKind.EVENTS)

    def _check_columns(self, source: RowSource) -> None:
        wanted = self._map.columns()
        missing = [name for name in wanted if name not in source.names]
        if missing:
            have, lack = ", ".join(source.names[:60]), ", ".join(missing)
            raise unusable(
                self._job.file,
                zh=f"缺少映射文件中的列：{lack}。文件中的列：{have}。"
                f"请检查 {self._job.map_name}、分隔符和表头",
                en=f"columns of the map are missing: {lack}. The file has: {have}. "
                f"Check {self._job.map_name}, the delimiter and the header",
            )
        twice = [name for name in wanted if name in source.repeated]
        if twice:
            raise unusable(
                self._job.file,
                zh=f"列名出现多次：{'、'.join(twice)}",
                en=f"these column names are there more than once: {', '.join(twice)}",
            )

    def _read(self, source: RowSource, scratch: Path) -> Spill:
        spill = Spill(
            scratch,
            parts=parts_for(source.rows_total or self._rows_guessed()),
            key_columns=self._shaper.key_columns,
            nulls=null_tokens(self._map.nulls),
        )
        for batch in source.batches():
            spill.add(batch)
            self._tell({"phase": "reading", "rows": spill.rows, "share": source.share_read()})
        if not spill.rows:
            raise unusable(self._job.file, zh="没有数据行", en="there are no rows")
        return spill

    def _rows_guessed(self) -> int:
        row_bytes = _GZIP_ROW_BYTES if self._file.suffix == ".gz" else _ROW_BYTES
        return self._file.stat().st_size // row_bytes

    def _shape_all(self, spill: Spill, rejects: RejectsFile) -> Iterator[list[PreparedEvent]]:
        for table in spill.tables():
            for piece in self._bounded(spill, table, rejects):
                shaped = self._shaper.shape(piece)
                rejects.add_faults(shaped.table)
                self._counts["skipped"] += shaped.rows_skipped
                self._counts["repeated"] += shaped.rows_repeated
                self._count(shaped.events)
                yield shaped.events
            self._counts["mapped"] += table.num_rows
            self._tell(
                {
                    "phase": "mapping",
                    "rows": self._counts["mapped"],
                    "rows_total": spill.rows,
                    "rejected": rejects.count,
                    "share": self._counts["mapped"] / spill.rows,
                }
            )

    def _bounded(self, spill: Spill, table: pa.Table, rejects: RejectsFile) -> Iterator[pa.Table]:
        """Cut a part that grew out of hand, as happens when a map takes the wrong column for the order id."""
        if table.num_rows <= _OVERSIZE_ROWS:
            yield table
            return
        if self._map.kind is ImportKind.ORDERS:
            table = self._without_endless_orders(spill, table, rejects)
            yield table
            return
        for start in range(0, table.num_rows, _OVERSIZE_ROWS):
            yield table.slice(start, _OVERSIZE_ROWS)

    def _without_endless_orders(self, spill: Spill, table: pa.Table, rejects: RejectsFile) -> pa.Table:
        keys = spill.keys(table)
        counted = pc.value_counts(keys)
        endless = counted.field("values").filter(pc.greater(counted.field("counts"), ORDER_LINES_MAX))
        is_endless = pc.is_in(keys, value_set=endless)
        nulls = null_tokens(self._map.nulls)
        for batch in table.filter(is_endless).to_batches(max_chunksize=PART_ROWS):
            dropped = Table(pa.Table.from_batches([batch]), nulls)
            for row in range(len(dropped)):
                dropped.reject(row, Fault(Reason.ORDER_TOO_LONG, " + ".join(self._shaper.key_columns)))
            rejects.add_faults(dropped)
        return table.filter(pc.invert(is_endless))

    def _count(self, events: list[PreparedEvent]) -> None:
        self._counts["events"] += len(events)
        for event in events:
            self._names[event.name] = self._names.get(event.name, 0) + 1
            if not event.names:
                self._counts["nobody"] += 1
            at = event.occurred_ms
            first, last = self._span or (at, at)
            self._span = min(first, at), max(last, at)
        if len(self._sample) < SAMPLE_EVENTS:
            self._sample += events[: SAMPLE_EVENTS - len(self._sample)]

    def _told(self, events: Iterator[bytes]) -> Iterator[bytes]:
        total = self._counts["events"]
        for count, event in enumerate(events, start=1):
            if count % 1000 == 0:
                self._tell({"phase": "sorting", "share": count / total})
            yield event

    def _check_share(self, rows: int, rejects: RejectsFile) -> None:
        """Stop before writing when the map plainly does not fit the file."""
        usable = rows - self._counts["skipped"]
        if not rejects.count or (
            self._counts["events"] and rejects.count <= self._map.rejects_max_share * usable
        ):
            return
        reason, times = rejects.reasons.most_common(1)[0]
        example = next(one for one in rejects.first if one["reason"] == reason) if rejects.first else {}
        at = example.get("row", "?")
        raise unusable(
            self._job.file,
            zh=f"{usable} 行中有 {rejects.count} 行无法导入，未写入任何数据。"
            f"最常见（{times} 行，如第 {at} 行）："
            f"{example.get('message_zh', reason)}",
            en=f"{rejects.count} of {usable} rows cannot be imported, so nothing was written. Most often "
            f"({times} rows, for example row {at}): {example.get('message_en', reason)}",
        )

    def _manifest(self, rows: int, rejects: RejectsFile, chunks: int) -> Manifest:
        span = self._span
        return Manifest(
            rows=rows,
            rows_rejected=rejects.count,
            rows_skipped=self._counts["skipped"],
            rows_repeated=self._counts["repeated"],
            events=self._counts["events"],
            events_of_nobody=self._counts["nobody"],
            chunks=chunks,
            reasons=dict(rejects.reasons),
            first_rejects=rejects.first,
            sample=[_shown(event) for event in self._sample],
            events_by_name=self._names,
            first_at=iso(instant_of(span[0])) if span else None,
            last_at=iso(instant_of(span[1])) if span else None,
            plan_issues=self._judge.issues,
        )


class _Throttled:
    """Tells at most a few times a second, and whenever the phase changes."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._phase = ""
        self._next_at = 0.0

    def __call__(self, progress: dict[str, Any]) -> None:
        now = time.monotonic()
        if progress["phase"] != self._phase or now >= self._next_at:
            self._phase = progress["phase"]
            self._next_at = now + _TELL_EVERY_S
            self._tell(progress)


def _shown(event: PreparedEvent) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.structs.asdict(event)
    shown["occurred_at"] = iso(instant_of(shown.pop("occurred_ms")))
    shown["items"] = msgspec.json.decode(shown.pop("items_json") or b"[]")
    del shown["statement"]
    return {key: value for key, value in shown.items() if value not in (None, "", [], {}, ())}


def prepare(job: PrepareJob, tell: Tell) -> Manifest:
    """Prepare ``job`` and leave the manifest in its directory, written last: it means complete."""
    manifest = Preparation(job, tell).run()
    path = Path(job.directory) / "manifest.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(manifest))
    unfinished.replace(path)
    return manifest


def read_manifest(directory: Path) -> Manifest | None:
    """Return the manifest of a complete preparation, or ``None``."""
    path = directory / "manifest.json"
    return msgspec.json.decode(path.read_bytes(), type=Manifest) if path.exists() else None


def main(arguments: list[str]) -> int:
    """Run as a process of its own; the last line says how it went."""
    os.umask(0o077)
    os.nice(2)  # Callbacks and pages come first.
    sys.meta_path.insert(0, _WithoutPandas())
    gc.disable()  # Half a million rows make many objects and no cycles; looking for them costs a tenth.
    job = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=PrepareJob)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(progress: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(progress) + "\n")
        sys.stdout.flush()

    try:
        prepare(job, tell)
    except AppError as error:
        tell({"failed": {"code": error.code, "message": error.message, "message_zh": error.message_zh}})
        return 2
    except OSError as error:
        failure = FileUnusable(
            f"{job.file}: {error.strerror} ({error.filename})", message_zh=f"{job.file}：{error.strerror}"
        )
        tell({"failed": {"code": failure.code, "message": failure.message, "message_zh": failure.message_zh}})
        return 2
    tell({"done": True})
    return 0


class _WithoutPandas(MetaPathFinder):
    """pyarrow loads pandas wherever it is installed: 50 MB for nothing we use."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "pandas":
            raise ImportError("not needed here")


def _end_with_parent() -> None:
    """The parent holds the other end of our standard input: when it closes, nobody waits for us any more."""
    while os.read(0, 4096):  # Unbuffered: a buffered read would hold a lock the exit needs.
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
