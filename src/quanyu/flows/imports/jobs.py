"""The import worker: prepares one file at a time in a process of its own, then writes it chunk by chunk.

The checkpoint moves in the transaction that writes the chunk, so after a kill the next run goes on
exactly there; a preparation that was cut off is simply done again, as it has written nothing.
"""

import asyncio
import contextlib
import shutil
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from prometheus_client import Counter
from sqlalchemy.exc import InterfaceError as DBInterfaceError
from sqlalchemy.exc import OperationalError as DBOperationalError

from quanyu.flows.commerce import Commerce
from quanyu.flows.imports.chunks import read_chunk
from quanyu.flows.imports.comparing import PeopleComparison
from quanyu.flows.imports.contracts import ImportPhase, ImportStatus
from quanyu.flows.imports.errors import ImportDefect, PreparationDied, WorkFilesLost
from quanyu.flows.imports.judging import source_name
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.prepare import Manifest, PrepareJob, read_manifest
from quanyu.flows.imports.prepared import PreparedEvent, instant_of
from quanyu.flows.imports.queries import ImportQueries
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.events.contracts import AcceptOutcome
from quanyu.modules.events.plan import queries as plans

_log = get_logger("imports.worker")
_EVENTS: Final = Counter("quanyu_import_events_total", "Imported events by outcome", ["outcome"])

_LOCK_KEY: Final = 7107  # Of the advisory lock: one import at a time in the whole deployment.
_IDLE_WAIT_S: Final = 1.0
_SETTLING_WAIT_S: Final = 0.2
_RETRY_WAIT_S: Final = 1.0
_NOTE_EVERY_S: Final = 0.3
_LOOK_FOR_OLD_S: Final = 3_600.0
_LINE_BYTES_MAX: Final = 1 << 20
_KEEP_FILES: Final = timedelta(days=30)  # Rejects and examples hold personal data.

