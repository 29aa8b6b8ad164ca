"""What benches share: the line they print, a place to work in, processes of their own, a running platform."""

import contextlib
import dataclasses
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg

from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.embedded_postgres import EmbeddedPostgres

SPAWN = multiprocessing.get_context("spawn")
START_LIMIT_S, STOP_LIMIT_S = 120.0, 60.0
Answer = TypeVar("Answer")


class WrongResult(Exception):
    """The answer under test is not the oracle's: its speed counts as zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a bench must reach; limits that are ``None`` do not apply."""

    ratio_min: float | None = None
    ratio_max: float | None = None
    figure_min: float | None = None
    figure_max: float | None = None

    def is_met(self, figure: float, ratio: float | None) -> bool:
        """Whether all limits hold."""
        return (
            _within(ratio, self.ratio_min, self.ratio_max)
            if self.ratio_min is not None or self.ratio_max is not None
            else True
        ) and _within(figure, self.figure_min, self.figure_max)

    def __str__(self) -> str:
        parts = [
            *(
                f"ratio {sign} {limit:g}"
                for sign, limit in (("≥", self.ratio_min), ("≤", self.ratio_max))
                if limit
            ),
            *(
                f"{sign} {limit:,g}"
                for sign, limit in (("≥", self.figure_min), ("≤", self.figure_max))
                if limit
            ),
        ]
        return " and ".join(parts)


def _within(value: float | None, least: float | None, most: float | None) -> bool:
    if value is None:
        return False
    return (least is None or value >= least) and (most is None or value <= most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table. ``details`` are the stages, timed apart, and whatever explains the figure."""

    name: str
    figure: float
    unit: str
    aim: Aim = Aim()
    yardstick: float | None = None
    yardstick_name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    measured_ratio: float | None = None  # Where it is not simply the figure by the yardstick.

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of the yardstick."""
        if self.measured_ratio is not None:
            return round(self.measured_ratio, 2)
        return round(self.figure / self.yardstick, 2) if self.yardstick else None

    def line(self) -> str:
        """Write the result as one line of JSON."""
        return json.dumps(
            {
                "name": self.name,
                "figure": self.figure,
                "unit": self.unit,
                "yardstick": self.yardstick,
                "yardstick_name": self.yardstick_name,
                "ratio": self.ratio,
                "aim": str(self.aim),
                "met": self.aim.is_met(self.figure, self.ratio),
                **({"details": dict(self.details)} if self.details else {}),
            },
            ensure_ascii=False,
        )

    def as_wrong(self, reason: str) -> "Result":
        """Return this result as it counts when the answer was wrong."""
        return dataclasses.replace(self, figure=0, details={"wrong": reason, **self.details})


def report(result: Result, check: Callable[[], None] | None = None) -> None:
    """Print one result; ``check`` raises ``WrongResult`` if the answer is not the oracle's."""
    try:
        if check is not None:
            check()
    except WrongResult as error:
        print(result.as_wrong(str(error)).line(), flush=True)
        sys.exit(1)
    print(result.line(), flush=True)


def require_equal(what: str, found: Any, expected: Any) -> None:
    """Raise ``WrongResult`` unless both are equal."""
    if found != expected:
        raise WrongResult(f"{what}: found {found}, the oracle says {expected}")


def say(text: str) -> None:
    """Tell whoever watches; results go to stdout, this does not."""
    print(text, file=sys.stderr, flush=True)


# --- places and processes ---


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Yield a directory that the database server's user can reach."""
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-", dir="/tmp", ignore_cleanup_errors=True) as text:
        path = Path(text)
        path.chmod(0o711)
        yield path


@contextmanager
def running(target: Callable[..., None], *args: Any) -> Iterator[Connection]:
    """Run ``target(pipe, *args)`` in a process of its own until the block ends; ``None`` tells it to end."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=target, args=(theirs, *args), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        with contextlib.suppress(BrokenPipeError):
            ours.send(None)
        ours.close()
        process.join(20)
        if process.is_alive():
            process.kill()


def apart(work: Callable[..., Answer], *args: Any) -> Answer:
    """Return ``work(*args)`` from a process of its own: an embedded warehouse belongs to one process."""
    with running(_answer, work, args) as pipe:
        ok, answer = pipe.recv()
    if not ok:
        raise RuntimeError(f"a helper process failed:\n{answer}")
    return answer  # type: ignore[no-any-return]


def _answer(pipe: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        pipe.send((True, work(*args)))
    except Exception:
        pipe.send((False, traceback.format_exc()))


# --- the platform ---


@dataclass
class Platform:
    """The real ``quanyu up`` as a process of its own, on a data directory of its own."""

    data: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Any:
        """Return the answer of a GET with the local token."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """Return the answer of a POST with the local token."""
        return self._ask("POST", path, body)

    def make_write_key(self) -> str:
        """Return a new write key, made the way an operator would."""
        made = self.post("/api/v1/settings/tracking", {"name": "Bench", "source": "bench"})
        return str(made["write_key"])

    def connect(self) -> psycopg.Connection[Any]:
        """Open a connection to its PostgreSQL, to watch it from outside."""
        dsn = EmbeddedPostgres(self.data).superuser_dsn("quanyu")
        return psycopg.connect(dsn, autocommit=True)

    def wait_until_ready(self) -> None:
        """Return when the first page is served."""
        give_up_at = time.monotonic() + START_LIMIT_S
        while not self.serves():
            if self.process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(
                    f"the platform did not start:\n{(self.data / 'output').read_text()[-4000:]}"
                )
            time.sleep(0.02)

    def serves(self) -> bool:
        """Whether the first page comes."""
        try:
            with urllib.request.urlopen(f"{self.url}/", timeout=10) as answer:
                answer.read()
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Stop in order."""
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, method: str, path: str, body: Any) -> Any:
        token = DataDirectory(self.data).ensure_local_token()
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def start_platform(data: Path, *options: str) -> Platform:
    """Start ``quanyu up`` on ``data`` and return at once."""
    data.mkdir(mode=0o711, exist_ok=True)
    data.chmod(0o711)
    port = free_port()
    command = [str(Path(sys.executable).with_name("quanyu")), "up", *options]
    environment = {**os.environ, "QUANYU_DATA": str(data), "PORT": str(port)}
    environment.pop("QUANYU_CLOCK", None)
    with (data / "output").open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    return Platform(data, port, process)


