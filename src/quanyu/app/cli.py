"""The command line: ``quanyu up`` is the whole platform."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from quanyu.app import cli_backup, cli_import, cli_pipeline, cli_segment
from quanyu.app.demo import DEMO_BRAND, Demo
from quanyu.app.local_client import local_client
from quanyu.app.platform import BrandSpec, Platform
from quanyu.app.settings import Settings
from quanyu.infra.telemetry import configure_logging
from quanyu.kernel.errors import AppError

app = typer.Typer(
    help="Quanyu 全域: one platform for a brand's whole WeChat ecosystem.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_import.app, name="import")
app.add_typer(cli_segment.app, name="segment")
cli_backup.register(app)
cli_pipeline.register(app)
console = Console(stderr=True, highlight=False)
Result = TypeVar("Result")


def main() -> None:
    """Run the command line; anticipated failures become one clear line and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(130)
    except AppError as error:
        for text in dict.fromkeys(filter(None, (error.message_zh, error.message))):
            console.print(f"[red]✗[/] {escape(text)}")
        sys.exit(2)
    except Exception as error:
        if not hasattr(error, "exit_code"):  # Typer's own words about wrong usage.
            raise
        console.print(
            f"[red]✗[/] {escape(error.format_message() if hasattr(error, 'format_message') else '')}"
        )
        sys.exit(2)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="With the sandbox and a simulated brand.")] = False,
    speed: Annotated[float, typer.Option(help="How fast the simulated brand's clock runs.", min=0.1)] = 20.0,
) -> None:
    """Run the whole platform: databases, API, callbacks, pipeline, workers and console."""
    settings = Settings.from_env()
    configure_logging(level=settings.log_level)
    run(_up(settings, demo=demo, speed=speed))


async def _up(settings: Settings, *, demo: bool, speed: float) -> None:
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    simulation = Demo(settings, speed=speed) if demo else None
    if simulation is not None:
        settings = simulation.settings
    brand = DEMO_BRAND if demo else BrandSpec()
    started = asyncio.Event()
    running = asyncio.create_task(_serve(settings, brand, simulation, started, stopping))
    watcher = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, watcher}, return_when=asyncio.FIRST_COMPLETED)
    watcher.cancel()
    if not started.is_set():
        # However long a recovery or a migration would still take: what was begun is taken back at once.
        running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        _report("已放弃启动", "The start was given up")
        raise typer.Exit(130) from None


async def _serve(
    settings: Settings,
    brand: BrandSpec,
    simulation: Demo | None,
    started: asyncio.Event,
    stopping: asyncio.Event,
) -> None:
    async with Platform(settings, brand, report=_report) as platform:
        _calm_collector()
        link = await platform.login_link()
        try:
            if simulation is not None:
                await simulation.start(platform, _report)
            started.set()
            serving = asyncio.create_task(platform.serve(stopping))
            await _ready(platform, serving)
            console.print(f"\n[green]●[/] 全域已就绪 Quanyu is ready: [bold]{settings.url}[/]")
            console.print(f"  登录链接(一次有效) one-time login link:\n  [bold]{link}[/]\n")
            console.print("  按 Ctrl-C 停止 Press Ctrl-C to stop", style="dim")
            await serving
        finally:
            if simulation is not None:
                await simulation.stop()


async def _ready(platform: Platform, serving: "asyncio.Task[None]") -> None:
    ready = asyncio.create_task(platform.is_serving.wait())
    await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if serving.done():
        serving.result()


@app.command()
def login() -> None:
    """Print a new one-time login link of the running platform."""

    async def ask() -> str:
        async with local_client(Settings.from_env()) as client:
            answer = await client.post("/api/v1/session/links")
            return str(answer["url"])

    typer.echo(run(ask()))


@app.command()
def migrate() -> None:
    """Bring both schemas up to this release, then stop."""

    async def bring_up() -> None:
        async with Platform(Settings.from_env(), BrandSpec(), report=_report):
            pass

    run(bring_up())


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on the fast event loop where there is one."""
    loop_factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


def _calm_collector() -> None:
    """Leave what lives for ever out of the collector's rounds: batches make many short-lived objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def _stop_on_signals(stopping: asyncio.Event) -> None:
    """First Ctrl-C: stop in order. Second: at once; the next start recovers."""

    def stop() -> None:
        if stopping.is_set():
            os._exit(130)
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _report(zh: str, en: str) -> None:
    console.print(f"[cyan]→[/] {zh} [dim]{en}[/]")
