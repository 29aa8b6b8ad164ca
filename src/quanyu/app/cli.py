"""The command line: ``quanyu up`` is the whole platform.

Most commands only ask a running platform, so what it is made of is loaded by those that start one.
"""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.markup import escape

from quanyu.app import (
    cli_archive,
    cli_audit,
    cli_backup,
    cli_import,
    cli_pipeline,
    cli_replay,
    cli_segment,
    cli_sending,
)
from quanyu.app.local_client import running_client
from quanyu.app.settings import Settings
from quanyu.app.terminal import console_for_people, wrong_usage
from quanyu.infra.telemetry import configure_logging
from quanyu.kernel.errors import AppError

app = typer.Typer(
    help="Quanyu 全域: one platform for a brand's whole WeChat ecosystem.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_import.app, name="import")
app.add_typer(cli_segment.app, name="segment")
cli_archive.register(app)
cli_audit.register(app)
cli_replay.register(app)
cli_backup.register(app)
cli_pipeline.register(app)
cli_sending.register(app)
console = console_for_people()
Result = TypeVar("Result")


def main() -> None:
    """Run the command line; anticipated failures become one clear line and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(130)
    except AppError as error:
        _complain(error.message_zh, error.message)
    except Exception as error:
        if not hasattr(error, "exit_code"):  # Typer's own words about wrong usage.
            raise
        _complain(*wrong_usage(error))


def _complain(*texts: str) -> NoReturn:
    for text in dict.fromkeys(filter(None, texts)):
        console.print(f"[red]✗[/] {escape(text)}")
    sys.exit(2)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="With the sandbox and a simulated brand.")] = False,
    speed: Annotated[float, typer.Option(help="How fast the simulated brand's clock runs.", min=0.1)] = 20.0,
) -> None:
    """Run the whole platform: databases, API, callbacks, pipeline, workers and console."""
    gc.disable()  # Until it serves: a fifth of the start went by looking for garbage in what lives on.
    from quanyu.app import up as whole

    settings = Settings.from_env()
    configure_logging(level=settings.log_level)
    run(whole.up(settings, demo=demo, speed=speed))


@app.command()
def login(
    user: Annotated[
        str, typer.Option("--user", help="E-mail address of a member: a link that sets their password anew.")
    ] = "",
) -> None:
    """Print a new one-time login link of the running platform."""

    async def ask() -> str:
        async with running_client(Settings.from_env()) as client:
            if user:
                link = await client.post("/api/v1/members/password-reset", {"email": user})
                return str(link["url"])
            answer = await client.post("/api/v1/session/links")
            return str(answer["url"])

    typer.echo(run(ask()))


@app.command()
def migrate() -> None:
    """Bring both schemas up to this release, then stop."""

    from quanyu.app import up as whole

    run(whole.migrate(Settings.from_env()))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on the fast event loop where there is one."""
    loop_factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)