@contextmanager
def running_platform(data: Path, *options: str) -> Iterator[Platform]:
    """Run the platform until the block ends."""
    platform = start_platform(data, *options)
    try:
        platform.wait_until_ready()
        yield platform
    finally:
        platform.stop()


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds: the platform's main thread (all of our Python), its other threads, PostgreSQL."""

    main: float
    others: float
    postgres: float

    def per_event_us(self, since: "Spent", events: int) -> dict[str, float]:
        """Return microseconds an event cost each part after ``since``."""
        return {
            part: round((getattr(self, part) - getattr(since, part)) / events * 1e6, 1)
            for part in ("main", "others", "postgres")
        }


def processor_time(platform: Platform) -> Spent:
    """Read what the platform's processes have spent so far."""
    process = psutil.Process(platform.process.pid)
    threads = {one.id: one.user_time + one.system_time for one in process.threads()}
    main = threads.pop(process.pid)
    postgres = [one.cpu_times() for one in postgres_processes(platform.data)]
    # What has ended since is in the postmaster's "children" figures.
    return Spent(
        main,
        sum(threads.values()),
        sum(one.user + one.system + one.children_user + one.children_system for one in postgres),
    )


def postgres_processes(data: Path) -> list[psutil.Process]:
    """Return the processes of the embedded server on ``data``."""
    pid = EmbeddedPostgres(data).pid
    if pid is None:
        return []
    postmaster = psutil.Process(pid)
    return [postmaster, *postmaster.children(recursive=True)]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
