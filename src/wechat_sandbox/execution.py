"""``wechat-sandbox exec``: run one command for which the platform's addresses lead to a sandbox.

No root, no proxy, no change to the machine: the command and its children get environment variables that
make Python, Node.js and curl connect elsewhere and trust the test authority. A variable cannot reach a
program with a resolver of its own (Go, Java): those need a hosts file, see the reference.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wechat_sandbox.hosts import PLATFORM_HOSTS
from wechat_sandbox.storage import SERVING
from wechat_sandbox.tls import write_bundle

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # As shells answer.
_HOOKS = Path(__file__).parent / "redirect"
_ANSWER_S = 10.0
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)
_BUNDLE_VARIABLES = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTPLIB2_CA_CERTS",
)  # fmt: skip


class CannotAttach(RuntimeError):
    """The sandbox named by an address is not there, or serves no HTTPS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running sandbox, as a command under test needs to know it."""

    url: str
    address: str
    port: int
    https_port: int
    ca_pem: bytes
    accounts: tuple[Mapping[str, Any], ...]


def attach(url: str) -> Target:
    """Ask a running sandbox where its ports and its authority are.

    Raises:
        CannotAttach: nobody answers there, or HTTPS is off.
    """
    base = url.rstrip("/")
    parts = urlsplit(base)
    try:
        tls = _ask(f"{base}/sandbox/tls")
        accounts = _ask(f"{base}/sandbox/accounts")["items"]
        address = socket.gethostbyname(parts.hostname or "")
    except (OSError, ValueError, KeyError) as error:
        raise CannotAttach(f"no sandbox answers at {url}: {error}") from error
    if tls["https_port"] is None:
        raise CannotAttach(f"the sandbox at {url} serves no HTTPS: start it with --https-port")
    return Target(
        url=base,
        address=address,
        port=parts.port or 80,
        https_port=int(tls["https_port"]),
        ca_pem=tls["ca_pem"].encode(),
        accounts=tuple(accounts),
    )


def find_serving(state: Path) -> str | None:
    """Return the address of the sandbox that has this state open, None when there is none."""
    if not state.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{state.absolute().as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT body FROM meta WHERE key = ?", (SERVING,)).fetchone()
        serving: dict[str, Any] | None = json.loads(row[0]) if row else None
        # After a kill the note is still there: only an answer by that very process counts.
        if serving is None or _ask(f"{serving['url']}/sandbox")["pid"] != serving["pid"]:
            return None
    except (OSError, ValueError, KeyError, sqlite3.Error):
        return None
    return str(serving["url"])


def _ask(url: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=_ANSWER_S) as answer:
        return json.load(answer)


def environment(target: Target, directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the command's environment; the files it names are written into ``directory``."""
    bundle = directory / "bundle.pem"
    write_bundle(bundle, target.ca_pem)
    setting = {
        "hosts": PLATFORM_HOSTS,
        "address": target.address,
        "ports": {"443": target.https_port, "80": target.port},
    }
    _write_curl_settings(directory / ".curlrc", target)
    hook = json.dumps(str(_HOOKS / "node" / "hook.cjs"))  # Node reads a quoted path like JSON.
    changed = {
        "WECHAT_SANDBOX_REDIRECT": json.dumps(setting),
        "WECHAT_SANDBOX_URL": target.url,
        "PYTHONPATH": _joined(os.pathsep, str(_HOOKS / "python"), environ.get("PYTHONPATH", "")),
        "NODE_OPTIONS": _joined(" ", environ.get("NODE_OPTIONS", ""), f"--require {hook}"),
        "CURL_HOME": str(directory),
        **dict.fromkeys(_BUNDLE_VARIABLES, str(bundle)),
        **_first_account(target),
    }
    for name in ("no_proxy", "NO_PROXY"):
        # A proxy would resolve the names itself, and carry the calls to the real platform.
        changed[name] = _joined(",", environ.get(name, ""), *PLATFORM_HOSTS, "127.0.0.1", "localhost")
    return {**environ, **changed}


def _write_curl_settings(file: Path, target: Target) -> None:
    lines = [f'connect-to = "{host}:443:{target.address}:{target.https_port}"' for host in PLATFORM_HOSTS]
    lines += [f'connect-to = "{host}:80:{target.address}:{target.port}"' for host in PLATFORM_HOSTS]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _first_account(target: Target) -> dict[str, str]:
    account = target.accounts[0]
    names = ("appid", "secret", "token", "aes_key", "original_id")
    return {f"WECHAT_SANDBOX_{name.upper()}": str(account[name]) for name in names}


def _joined(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


async def run_command(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command with our own input and output, and return its exit code as a shell would.

    Signals to end go on to it. Ctrl-C reaches it by the terminal, so we only wait.
    """
    relay = _Relay()
    program = shutil.which(command[0], path=environ.get("PATH")) or command[0]
    try:
        relay.process = await asyncio.create_subprocess_exec(program, *command[1:], env=dict(environ))
    except FileNotFoundError:
        return NOT_FOUND
    except PermissionError:
        return NOT_EXECUTABLE
    relay.catch_up()
    code = await relay.process.wait()
    return code if code >= 0 else 128 - code


class _Relay:
    """Passes signals on to a process, also those that came before it was there."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []
        loop = asyncio.get_running_loop()
        for number in _FORWARDED:
            loop.add_signal_handler(number, self._take, number)
        loop.add_signal_handler(signal.SIGINT, lambda: None)

    def catch_up(self) -> None:
        for number in self._early:
            self._take(number)

    def _take(self, number: signal.Signals) -> None:
        if self.process is None:
            self._early.append(number)
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
