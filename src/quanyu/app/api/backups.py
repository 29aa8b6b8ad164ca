"""Backing up the running platform: the warehouse engine lives in this process, so this process does it."""

import asyncio
from enum import StrEnum
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel

from quanyu.app.backup import BackupSources, Progress, create_backup
from quanyu.infra import permits
from quanyu.infra.web import LocalCaller
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import AppError, Conflict


class BackupState(StrEnum):
    """Where a backup stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class StartBackup(BaseModel):
    """Where to write, and whether the master key goes along."""

    target: Path
    include_master_key: bool = False


class BackupStatus(BaseModel):
    """How far the latest backup is; bytes of the present step."""

    state: BackupState
    target: Path
    step: str = ""
    bytes_done: int = 0
    bytes_total: int = 0
    detail: str = ""
    detail_zh: str = ""


class BackupRunning(Conflict):
    """One backup at a time."""

    code = "backup.running"


class NoBackup(Conflict):
    """No backup was asked for since the platform started."""

    code = "backup.none"


class _Job:
    def __init__(self, sources: BackupSources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.status: BackupStatus | None = None

    def start(self, wanted: StartBackup) -> BackupStatus:
        if self._task is not None and not self._task.done():
            raise BackupRunning(
                "a backup is under way; wait for it", message_zh="已有备份正在进行，请等待完成"
            )
        self.status = BackupStatus(state=BackupState.RUNNING, target=wanted.target)
        self._task = asyncio.create_task(self._run(wanted, self.status))
        return self.status

    async def _run(self, wanted: StartBackup, status: BackupStatus) -> None:
        def note(progress: Progress) -> None:
            status.step = progress.step.value
            status.bytes_done, status.bytes_total = progress.bytes_done, progress.bytes_total

        try:
            await create_backup(
                self._sources,
                wanted.target,
                now=self._clock.now(),
                include_master_key=wanted.include_master_key,
                progress=note,
            )
            status.state = BackupState.DONE
        except AppError as error:
            status.state, status.detail, status.detail_zh = (
                BackupState.FAILED,
                error.message,
                error.message_zh,
            )
        except Exception as error:
            status.state, status.detail = BackupState.FAILED, f"{type(error).__name__}: {error}"
            raise


def router(sources: BackupSources, clock: Clock) -> APIRouter:
    """Return the routes; only the machine's own command line may use them, as they name paths."""
    routes = APIRouter(prefix="/api/v1/backups", tags=["backups"], dependencies=[permits.SETTINGS])
    job = _Job(sources, clock)

    @routes.post("", status_code=202)
    async def start(_: LocalCaller, wanted: StartBackup) -> BackupStatus:
        """Begin a backup into a new folder."""
        return job.start(wanted)

    @routes.get("/latest")
    async def latest(_: LocalCaller) -> BackupStatus:
        """Tell how far the latest backup is."""
        if job.status is None:
            raise NoBackup("no backup was begun since the start", message_zh="启动以来还没有备份")
        return job.status

    return routes
