"""The warehouse away or silent, and the disk full: acceptance goes on or stops clearly, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from support import clickhouse_server
from support.processes import HTTP, Platform, eventually, free_port
from support.running import fresh_directory

pytestmark = pytest.mark.slow

NewPlatform = Callable[..., Platform]
# What somebody in front of the console may have to wait while the warehouse says nothing.
PATIENCE_S = 20


class Clickhouse:
    """A warehouse by address, which can go away, fall silent and come back."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._path = directory / "clickhouse"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = [sys.executable, "-P", clickhouse_server.__file__, str(self.port), str(self._path)]
        self._process = subprocess.Popen(program, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def fall_silent(self) -> None:
        """Take connections, and say nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def speak_again(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def messages(self) -> Counter[str]:
        """Return how often history holds each event."""
        answer = HTTP.post(self.url, content="SELECT message_id FROM quanyu.events WHERE source = 'website'")
        assert answer.status_code == 200, answer.text
        return Counter(answer.text.split())


@pytest.fixture
def clickhouse() -> Iterator[Clickhouse]:
    with ExitStack() as stack:
        server = Clickhouse(fresh_directory(stack))
        stack.callback(server.kill)
        yield server


class Shop:
    """Sends numbered events and notes how long the answer took."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        key = platform.ask("POST", "/api/v1/settings/tracking", {"name": "官网", "source": "website"})
        self._key = key.json()["write_key"]
        self.sent: set[str] = set()
        self.slowest_s = 0.0

    def send(self, count: int) -> None:
        """Send so many events, each of which must be taken at once."""
        for _ in range(count):
            began = time.monotonic()
            answer = self._send_next()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            assert answer.status_code == 200, answer.text

    def insist(self, count: int) -> None:
        """Send so many events, each as often as it takes."""
        for _ in range(count):
            eventually(self._is_taken, what="an event to be taken")

    def send_until_refused(self) -> httpx.Response:
        """Send large events until one is not taken, and return what was said."""
        for _ in range(5_000):
            answer = self._send_next(filling="x" * 60_000)
            if answer.status_code != 200:
                return answer
        pytest.fail("the disk never got full")

    def _is_taken(self) -> bool:
        with suppress(httpx.TransportError):
            return self._send_next().status_code == 200
        return False

    def _send_next(self, *, filling: str = "") -> httpx.Response:
        name = f"e{len(self.sent)}"
        properties = {"filling": filling} if filling else {}
        event = {
            "type": "track",
            "event": "Order Completed",
            "userId": name,
            "messageId": name,
            "properties": properties,
        }
        answer = HTTP.post(f"{self._platform.url}/v1/track", json=event, auth=(self._key, ""))
        if answer.status_code == 200:
            self.sent.add(name)
        return answer


def overview(platform: Platform) -> dict[str, Any]:
    answer = platform.ask("GET", "/api/v1/overview")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def caught_up(platform: Platform) -> bool:
    pipeline = overview(platform)["pipeline"]
    return bool(pipeline["lag_events"] == 0 and pipeline["stored"] == pipeline["accepted"])


def test_acceptance_goes_on_without_the_warehouse_and_history_catches_up(
    clickhouse: Clickhouse, new_platform: NewPlatform
) -> None:
    # Nobody listens when the platform starts for the first time: not even the tables are there.
    platform = new_platform(settings={"QUANYU_WAREHOUSE_URL": clickhouse.url})
    platform.start()
    platform.sign_in()
    shop = Shop(platform)
    shop.send(20)
    assert HTTP.get(f"{platform.url}/health/ready").status_code == 200
    eventually(lambda: overview(platform)["people"]["total"] == 20, what="people to be known without history")
    away = overview(platform)["pipeline"]
    assert (away["warehouse_available"], away["accepted"], away["stored"]) == (False, 20, 0)

    clickhouse.start()
    eventually(lambda: caught_up(platform), what="history to catch up with the first twenty")
    assert clickhouse.messages() == Counter(shop.sent)

    # It dies in the middle of things.
    shop.send(20)
    clickhouse.kill()
    shop.send(20)
    clickhouse.start()
    eventually(lambda: caught_up(platform), what="history to catch up after the crash")
    assert clickhouse.messages() == Counter(shop.sent)

    # It hangs: connections are taken, answers never come.
    clickhouse.fall_silent()
    shop.send(20)
    began = time.monotonic()
    assert overview(platform)["pipeline"]["warehouse_available"] is False
    assert platform.ask("GET", "/api/v1/people").status_code == 200
    assert time.monotonic() - began < 2 * PATIENCE_S
    shop.send(20)
    clickhouse.speak_again()
    eventually(lambda: caught_up(platform), limit_s=120, what="history to catch up after the silence")
    assert clickhouse.messages() == Counter(shop.sent)
    assert len(shop.sent) == 100
    assert shop.slowest_s < PATIENCE_S
    assert platform.number("SELECT count(*) FROM log_event") == 100

    # Ctrl-C does not wait for an answer that may never come.
    clickhouse.fall_silent()
    shop.send(1)
    began = time.monotonic()
    assert platform.stop() == 0
    assert time.monotonic() - began < 2 * PATIENCE_S
    clickhouse.speak_again()
    platform.start()
    eventually(lambda: caught_up(platform), limit_s=120, what="history to catch up after the restart")
    assert clickhouse.messages() == Counter(shop.sent)


def test_a_database_that_dies_is_started_again(new_platform: NewPlatform) -> None:
    platform = new_platform()
    platform.start()
    platform.sign_in()
    shop = Shop(platform)
    shop.send(10)
    before = platform.postmaster()
    assert before is not None

    before.kill()

    shop.insist(10)
    now = platform.postmaster()
    assert now is not None
    assert now.pid != before.pid
    assert "PostgreSQL ended unexpectedly; starting it again" in platform.output
    eventually(lambda: caught_up(platform), what="the pipeline to go on")
    assert overview(platform)["events"]["total"] == 20
    assert platform.number("SELECT count(*) FROM log_event") == 20
    assert platform.stop() == 0


def test_a_database_that_cannot_be_started_again_stops_the_platform(new_platform: NewPlatform) -> None:
    platform = new_platform()
    platform.start()
    control = platform.data.postgres / "cluster" / "global" / "pg_control"
    aside = control.with_name("pg_control.aside")
    postmaster = platform.postmaster()
    assert postmaster is not None
    control.rename(aside)

    postmaster.kill()

    assert platform.process is not None
    assert platform.process.wait(60) == 2
    said = platform.output.rpartition("PostgreSQL ended while starting. The end of its log:")
    assert "pg_control" in said[2]
    assert "Traceback" not in said[2]
    aside.rename(control)
    platform.start()
    assert platform.stop() == 0


@pytest.fixture
def small_disk(new_platform: NewPlatform) -> Iterator[Platform]:
    """A platform whose data directory is a file system of 1 GB that really gets full."""
    platform = new_platform()
    root = platform.data.root
    root.mkdir(mode=0o711)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1000m,mode=711", "tmpfs", str(root)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield platform
    finally:
        platform.end()
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def _fill(ballast: Path, *, leave: int) -> None:
    """Take almost all the room there is, in pieces: the platform writes meanwhile."""
    with ballast.open("wb") as file, suppress(OSError):  # OSError: it was faster, and the disk is full.
        while (free := _free(ballast)) > leave:
            os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, min(free - leave, 4_000_000))


