"""``quanyu import``: bring files of people, events and orders into the platform on this machine."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from quanyu.app.local_client import LocalClient, PlatformAway, local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people, console_for_tables
from quanyu.flows.imports.contracts import ImportPhase
from quanyu.flows.imports.errors import FileUnusable, MapInvalid
from quanyu.flows.imports.mapfile import read_map
from quanyu.flows.imports.mapping import ImportKind
from quanyu.infra.telemetry import configure_logging
from quanyu.kernel.errors import AppError

app = typer.Typer(help="Import files. 导入文件：客户、事件、订单", no_args_is_help=True)
console = console_for_people()

_POLL_S: Final = 0.25
_SETTLING_LIMIT_S: Final = 120.0
_PATH: Final = "/api/v1/imports"
_FILE_ERROR: Final = 2
_CANCELLED: Final = 1
PHASES: Final = {
    ImportPhase.WAITING: "等待 waiting",
    ImportPhase.READING: "读取 reading",
    ImportPhase.MAPPING: "转换 mapping",
    ImportPhase.SORTING: "排序 sorting",
    ImportPhase.COMPARING: "对照已有客户 comparing",
    ImportPhase.WRITING: "写入 writing",
    ImportPhase.DONE: "完成 done",
}


FileArgument = Annotated[Path, typer.Argument(help="CSV, Excel or Parquet; .gz too. 文件")]
MapOption = Annotated[Path, typer.Option("--map", help="What the columns mean (TOML). 映射文件")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check and show, write nothing. 只检查")]
BrandOption = Annotated[str | None, typer.Option(help="The brand's key, if there are several. 品牌")]
NoWaitOption = Annotated[bool, typer.Option("--no-wait", help="Leave it to the running server. 不等待")]


@app.command()
def people(
    file: FileArgument,
    map_file: MapOption,
    dry_run: DryRunOption = False,
    brand: BrandOption = None,
    no_wait: NoWaitOption = False,
) -> None:
    """Import people: one row per person. 导入客户"""
    _import(ImportKind.PEOPLE, file, map_file, dry_run=dry_run, brand=brand, no_wait=no_wait)


@app.command()
def events(
    file: FileArgument,
    map_file: MapOption,
    dry_run: DryRunOption = False,
    brand: BrandOption = None,
    no_wait: NoWaitOption = False,
) -> None:
    """Import events: one row per event. 导入事件"""
    _import(ImportKind.EVENTS, file, map_file, dry_run=dry_run, brand=brand, no_wait=no_wait)


@app.command()
def orders(
    file: FileArgument,
    map_file: MapOption,
    dry_run: DryRunOption = False,
    brand: BrandOption = None,
    no_wait: NoWaitOption = False,
) -> None:
    """Import orders: one row per order line. 导入订单"""
    _import(ImportKind.ORDERS, file, map_file, dry_run=dry_run, brand=brand, no_wait=no_wait)


@app.command()
def companies(
    file: FileArgument,
    map_file: MapOption,
    dry_run: DryRunOption = False,
    brand: BrandOption = None,
    no_wait: NoWaitOption = False,
) -> None:
    """Import company accounts: one row per company, or per contact of one. 导入企业"""
    _import(ImportKind.COMPANIES, file, map_file, dry_run=dry_run, brand=brand, no_wait=no_wait)


@app.command("list")
def list_imports(brand: BrandOption = None) -> None:
    """Show the latest imports. 列出最近的导入"""
    answer = _run(_ask_get(_PATH, brand))
    table = Table("id", "kind", "file", "status", "rows", "rejected", "written", "duplicate", box=None)
    table.columns[0].no_wrap = True  # It is there to be copied.
    table.columns[0].min_width = 16
    for one in answer["items"]:
        shown = (one[key] for key in ("rows_read", "rows_rejected", "events_written", "events_duplicate"))
        table.add_row(
            one["id"], one["kind"], Path(one["file"]).name, one["status"], *(f"{n:,}" for n in shown)
        )
    console_for_tables().print(table)


@app.command()
def status(import_id: str, brand: BrandOption = None) -> None:
    """Show one import. 查看一次导入"""
    _show(_run(_ask_get(f"{_PATH}/{import_id}", brand)))


@app.command()
def cancel(import_id: str, brand: BrandOption = None) -> None:
    """Stop an import; what it has written stays. 取消导入"""

    async def ask() -> Any:
        async with local_client(Settings.from_env()) as client:
            return await client.post(_with_brand(f"{_PATH}/{import_id}/cancel", brand))

    _run(ask())
    console.print(f"[yellow]■[/] 已请求取消 {import_id} [dim]Asked to cancel[/]")


def _import(
    kind: ImportKind, file: Path, map_file: Path, *, dry_run: bool, brand: str | None, no_wait: bool
) -> None:
    with _errors_told():
        _check(kind, file, map_file)
        command = {
            "kind": kind.value,
            "path": str(file.absolute()),
            "map_path": str(map_file.absolute()),
            "dry_run": dry_run,
        }
        job = _run(_follow(command, brand, no_wait=no_wait))
    _show(job, file=file)


@contextmanager
def _errors_told() -> Iterator[None]:
    """Print an anticipated failure as it is: places in a map look like markup, and are not."""
    try:
        yield
    except AppError as error:
        for message in filter(None, (error.message_zh, error.message)):
            console.print(f"[red]✗[/] {escape(message)}", soft_wrap=True)
        raise SystemExit(_FILE_ERROR) from error


def _check(kind: ImportKind, file: Path, map_file: Path) -> None:
    """Look here first: a misspelt map should not have to wait for a platform to start."""
    import_map, _ = read_map(map_file)
    if import_map.kind is not kind:
        raise MapInvalid(
            f"{map_file}: this map is for {import_map.kind}; use `quanyu import {import_map.kind}`",
            message_zh=f"{map_file}：这是 {import_map.kind} 的映射文件，"
            f"请用 `quanyu import {import_map.kind}`",
        )
    if not file.exists():
        raise FileUnusable(f"{file}: there is no such file", message_zh=f"{file}：文件不存在")
    if not file.is_file():
        raise FileUnusable(
            f"{file} is no file but a directory or a device; name one file of rows",
            message_zh=f"{file} 是目录或设备，请指定一个数据文件",
        )


async def _follow(command: dict[str, Any], brand: str | None, *, no_wait: bool) -> Any:
    async with local_client(Settings.from_env(), makes_deployment=True) as client:
        job = await client.post(_with_brand(f"{_PATH}/local", brand), command)
        if no_wait:
            return job
        path = f"{_PATH}/{job['id']}"
        try:
            with _progress() as progress:
                return await _watch(client, _with_brand(path, brand), progress)
        except asyncio.CancelledError:
            console.print(
                f"[yellow]■[/] 已停止等待；再次运行同一命令即可继续，"
                f"取消用 quanyu import cancel {job['id']}\n"
                f"  [dim]Stopped watching; run the same command to go on, or cancel it with "
                f"quanyu import cancel {job['id']}[/]"
            )
            raise
        except PlatformAway as error:
            raise PlatformAway(
                "the platform stopped while importing; start it, or run the same command again: it goes on",
                message_zh="导入过程中平台停止了；重新启动平台或再次运行同一命令即可继续",
            ) from error


async def _watch(client: LocalClient, path: str, progress: Progress) -> Any:
    bar = progress.add_task(PHASES[ImportPhase.WAITING], total=1.0, detail="")
    phase, ended_at = "waiting", None
    while True:
        job = await client.get(path)
        if job["phase"] != phase:
            phase = job["phase"]
            progress.reset(bar, description=PHASES[phase])
        _advance(progress, bar, job)
        if job["status"] not in ("queued", "running"):
            ended_at = ended_at or time.monotonic()
            if not _is_settling(job) or time.monotonic() > ended_at + _SETTLING_LIMIT_S:
                return job
        await asyncio.sleep(_POLL_S)


def _is_settling(job: dict[str, Any]) -> bool:
    """Whether everything is in the log, but history does not show all of it yet."""
    return job["status"] == "completed" and not job["dry_run"] and job["queryable_at"] is None


def _advance(progress: Progress, bar: TaskID, job: dict[str, Any]) -> None:
    if job["phase"] == "writing":
        done = job["events_written"] + job["events_duplicate"] + job["events_differing"]
        detail = f"{done:,} / {job['events_total'] or 0:,} 事件 events"
    elif _is_settling(job):
        detail = "等待可查询 until queryable"
    else:
        detail = f"{job['rows_read']:,} 行 rows"
    if job["rows_rejected"]:
        detail += f"，{job['rows_rejected']:,} 拒绝 rejected"
    progress.update(bar, completed=job["share"], detail=detail)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _show(job: dict[str, Any], *, file: Path | None = None) -> None:
    """Print how an import went; the exit code says whether it did."""
    name = file or Path(job["file"])
    match job["status"]:
        case "completed":
            _show_counts(job, name)
        case "failed":
            console.print(f"[red]✗[/] {escape(job['error']['message_zh'])}", soft_wrap=True)
            console.print(f"[red]✗[/] {escape(job['error']['message'])}", soft_wrap=True)
            _show_rejects(job)
            raise SystemExit(_FILE_ERROR)
        case "cancelled":
            console.print(f"[yellow]■[/] 已取消 {job['id']} [dim]cancelled[/]")
            raise SystemExit(_CANCELLED)
        case _:
            console.print(f"[cyan]→[/] {job['id']} {PHASES[job['phase']]} {job['share']:.0%}")


def _show_counts(job: dict[str, Any], name: Path) -> None:
    mark = "试运行，未写入 dry run, nothing written" if job["dry_run"] else "已导入 imported"
    console.print(f"[green]✓[/] {escape(str(name))}: {mark} ({job['id']})", soft_wrap=True)
    table = Table(box=None, show_header=False, padding=(0, 2))
    for label, count in (
        ("行 rows", job["rows_total"]),
        ("跳过的行 rows skipped by the map", job["rows_skipped"]),
        ("重复的行 rows that repeat another", job["rows_repeated"]),
        ("拒绝的行 rows rejected", job["rows_rejected"]),
        ("事件 events in the file", job["events_total"]),
        ("其中无客户 of nobody", job["events_of_nobody"]),
        ("新写入 newly written", job["events_written"]),
        ("已存在 already there", job["events_duplicate"]),
        ("已存在但内容不同 already there, differs", job["events_differing"]),
    ):
        if count:
            table.add_row(label, f"{count:,}")
    for event, count in sorted(job["events_by_name"].items(), key=lambda one: -one[1])[:12]:
        table.add_row(f"  {escape(event)}", f"{count:,}")
    table.add_row("用时 took", _durations(job))
    console.print(table)
    if _is_settling(job):
        console.print("  数据已安全写入，管道处理后即可查询 [dim]Safe in the log; queries show it soon[/]")
    _show_rejects(job)
    if job["dry_run"]:
        _show_sample(job)


def _durations(job: dict[str, Any]) -> str:
    text = f"{job['took_s']:.1f} s"
    if job["queryable_after_s"] is not None and not job["dry_run"]:
        text += f"，可查询 queryable {job['queryable_after_s']:.1f} s"
    return text


def _show_rejects(job: dict[str, Any]) -> None:
    if not job["rows_rejected"]:
        return
    for reason, count in sorted(job["reject_reasons"].items(), key=lambda one: -one[1]):
        example = next((one for one in job.get("first_rejects", ()) if one["reason"] == reason), None)
        console.print(f"  [yellow]{reason}[/] {count:,}")
        if example:
            console.print(
                f"    第 {example['row']} 行：{escape(example['message_zh'])}\n"
                f"    [dim]row {example['row']}: {escape(example['message_en'])}[/]"
            )
    if job["rejects_path"]:
        console.print(f"  被拒绝的行 rejected rows: [bold]{escape(job['rejects_path'])}[/]", soft_wrap=True)


def _show_sample(job: dict[str, Any]) -> None:
    console.print("  示例事件 sample events:")
    for event in job.get("sample_events", ())[:3]:
        console.print_json(data=event)


async def _ask_get(path: str, brand: str | None) -> Any:
    async with local_client(Settings.from_env()) as client:
        return await client.get(_with_brand(path, brand))


def _with_brand(path: str, brand: str | None) -> str:
    return path if brand is None else f"{path}?brand={brand}"


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    # Imported late: the command line as a whole imports this module.
    from quanyu.app.cli import run

    configure_logging(level="WARNING")  # A platform started for this call has nothing to tell but trouble.
    return run(work)