# The database is away or overloaded; what was interrupted is tried again.
_PASSING: Final = (DBOperationalError, DBInterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

Connect = Callable[..., Awaitable[psycopg.AsyncConnection[Any]]]


class ImportWorker:
    """Works off the queue of imports of all brands."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        intake: Intake,
        *,
        connect: Connect,
        directory: Path,
        comparison: PeopleComparison | None = None,
    ) -> None:
        self._comparison = comparison
        self._uows = uows
        self._intake = intake
        self._connect = connect
        self.directory = directory
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the queue now."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; what is under way then continues at the next start."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                work = asyncio.create_task(self._work_while_locked())
                await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not work.done():
                    work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._surviving(work)
                if not stop.is_set():
                    await wait(stop, _RETRY_WAIT_S)
        finally:
            stopping.cancel()

    async def _surviving(self, work: "asyncio.Task[None]") -> None:
        """A database that is away for a while must not end the worker."""
        try:
            await work
        except (*_PASSING, OSError) as error:
            _log.warning("imports.worker_interrupted", error=type(error).__name__)

    async def _work_while_locked(self) -> None:
        connection = await self._connect(autocommit=True)
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK_KEY,))
            row = await cursor.fetchone()
            if row is None or not row[0]:
                return  # Another process works; it will be asked again.
            look_at = 0.0
            while not connection.closed:
                if time.monotonic() >= look_at:
                    await self._remove_old_files()
                    look_at = time.monotonic() + _LOOK_FOR_OLD_S
                self._woken.clear()
                if not await self.run_once():
                    waiting = await self._settle()
                    await self._until_woken(_SETTLING_WAIT_S if waiting else _IDLE_WAIT_S)
        finally:
            await connection.close()

    async def run_once(self) -> bool:
        """Work on the oldest open import until it ends; say whether there was one."""
        async with self._uows.system(TenantId(0)) as uow:
            job = await ImportQueries(uow).next_open()
        if job is None:
            return False
        run = ImportRun(self._uows, self._intake, job, directory=self.directory, comparison=self._comparison)
        await run.run()
        return True

    async def _settle(self) -> int:
        async with self._uows.system(TenantId(0)) as uow:
            return await ImportQueries(uow).settle()

    async def _until_woken(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout_s)

    async def _remove_old_files(self) -> None:
        async with self._uows.system(TenantId(0)) as uow:
            old = await ImportQueries(uow).finished_before(uow.clock.now() - _KEEP_FILES)
            files = await ImportQueries(uow).forget_uploads_before(uow.clock.now() - _KEEP_FILES)
        for row in old:
            shutil.rmtree(folder_of(self.directory, row.id), ignore_errors=True)
        for file_id in files:
            shutil.rmtree(upload_folder(self.directory, file_id), ignore_errors=True)


class _Cancelled(Exception):
    """Somebody asked to stop this import."""


class ImportRun:
    """One import from the queue to its end."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        intake: Intake,
        job: Any,
        *,
        directory: Path,
        comparison: PeopleComparison | None = None,
    ) -> None:
        self._comparison = comparison
        self._uows = uows
        self._intake = intake
        self._job = job
        self._tenant_id = TenantId(job.tenant_id)
        self._name = encode_id("imp", job.id)
        self._folder = folder_of(directory, job.id)
        self._noted_at = 0.0

    async def run(self) -> None:
        """Prepare if that was not finished before, then write; every end is recorded."""
        _log.info("imports.started", import_id=self._name, resumed=self._job.status == "running")
        try:
            manifest = await self._prepared()
            if not self._job.dry_run:
                await self._write(manifest)
            elif manifest.chunks and self._comparison is not None:
                await self._compare(self._comparison, manifest)
            await self._finish(ImportStatus.COMPLETED)
        except _Cancelled:
            await self._finish(ImportStatus.CANCELLED)
        except AppError as error:
            await self._fail(error)
        except OSError as error:
            await self._fail(_disk_trouble(error))
        except _PASSING:
            raise  # The worker comes back to it at its checkpoint.
        except Exception as error:
            _log.exception("imports.defect", import_id=self._name)
            await self._fail(_defect(error))

    async def _fail(self, error: AppError) -> None:
        told = {"code": error.code, "message": error.message, "message_zh": error.message_zh}
        await self._finish(ImportStatus.FAILED, error=told)

    async def _prepared(self) -> Manifest:
        manifest = read_manifest(self._folder)
        if manifest is not None and self._job.chunks_total is not None:
            return manifest
        if manifest is None:
            async with self._uows.system(self._tenant_id) as uow:
                await ImportQueries(uow).begin(self._job.id)
            manifest = await self._prepare()
        async with self._uows.system(self._tenant_id) as uow:
            await ImportQueries(uow).prepared(self._job.id, manifest)
            if not self._job.dry_run:
                await self._note_unplanned(uow, manifest)
        return manifest

    async def _note_unplanned(self, uow: UnitOfWork, manifest: Manifest) -> None:
        source = self._source()
        for issue in manifest.plan_issues:
            await plans.add_issue(uow, source=source, **msgspec.structs.asdict(issue))

    async def _prepare(self) -> Manifest:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        async with self._uows.system(self._tenant_id) as uow:
            plan = await plans.whole(uow)
        job = PrepareJob(
            file=self._job.file,
            map_text=self._job.map_text,
            map_name=self._job.map_name,
            directory=str(self._folder),
            now=self._uows.clock.now(),
            dry_run=self._job.dry_run,
            plan_json=plan.model_dump_json(),
        )
        job_path = self._folder / "job.json"
        job_path.write_bytes(msgspec.json.encode(job))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "quanyu.flows.imports.prepare",
            str(job_path),
            stdin=PIPE,  # Its other end tells the process that we are still here.
            stdout=PIPE,
            limit=_LINE_BYTES_MAX,
        )
        try:
            await self._follow(process)
        finally:
            await _end(process)
        manifest = read_manifest(self._folder)
        assert manifest is not None, "a preparation that succeeds leaves a manifest"
        return manifest

    async def _follow(self, process: Process) -> None:
        assert process.stdout is not None
        last: dict[str, Any] = {}
        while line := await process.stdout.readline():
            last = msgspec.json.decode(line)
            if "phase" in last:
                await self._note(last)
        if "failed" in last:
            raise _failure(last["failed"])
        if "done" not in last:
            code = await process.wait()
            raise PreparationDied(
                f"{self._job.file}: the preparing process ended unexpectedly (exit code {code}), perhaps for "
                "want of memory; nothing was written, run the import again",
                message_zh=f"{self._job.file}：准备进程意外结束（退出码 {code}），可能是内存不足；"
                "没有写入任何数据，请重新运行",
            )

    async def _note(self, progress: dict[str, Any]) -> None:
        now = time.monotonic()
        if now < self._noted_at + _NOTE_EVERY_S:
            return
        self._noted_at = now
        async with self._uows.system(self._tenant_id) as uow:
            is_cancelled = await ImportQueries(uow).progress(
                self._job.id,
                phase=ImportPhase(progress["phase"]),
                share=float(progress["share"]),
                rows_read=progress["rows"] if progress["phase"] == "reading" else None,
                rejected=progress.get("rejected"),
            )
        if is_cancelled:
            raise _Cancelled

    async def _compare(self, comparison: PeopleComparison, manifest: Manifest) -> None:
        async def tell(share: float) -> None:
            await self._note({"phase": ImportPhase.COMPARING, "share": share})

        findings = await comparison.compare(
            self._tenant_id, self._folder / "chunks", manifest.chunks, source=self._source(), tell=tell
        )
        async with self._uows.system(self._tenant_id) as uow:
            await ImportQueries(uow).found(self._job.id, findings)

    def _source(self) -> str:
        return source_name(parse_map(self._job.map_text, file=self._job.map_name).source)

    async def _write(self, manifest: Manifest) -> None:
        chunks = self._folder / "chunks"
        source = self._source()
        while True:
            async with self._uows.system(self._tenant_id) as uow:
                job = await ImportQueries(uow).find(self._job.id, lock=True)
                if job.cancel_requested:
                    raise _Cancelled
                if job.chunks_done >= manifest.chunks:
                    return
                await self._write_chunk(uow, chunks, job.chunks_done + 1, source)
            # Between chunks everybody else has a turn.
            await asyncio.sleep(0)

    async def _write_chunk(self, uow: UnitOfWork, chunks: Path, number: int, source: str) -> None:
        prepared = await asyncio.to_thread(read_chunk, chunks, number)
        events = [intake_event(one, source=source) for one in prepared]
        outcomes = await self._intake.append(uow, events)
        await ImportQueries(uow).chunk_written(
            self._job.id,
            written=_count(outcomes, AcceptOutcome.ACCEPTED),
            duplicate=_count(outcomes, AcceptOutcome.DUPLICATE),
            differing=_count(outcomes, AcceptOutcome.DUPLICATE_DIFFERS),
        )
        for outcome in AcceptOutcome:
            _EVENTS.labels(outcome.value).inc(_count(outcomes, outcome))

    async def _finish(self, status: ImportStatus, *, error: dict[str, str] | None = None) -> None:
        async with self._uows.system(self._tenant_id) as uow:
            await ImportQueries(uow).finish(self._job.id, status, error=error)
        _log.info(
            "imports.finished", import_id=self._name, status=status.value, code=(error or {}).get("code")
        )
        # What was prepared holds personal data in clear; only rejects and examples are kept.
        for name in ("chunks", "runs", "scratch"):
            await asyncio.to_thread(shutil.rmtree, self._folder / name, ignore_errors=True)


