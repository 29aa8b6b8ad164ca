"""``quanyu backup`` and ``quanyu restore``."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from quanyu.app.local_client import local_client
from quanyu.app.settings import Settings, archive_path
from quanyu.app.terminal import console_for_people
from quanyu.kernel.errors import Conflict

if TYPE_CHECKING:
    from quanyu.app.backup import Progress as BackupProgress
    from quanyu.app.backup import RestoreReport

_console = console_for_people()
_POLL_S: Final = 0.2
_STEPS: Final = {
    "checking": "校验 checking",
    "postgres": "PostgreSQL",
    "warehouse": "数据仓库 warehouse",
    "archive": "日志归档 archive",
    "checksums": "计算校验和 checksums",
    "starting_postgres": "启动数据库 starting PostgreSQL",
    "reconciling": "对齐 reconciling",
}


class BackupFailed(Conflict):
    """A backup did not come about; nothing of it is left."""

    code = "backup.failed"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("backup")(create)
    app.command("restore")(restore)


def create(
    target: Annotated[Path, typer.Argument(help="A folder that does not exist yet. 新的备份目录")],
    with_master_key: Annotated[
        bool, typer.Option(help="Put the master key in: whoever has the backup can read it. 含主密钥")
    ] = False,
) -> None:
    """Back the whole deployment up, while it runs or while it stands still. 备份"""
    asyncio.run(_create(target.absolute(), with_master_key=with_master_key))
    typer.echo(str(target.absolute()))


async def _create(target: Path, *, with_master_key: bool) -> None:
    async with local_client(Settings.from_env()) as client:
        body = {"target": str(target), "include_master_key": with_master_key}
        await client.post("/api/v1/backups", body)
        with _bar() as bar:
            task = bar.add_task("", total=None)
            while True:
                status = await client.get("/api/v1/backups/latest")
                bar.update(
                    task,
                    description=_STEPS.get(status["step"], status["step"]),
                    completed=status["bytes_done"],
                    total=status["bytes_total"] or None,
                )
                if status["state"] != "running":
                    break
                await asyncio.sleep(_POLL_S)
    if status["state"] == "failed":
        raise BackupFailed(status["detail"], message_zh=status["detail_zh"])


def restore(
    source: Annotated[Path, typer.Argument(help="A backup folder. 备份目录")],
    master_key: Annotated[Path | None, typer.Option(help="The master key file. 主密钥文件")] = None,
    replace: Annotated[bool, typer.Option(help="Move data that is there aside. 把现有数据移到一旁")] = False,
    erasures: Annotated[
        Path | None,
        typer.Option(help="A newer copy of erasures.jsonl, or a backup with one. 更新的删除登记文件"),
    ] = None,
) -> None:
    """Restore a backup into QUANYU_DATA; the platform must not be running. 恢复"""
    from quanyu.app import backup
    from quanyu.modules.messaging.hold import ADVICE_EN, ADVICE_ZH

    with _bar() as bar:
        task = bar.add_task("", total=None)

        def show(progress: "BackupProgress") -> None:
            bar.update(
                task,
                description=_STEPS.get(progress.step.value, progress.step.value),
                completed=progress.bytes_done,
                total=progress.bytes_total or None,
            )

        report = asyncio.run(
            backup.restore_backup(
                source.absolute(),
                Settings.from_env().data,
                now=datetime.now(UTC),
                archive=archive_path(os.environ),
                master_key=master_key,
                erasures=erasures,
                replace=replace,
                progress=show,
            )
        )
    _console.print(f"[green]✓[/] 已恢复 restored: {escape(_summary(report))}")
    _console.print(f"[yellow]![/] [bold]消息发送已暂停 Sending is held[/]\n{ADVICE_ZH}\n{ADVICE_EN}")


def _summary(report: "RestoreReport") -> str:
    parts = [
        f"备份时间 made at {report.created_at}",
        f"品牌 brands {report.brands}",
        f"删除的行 rows cut {report.rows_cut}",
        f"重新打开的批次 batches opened again {report.batches_reopened}",
        f"归档天数 archived days {report.archived_days}",
        f"登记的删除，启动时重新执行 erasures on record, done again at the start {report.erasures}",
    ]
    if report.replaced is not None:
        parts.append(f"原有数据移至 earlier data moved to {report.replaced}")
    return ", ".join(parts)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=_console, transient=True
    )
