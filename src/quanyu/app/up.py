"""Running the whole platform in this process, from the first start to Ctrl-C."""

import asyncio
import os
import signal

import typer

from quanyu.app.demo import DEMO_BRAND, Demo
from quanyu.app.platform import BrandSpec, Platform
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people

console = console_for_people()


async def up(settings: Settings, *, demo: bool, speed: float) -> None:
    """Run until a signal; ``speed`` is the simulated brand's clock."""
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
        link = await platform.login_link()
        try:
            if simulation is not None:
                await simulation.start(platform, _report)
            started.set()
            serving = asyncio.create_task(platform.serve(stopping))
            await _ready(platform, serving)
            console.print(f"\n[green]●[/] 全域已就绪 Quanyu is ready: [bold]{settings.url}[/]")
            console.print(f"  登录链接（一次有效） one-time login link:\n  [bold]{link}[/]\n")
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


async def migrate(settings: Settings) -> None:
    """Bring both schemas up to this release."""
    async with Platform(settings, BrandSpec(), report=_report):
        pass


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