def folder_of(directory: Path, import_id: int) -> Path:
    """Return where an import keeps its files."""
    return directory / encode_id("imp", import_id)


def upload_folder(directory: Path, file_id: int) -> Path:
    """Return where an uploaded file lies."""
    return directory / "uploads" / encode_id("imf", file_id)


def intake_event(event: PreparedEvent, *, source: str) -> IntakeEvent:
    """Return the event as the log's intake takes it."""
    commerce = Commerce(
        order_id=event.order_id,
        revenue=event.revenue,
        currency=event.currency,
        quantity=event.quantity,
        # Already JSON: decoding half a million lines to encode them again would hold up the event loop.
        items=msgspec.Raw(event.items_json) if event.items_json else (),  # type: ignore[arg-type]
    )
    return IntakeEvent(
        kind=event.kind,
        name=event.name,
        source=source,
        message_id=event.message_id,
        occurred_at=instant_of(event.occurred_ms),
        identifiers=[FactIdentifier(namespace=one[0], scope=one[1], value=one[2]) for one in event.names],
        properties=event.properties,
        traits=event.traits,
        context=event.context,
        commerce=commerce,
        stated=(event.statement,),
    )


def _count(outcomes: Sequence[AcceptOutcome], wanted: AcceptOutcome) -> int:
    return sum(outcome is wanted for outcome in outcomes)


def _failure(told: dict[str, str]) -> AppError:
    error = AppError(told["message"], message_zh=told["message_zh"])
    error.code = told["code"]
    return error


def _disk_trouble(error: OSError) -> AppError:
    return WorkFilesLost(
        f"the files of this import cannot be used ({error.strerror}: {error.filename}); run the import again",
        message_zh=f"导入的中间文件不可用（{error.strerror}：{error.filename}），请重新运行",
    )


def _defect(error: Exception) -> AppError:
    return ImportDefect(
        f"this import met a defect of ours ({type(error).__name__}); the log tells more",
        message_zh=f"导入遇到程序缺陷（{type(error).__name__}），详见日志",
    )


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
