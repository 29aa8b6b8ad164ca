"""``quanyu segment``: ask how many people a definition selects."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from quanyu.app.local_client import local_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people
from quanyu.kernel.errors import InvalidInput

app = typer.Typer(help="Segments. 人群", no_args_is_help=True)
_console = console_for_people()


class UnreadableDefinition(InvalidInput):
    """The file does not hold a definition."""

    code = "segments.unreadable_file"


@app.callback()
def segments() -> None:
    """Segments of the platform on this machine."""


@app.command()
def count(
    file: Annotated[Path, typer.Argument(help="The definition as JSON. 条件树")],
    as_of: Annotated[str | None, typer.Option(help="ISO instant to evaluate at; default now. 时点")] = None,
) -> None:
    """Print how many people a definition selects: the number alone on the last line. 计算人数"""
    body: dict[str, Any] = {"definition": _read(file), "as_of": as_of}
    answer = asyncio.run(_ask(body))
    _console.print(f"{answer['as_of']} · {answer['took_ms']} ms", style="dim")
    typer.echo(answer["count"])


async def _ask(body: dict[str, Any]) -> Any:
    async with local_client(Settings.from_env()) as client:
        return await client.post("/api/v1/segments/preview", body)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except OSError as error:
        raise UnreadableDefinition(
            f"{file}: {error.strerror}", message_zh=f"{file}：无法读取（{error.strerror}）"
        ) from error
    except RecursionError as error:
        raise UnreadableDefinition(
            f"{file}: nested too deep for a definition", message_zh=f"{file}：嵌套过深，不是有效的条件树"
        ) from error
    except ValueError as error:
        raise UnreadableDefinition(
            f"{file}: {error}", message_zh=f"{file}：不是有效的 JSON（{error}）"
        ) from error
