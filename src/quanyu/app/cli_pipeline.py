"""``quanyu dead-letters``: what the pipeline put aside, and handing it over again."""

import asyncio
from typing import Annotated, Any

import typer
from rich.progress import Progress

from quanyu.app.local_client import LocalClient, local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people

_console = console_for_people()
_PATH = "/api/v1/pipeline/dead-letters"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("dead-letters")(dead_letters)


def dead_letters(
    replay: Annotated[bool, typer.Option("--replay", help="Hand them over again. 重新投递")] = False,
    subscriber: Annotated[str | None, typer.Option(help="Only this subscriber's. 仅此订阅者")] = None,
) -> None:
    """List events a subscriber could not take, one per line; their number alone on the last. 死信"""
    count = asyncio.run(_replay(subscriber) if replay else _list(subscriber))
    typer.echo(count)


async def _list(subscriber: str | None) -> int:
    count = 0
    query: dict[str, Any] = {"limit": 200, **({"subscriber": subscriber} if subscriber else {})}
    async with local_client(Settings.from_env()) as client:
        while True:
            page = await client.get(_PATH, **query)
            for one in page["items"]:
                count += 1
                fields = (one["failed_at"], one["subscriber"], one["position"], one["event"], one["error"])
                typer.echo("\t".join(fields))
            if page["next_cursor"] is None:
                return count
            query["cursor"] = page["next_cursor"]


async def _replay(subscriber: str | None) -> int:
    """Try every letter once; return how many still lie there."""
    async with local_client(Settings.from_env()) as client:
        with Progress(console=_console, transient=True) as bar:
            task = bar.add_task("重新投递 replaying", total=None)
            tried = replayed = 0
            while True:
                done = await _once(client, subscriber)
                replayed += done["replayed"]
                tried += done["replayed"] + done["failed"]
                bar.update(task, completed=tried, total=replayed + done["pending"])
                # Those that failed again went to the end of the queue: when as many were tried as there
                # were, everything had its turn.
                if tried >= replayed + done["pending"] or not done["replayed"] + done["failed"]:
                    break
    _console.print(f"[green]✓[/] 已处理 replayed {replayed}, 仍失败 failed again {tried - replayed}")
    return int(done["pending"])


async def _once(client: LocalClient, subscriber: str | None) -> Any:
    return await client.post(f"{_PATH}/replay", {"subscriber": subscriber})
