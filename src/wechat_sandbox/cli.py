"""The command ``wechat-sandbox``."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from wechat_sandbox import __version__
from wechat_sandbox.clock import InvalidClock, VirtualClock, iso
from wechat_sandbox.config import InvalidConfig, SandboxConfig, load, with_callback
from wechat_sandbox.endpoints import REGISTRY
from wechat_sandbox.endpoints.pay.registry import PAY
from wechat_sandbox.endpoints.wecom.registry import WECOM
from wechat_sandbox.execution import (
    NOT_EXECUTABLE,
    NOT_FOUND,
    CannotAttach,
    Target,
    attach,
    environment,
    find_serving,
    run_command,
)
from wechat_sandbox.hosts import PLATFORM_HOSTS, hosts_file
from wechat_sandbox.sandbox import Sandbox

_PARENT_CHECK_S = 1.0

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def about() -> None:
    """A local stand-in for the WeChat platform, with simulated people."""


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    config: Annotated[Path | None, typer.Option(help="Settings in TOML; flags win over it.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for any [8090].")] = None,
    https_port: Annotated[
        int | None, typer.Option(help="Serve HTTPS as well, 0 for any free port [off].")
    ] = None,
    tls_dir: Annotated[
        Path | None, typer.Option(help="Where the test authority lives [beside the state].")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes people, their acts and the secrets.")] = None,
    people: Annotated[int | None, typer.Option(help="Number of simulated people [300].")] = None,
    activity: Annotated[float | None, typer.Option(help="Liveliness; 1 is an ordinary shop [1].")] = None,
    state: Annotated[Path | None, typer.Option(help="File to keep the state in over restarts.")] = None,
    callback_url: Annotated[str | None, typer.Option(help="The first account's callback address.")] = None,
    tracking_url: Annotated[str | None, typer.Option(help="Base address of the tracking API.")] = None,
    write_key: Annotated[
        str | None, typer.Option(help="Write key of the tracking API.", envvar="WECHAT_SANDBOX_WRITE_KEY")
    ] = None,
    backfill_days: Annotated[int | None, typer.Option(help="Days of history to play first [0].")] = None,
    backfill_events_max: Annotated[
        int | None, typer.Option(help="About how many events of it [5000].")
    ] = None,
    no_crowd: Annotated[bool, typer.Option("--no-crowd", help="Nobody acts by themselves.")] = False,
    print_json: Annotated[bool, typer.Option("--json", help="Print one JSON line when ready.")] = False,
    exit_with_parent: Annotated[
        bool, typer.Option("--exit-with-parent", help="Stop when the starting process has ended.")
    ] = False,
) -> None:
    """Serve the platform side of one or more official accounts."""
    flags: dict[str, Any] = {
        "host": host,
        "port": port,
        "https_port": https_port,
        "tls_dir": tls_dir,
        "seed": seed,
        "people": people,
        "activity": activity,
        "state": state,
        "tracking_url": tracking_url,
        "write_key": write_key,
        "backfill_days": backfill_days,
        "backfill_events_max": backfill_events_max,
        "crowd": False if no_crowd else None,
    }
    try:
        settings = load(config, flags)
        if callback_url:
            settings = with_callback(settings, callback_url)
        clock = VirtualClock.from_env(os.environ)
    except (InvalidConfig, InvalidClock) as error:
        raise typer.BadParameter(str(error)) from error
    _run(settings, clock, print_json=print_json, exit_with_parent=exit_with_parent)


@app.command()
def endpoints() -> None:
    """List every path the sandbox serves, with its verbs."""
    for verbs, path in [
        *REGISTRY.listing(),
        *((verbs, f"{path}  企业微信") for verbs, path in WECOM.listing()),
    ]:
        typer.echo(f"{verbs:<9} {path}")
    for verb, path in PAY.listing():
        typer.echo(f"{verb:<9} {path}")


@app.command()
def hosts(
    address: Annotated[str, typer.Option(help="Address the platform's names are to lead to.")] = "127.0.0.1",
) -> None:
    """Print lines for a hosts file, for programs that `exec` cannot reach."""
    typer.echo(hosts_file(address), nl=False)


@app.command("exec", context_settings={"allow_interspersed_args": False})
def execute(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments.", show_default=False)],
    url: Annotated[str | None, typer.Option(help="Use the sandbox that runs at this address.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings of a sandbox of its own.")] = None,
    state: Annotated[
        Path | None, typer.Option(help="State to use: of the sandbox that has it open, else of its own.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of a sandbox of its own.")] = None,
    people: Annotated[int | None, typer.Option(help="Number of its simulated people [300].")] = None,
    crowd: Annotated[bool, typer.Option("--crowd", help="They act by themselves.")] = False,
) -> None:
    """Run one command for which WeChat's own addresses lead to a sandbox.

    Starts a sandbox for the life of the command, or uses a running one. Exits as the command does.
    """
    try:
        running = url or (find_serving(state) if state else None)
        if running is not None:
            code = asyncio.run(_execute_at(attach(running), command))
        else:
            own = {"port": 0, "https_port": 0, "state": state, "seed": seed, "people": people, "crowd": crowd}
            settings = load(config, own)
            code = asyncio.run(_execute_with_own(settings, VirtualClock.from_env(os.environ), command))
    except (InvalidConfig, InvalidClock, CannotAttach) as error:
        raise typer.BadParameter(str(error)) from error
    raise typer.Exit(code)


def main() -> None:
    """Entry point of the console script."""
    app()


def _run(settings: SandboxConfig, clock: VirtualClock, *, print_json: bool, exit_with_parent: bool) -> None:
    try:
        import uvloop

        runner: Any = uvloop.run
    except ImportError:
        runner = asyncio.run
    runner(_serve(settings, clock, print_json=print_json, exit_with_parent=exit_with_parent))


async def _execute_with_own(settings: SandboxConfig, clock: VirtualClock, command: list[str]) -> int:
    try:
        sandbox = Sandbox(settings, clock)
        await sandbox.start()
    except (ValueError, OSError) as error:
        typer.echo(f"wechat-sandbox cannot start: {error}", err=True)
        raise typer.Exit(1) from error
    try:
        return await _execute_at(await asyncio.to_thread(attach, sandbox.url), command)
    finally:
        await sandbox.stop()


async def _execute_at(target: Target, command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="wechat-sandbox-exec-") as directory:
        code = await run_command(command, environment(target, Path(directory), os.environ))
    if code in (NOT_FOUND, NOT_EXECUTABLE):
        typer.echo(f"wechat-sandbox cannot run {command[0]}", err=True)
    return code


async def _serve(
    settings: SandboxConfig, clock: VirtualClock, *, print_json: bool, exit_with_parent: bool
) -> None:
    parent = os.getppid()
    say = _say_nothing if print_json else typer.echo
    try:
        sandbox = Sandbox(settings, clock, say=say)
        await sandbox.start()
    except (ValueError, OSError) as error:
        typer.echo(f"wechat-sandbox cannot start: {error}", err=True)
        raise typer.Exit(1) from error
    _announce(sandbox, print_json=print_json)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    watch = asyncio.create_task(_watch_parent(parent, stop)) if exit_with_parent else None
    await stop.wait()
    if watch is not None:
        watch.cancel()
    await sandbox.stop()


async def _watch_parent(parent: int, stop: asyncio.Event) -> None:
    """An orphan is adopted by another process: then nobody would stop us, or hear us."""
    while not stop.is_set():
        await asyncio.sleep(_PARENT_CHECK_S)
        if os.getppid() != parent:
            stop.set()


def _announce(sandbox: Sandbox, *, print_json: bool) -> None:
    accounts = list(sandbox.world.accounts.values())
    if print_json:
        shown = [
            {name: value for name, value in account.as_dict().items() if name not in ("templates", "menu")}
            for account in accounts
        ]
        https_url = sandbox.doors.https_url
        line = {
            "ready": True,
            "url": sandbox.url,
            "https_url": https_url,
            "seed": sandbox.seed,
            "accounts": shown,
            "corps": [corp.as_dict() for corp in sandbox.world.corps],
            "merchants": [one.settings() for one in sandbox.pay.merchants.all()],
        }
        typer.echo(msgspec.json.encode(line).decode())
    else:
        typer.echo(f"WeChat sandbox on {sandbox.url} (seed {sandbox.seed}, {sandbox.world.people} people)")
        if sandbox.doors.https_url:
            typer.echo(f"HTTPS for {PLATFORM_HOSTS[0]} and the others on {sandbox.doors.https_url}")
        typer.echo(f"Play a customer on {sandbox.url}/sandbox/web/")
        typer.echo(f"Virtual time {iso(sandbox.clock.now())}, rate {sandbox.clock.rate:g}")
        for account in accounts:
            typer.echo(f"\n{account.name}  {account.original_id}")
            typer.echo(f"  appid           {account.appid}")
            typer.echo(f"  secret          {account.secret}")
            typer.echo(f"  token           {account.token}")
            typer.echo(f"  EncodingAESKey  {account.aes_key}")
            typer.echo(f"  callback        {account.callback_url or '(none)'}")
        for corp in sandbox.world.corps:
            typer.echo(f"\n{corp.name}  企业微信")
            typer.echo(f"  corpid          {corp.corpid}")
            for scope, secret in corp.all_secrets():
                typer.echo(f"  {scope:<15} {secret}")
        for merchant in sandbox.pay.merchants.all():
            typer.echo(f"\n{merchant.name}  {merchant.mchid}")
            typer.echo(f"  APIv3 key       {merchant.api_v3_key}")
            typer.echo(f"  keys            {sandbox.url}/sandbox/merchants/{merchant.mchid}")
    sys.stdout.flush()


def _say_nothing(text: str) -> None:
    """A parent process reads our output: keep it to the one line."""
