"""``quanyu audit``: whether the audit log is what was sealed."""

import asyncio
import re
from typing import Annotated, Any, Final

import typer

from quanyu.app.cli_options import BrandOption
from quanyu.app.local_client import local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people

_console = console_for_people()
_ANCHOR: Final = re.compile(r"^([1-9]\d{0,17}):([0-9a-fA-F]{64})$")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("audit")(audit)


def audit(
    anchor: Annotated[
        str | None,
        typer.Option(help="NUMBER:DIGEST printed earlier and kept elsewhere. 先前留存的 编号:摘要"),
    ] = None,
    brand: BrandOption = None,
) -> None:
    """Check the whole audit log; print its head as NUMBER:DIGEST, to be kept elsewhere. 校验审计日志"""
    query = {} if anchor is None else _read(anchor)
    report = asyncio.run(_check(brand, query))
    if not report["intact"]:
        _console.print(f"[red]✗[/] {report['reason_zh']}\n  {report['reason']}")
        raise typer.Exit(1)
    _console.print(
        f"[green]✓[/] {report['entries']} 条完好 entries intact；{report['unsealed']} 条待封存 not yet sealed"
    )
    if report["head_number"]:
        typer.echo(f"{report['head_number']}:{report['head_digest']}")


def _read(anchor: str) -> dict[str, Any]:
    match = _ANCHOR.match(anchor)
    if match is None:
        raise typer.BadParameter("NUMBER:DIGEST, as this command prints it 请按本命令输出的格式填写")
    return {"number": int(match[1]), "digest": match[2]}


async def _check(brand: str | None, query: dict[str, Any]) -> dict[str, Any]:
    async with local_client(Settings.from_env(), brand=brand) as client:
        found: dict[str, Any] = await client.get("/api/v1/audit/chain", **query)
        return found
