"""``quanyu archive``: what the log's archive holds, and whether it is whole."""

import asyncio
from typing import Annotated, Any

import typer
from rich.progress import Progress

from quanyu.app.cli_options import BrandOption
from quanyu.app.local_client import LocalClient, local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people

_console = console_for_people()
_PATH = "/api/v1/pipeline/archive"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("archive")(archive)


def archive(
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file and compare it with its checksum. 校验")
    ] = False,
    brand: BrandOption = None,
) -> None:
    """List archived days: day, events, files, bytes, state. Their events alone on the last line. 归档"""
    days, damaged = asyncio.run(_archive(brand, verify=verify))
    for one in days:
        state = "archived" if one["dropped"] else "in log and archive"
        typer.echo("\t".join(map(str, (one["day"], one["events"], one["files"], one["size_bytes"], state))))
    for file in damaged:
        _console.print(f"[red]✗[/] 缺失或已损坏 missing or damaged: {file}")
    typer.echo(sum(one["events"] for one in days))
    if damaged:
        raise typer.Exit(1)


async def _archive(brand: str | None, *, verify: bool) -> tuple[list[dict[str, Any]], list[str]]:
    async with local_client(Settings.from_env(), brand=brand) as client:
        days, waiting = await _days(client)
        for one in waiting:
            reason = f"等待 waits for {one['held_by']}" if one["held_by"] else "即将归档 goes soon"
            _console.print(f"[yellow]…[/] {one['day']} {reason}")
        return days, await _verify(client, days) if verify else []


async def _days(client: LocalClient) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return every archived day, oldest first, and those that wait."""
    days: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 200}
    while True:
        page = await client.get(_PATH, **query)
        days += page["items"]
        if page["next_cursor"] is None:
            return days[::-1], page["waiting"]
        query["cursor"] = page["next_cursor"]


async def _verify(client: LocalClient, days: list[dict[str, Any]]) -> list[str]:
    damaged: list[str] = []
    with Progress(console=_console, transient=True) as bar:
        for one in bar.track(days, description="校验 verifying"):
            damaged += (await client.post(f"{_PATH}/{one['day']}/verify"))["damaged"]
    return damaged