def _free(path: Path) -> int:
    usage = os.statvfs(path)
    return usage.f_bavail * usage.f_frsize


def test_a_full_disk_is_told_and_what_was_accepted_is_kept(small_disk: Platform) -> None:
    platform = small_disk
    platform.start()
    platform.sign_in()
    shop = Shop(platform)
    shop.send(10)
    eventually(lambda: caught_up(platform), what="the first events to be stored")
    ballast = platform.data.root / "ballast"
    _fill(ballast, leave=8_000_000)

    refusal = shop.send_until_refused()

    # Not accepted, and said so: the sender keeps it and sends it again.
    assert refusal.status_code == 503
    assert refusal.json()["success"] is False
    accepted = len(shop.sent)
    ballast.unlink()
    if platform.process is not None and platform.process.poll() is not None:
        # Where not even recovery had room, it stopped and said why.
        assert platform.process.returncode == 2
        assert "MiB are needed" in platform.output or "No space left on device" in platform.output
        platform.start()
    shop.insist(10)
    eventually(lambda: caught_up(platform), limit_s=120, what="everything to be stored")
    assert len(shop.sent) == accepted + 10
    assert platform.stop() == 0
    rows = platform.warehouse_rows("SELECT message_id FROM quanyu.events WHERE source = 'website'")
    assert Counter(name for (name,) in rows) == Counter(shop.sent)
