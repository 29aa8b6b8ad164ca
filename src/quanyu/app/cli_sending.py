"""``quanyu sending``: hold all of a brand's messages, and release them, as after a restore."""

import asyncio
from typing import Annotated, Any, Final

import typer

from quanyu.app.cli_options import BrandOption
from quanyu.app.local_client import local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people
from quanyu.kernel.errors import InvalidInput

_console = console_for_people()
_PATH: Final = "/api/v1/messages/hold"


class ContraryOptions(InvalidInput):
    """Options that exclude each other."""

    code = "app.contrary_options"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("sending")(sending)


def sending(
    hold: Annotated[bool, typer.Option("--hold", help="Hold all messages. 暂停发送")] = False,
    release: Annotated[bool, typer.Option("--release", help="Let messages go out. 解除暂停")] = False,
    drop_waiting: Annotated[
        bool, typer.Option("--drop-waiting", help="With --release: drop what waited before. 丢弃等待的消息")
    ] = False,
    brand: BrandOption = None,
) -> None:
    """Tell whether messages go out (held or released, alone on the last line), or change it. 消息发送"""
    if (hold and release) or (drop_waiting and not release):
        raise ContraryOptions(
            "give --hold, or --release with or without --drop-waiting",
            message_zh="请使用 --hold，或 --release（可加 --drop-waiting）",
        )
    view = asyncio.run(_sending(brand, hold=hold, release=release, drop_waiting=drop_waiting))
    if view["held"]:
        for text in filter(None, (view["advice_zh"], view["advice"])):
            _console.print(f"[yellow]![/] {text}")
    before = view["waiting_since_before"]
    _console.print(f"等待发送 waiting {view['waiting']}, 其中暂停前计划 planned before the hold {before}")
    typer.echo("held" if view["held"] else "released")


async def _sending(brand: str | None, *, hold: bool, release: bool, drop_waiting: bool) -> Any:
    async with local_client(Settings.from_env(), brand=brand) as client:
        if hold:
            return await client.put(_PATH)
        if release:
            return await client.delete(_PATH, drop_waiting=str(drop_waiting).lower())
        return await client.get(_PATH)
