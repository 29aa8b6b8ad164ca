"""The real programs in processes of their own: the platform, and the sandbox that plays the WeChat side.

Tests talk to both over the wire only; the exceptions are PostgreSQL, read as its superuser, and the
warehouse, read by another process once the platform has let go of it.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.embedded_postgres import DATABASE, EmbeddedPostgres

QUANYU = Path(sys.executable).with_name("quanyu")
START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
SEEN_LIMIT_S = 60.0
# One for all calls: making a client reads the machine's certificates each time, which nobody here needs.
# Connections are not kept, since the programs behind them come and go.
HTTP = httpx.Client(
    trust_env=False, verify=False, timeout=60, limits=httpx.Limits(max_keepalive_connections=0)
)
_LINK = re.compile(r"http://\S+/login\?code=\S+")

# Asks the embedded warehouse of a stopped platform: arguments are its path and the statement.
_ASK_WAREHOUSE = """
import asyncio, json, sys
from quanyu.infra.warehouse import Warehouse

async def main():
    warehouse = Warehouse.at(f"chdb://{sys.argv[1]}")
    rows = await warehouse.query(sys.argv[2])
    await warehouse.close()
    json.dump([list(row) for row in rows], sys.stdout, default=str)

asyncio.run(main())
"""


def free_port() -> int:
    """Return a port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], Any], *, limit_s: float = SEEN_LIMIT_S, what: str = "") -> Any:
    """Ask until the answer is true and return it."""
    deadline = time.monotonic() + limit_s
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"did not happen in {limit_s:.0f} s: {what or holds}"
        time.sleep(0.05)
    return answer


def end_processes_of(directory: Path) -> None:
    """Kill platforms and sandboxes that work in ``directory``; PostgreSQL is ended by its own supervisor."""
    place = str(directory)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            program = " ".join(process.cmdline())
            ours = "quanyu" in program or "wechat_sandbox" in program
            if ours and (place in program or process.environ().get("QUANYU_DATA", "").startswith(place)):
                process.kill()
                process.wait(STOP_LIMIT_S)


