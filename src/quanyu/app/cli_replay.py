"""``quanyu replay``: rebuild a brand's history in the warehouse from archive and log."""

import asyncio
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from quanyu.app.cli_options import BrandOption
from quanyu.app.local_client import LocalClient, local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people
from quanyu.kernel.errors import Conflict

_console = console_for_people()
_PATH: Final = "/api/v1/pipeline/replay"
_POLL_S: Final = 0.3
_STEPS: Final = {
    "running": "重新写入 inserting anew",
    "exchanging": "更换数据 exchanging rows",
    "stopped": "已停止 stopped",
}


class ReplayFailed(Conflict):
    """A replay did not come out whole; the history that was there is untouched."""

    code = "pipeline.replay_failed"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("replay")(replay)


def replay(
    stop: Annotated[bool, typer.Option("--stop", help="Stop the one under way. 停止")] = False,
    brand: BrandOption = None,
) -> None:
    """Rebuild history from archive and log, or go on with a stopped rebuild; prints the events. 重放"""
    status = asyncio.run(_stop(brand) if stop else _replay(brand))
    typer.echo(status["events_done"])


async def _stop(brand: str | None) -> Any:
    async with local_client(Settings.from_env(), brand=brand) as client:
        return await client.post(f"{_PATH}/stop")


async def _replay(brand: str | None) -> Any:
    async with local_client(Settings.from_env(), brand=brand) as client:
        await client.post(_PATH)
        status = await _watch(client)
    if status["state"] == "failed":
        raise ReplayFailed(
            f"the replay did not come out whole ({status['error']}); history is as it was",
            message_zh=f"重放未完整完成（{status['error']}），原有数据未变",
        )
    return status


async def _watch(client: LocalClient) -> Any:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console, transient=True) as bar:
        task = bar.add_task("")
        while True:
            status = await client.get(_PATH)
            bar.update(
                task,
                description=_STEPS.get(status["state"], status["state"]),
                completed=status["events_done"],
                total=status["events_total"],
            )
            if status["state"] not in ("running", "exchanging"):
                return status
            await asyncio.sleep(_POLL_S)