@dataclass
class Sandbox:
    """The WeChat side: an account, its people, and a control API to act as them."""

    directory: Path
    people: int = 60
    seed: int = 7
    clock: str = ""
    port: int = field(default_factory=free_port)
    account: Mapping[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def appid(self) -> str:
        return self.account["appid"]

    def start(self) -> None:
        """Start it, or start it again where it left off."""
        with (self.directory / "sandbox.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "wechat_sandbox", "serve", "--json", "--no-crowd"),
                    *("--port", str(self.port), "--seed", str(self.seed), "--people", str(self.people)),
                    *("--state", str(self.directory / "sandbox.state"), "--exit-with-parent"),
                ],
                env={**os.environ, "QUANYU_CLOCK": self.clock},
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self.directory / "sandbox.log").read_text()
        self.account = json.loads(line)["accounts"][0]

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_LIMIT_S)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def ask(self, method: str, path: str, /, **body: Any) -> Any:
        """Call the control API; ``path`` begins behind ``/sandbox``."""
        sent = None if method == "GET" else body
        answer = HTTP.request(method, f"{self.url}/sandbox{path}", json=sent)
        assert answer.is_success, answer.text
        return answer.json()

    def act(self, person: int, what: str, **details: Any) -> dict[str, Any]:
        """Act as a person: ``follow``, ``unfollow``, ``say``, ``tap`` or ``scan``."""
        relation: dict[str, Any] = self.ask("POST", f"/people/{person}/{what}", **details)
        return relation

    def account_templates(self) -> list[dict[str, Any]]:
        """The templates the account owns."""
        templates: list[dict[str, Any]] = self.ask("GET", "/accounts")["items"][0]["templates"]
        return templates

    def messages(self) -> list[dict[str, Any]]:
        """Every message the platform side accepted from the account, in order."""
        answer = HTTP.get(f"{self.url}/sandbox/messages/export")
        return [json.loads(line) for line in answer.text.splitlines()]

    def messages_to(self, person: int) -> list[dict[str, Any]]:
        return [one for one in self.messages() if one["person"] == person]

    def callbacks(self, state: str = "") -> list[dict[str, Any]]:
        """What became of every callback."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["seq"] if found else 0
            filtered = f"&state={state}" if state else ""
            page = self.ask("GET", f"/callbacks?limit=1000&after={after}{filtered}")["items"]
            found += page
            if len(page) < 1000:
                return found

    def until_idle(self) -> None:
        """Wait until no callback is on its way."""
        eventually(lambda: self.ask("GET", "/idle")["callbacks_pending"] == 0, what="callbacks to end")


@dataclass
class Platform:
    """One data directory and the platform that runs on it, now or not."""

    directory: Path
    demo: bool = False
    clock: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    _starts: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> DataDirectory:
        return DataDirectory(self.directory / "data")

    @property
    def environ(self) -> dict[str, str]:
        chosen = {
            "QUANYU_DATA": str(self.data.root),
            "PORT": str(self.port),
            "COLUMNS": "200",  # So that the link is not broken into two lines.
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }
        if self.clock:
            chosen["QUANYU_CLOCK"] = self.clock
        without = ("QUANYU_CLOCK", "QUANYU_WAREHOUSE_URL", "QUANYU_POSTGRES_URL")
        return {name: value for name, value in os.environ.items() if name not in without} | chosen

    @property
    def output(self) -> str:
        """What the latest run has printed so far."""
        return self._log.read_text(errors="replace")

    def spawn(self) -> None:
        """Start the program and return at once."""
        self._starts += 1
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [QUANYU, "up", "--demo" if self.demo else "--no-demo"],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the tests.
            )

    def wait_until_ready(self) -> None:
        """Wait for the login link, the last thing a start prints."""
        assert self.process is not None
        deadline = time.monotonic() + START_LIMIT_S
        while not _LINK.search(self.output):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def start(self) -> "Platform":
        self.spawn()
        self.wait_until_ready()
        return self

    def sign_in(self) -> None:
        """Use the printed login link, the way an operator does."""
        link = _LINK.search(self.output)
        assert link is not None, self.output
        answer = HTTP.get(link.group(0))
        assert answer.status_code == 303, answer.text
        self.cookies = dict(answer.cookies)
        HTTP.cookies.clear()
        assert self.cookies, "the link did not sign in"

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Call the API as the signed-in operator."""
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return HTTP.request(method, f"{self.url}{path}", json=body, params=query or None, headers=headers)

    def ask_locally(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Call the API as the command line of this machine."""
        headers = {"authorization": f"Bearer {self.data.ensure_local_token()}"}
        return HTTP.request(method, f"{self.url}{path}", json=body, headers=headers)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run ``quanyu`` on the same data directory."""
        return subprocess.run(
            [QUANYU, *arguments], env=self.environ, capture_output=True, text=True, timeout=120, check=False
        )

    def metrics(self) -> dict[str, float]:
        """Every figure of ``/metrics`` by its full name with labels."""
        answer = self.ask_locally("GET", "/metrics")
        assert answer.status_code == 200, answer.text
        lines = (line for line in answer.text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is tidied up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_LIMIT_S)

    def stop(self) -> int:
        """Ctrl-C, and wait for the end."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_LIMIT_S)

    def end(self) -> None:
        """Leave nothing running, however the test went."""
        if self.process is not None and self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.stop()
        end_processes_of(self.directory)
        if (self.data.root / "postgres").exists():
            EmbeddedPostgres(self.data.root).stop()

    def postmaster(self) -> psutil.Process | None:
        """The database server that runs on this data directory."""
        pid = EmbeddedPostgres(self.data.root).pid
        return psutil.Process(pid) if pid is not None else None

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """Look into PostgreSQL as its superuser, past every policy."""
        with psycopg.connect(EmbeddedPostgres(self.data.root).superuser_dsn(DATABASE)) as connection:
            yield connection

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of one statement in PostgreSQL."""
        with self.database() as connection:
            return connection.execute(statement, parameters).fetchall()

    def number(self, statement: str, *parameters: Any) -> Any:
        """Return the one value of a statement in PostgreSQL."""
        return self.rows(statement, *parameters)[0][0]

    def wait_until_silent(self) -> None:
        """After a kill: wait until the database answers and is done with what the dead platform asked.

        A last commit may still be on its way, and one that was just started may still be recovering.
        """
        eventually(self._is_silent, what="the database to be done with a dead platform")

    def _is_silent(self) -> bool:
        others = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with suppress(psycopg.OperationalError):
            return bool(self.number(others) == 0)
        return False

    def warehouse_rows(self, statement: str) -> list[list[Any]]:
        """Return the rows of one statement in the embedded warehouse, which nobody may have open."""
        done = subprocess.run(
            [sys.executable, "-c", _ASK_WAREHOUSE, str(self.data.warehouse), statement],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows: list[list[Any]] = json.loads(done.stdout)
        return rows

    @property
    def _log(self) -> Path:
        return self.directory / f"platform-{self._starts}.log"
