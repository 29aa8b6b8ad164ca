"""The warehouse away or silent, and the disk full: acceptance goes on or stops clearly, nothing is lost."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support import clickhouse_server
from support.processes import HTTP, Platform, eventually, free_port
from support.running import fresh_directory

pytestmark = pytest.mark.slow

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
        for _ in range(count):
            name = f"e{len(self.sent)}"
            event = {"type": "track", "event": "Order Completed", "userId": name, "messageId": name}
            began = time.monotonic()
            answer = HTTP.post(f"{self._platform.url}/v1/track", json=event, auth=(self._key, ""))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            assert answer.status_code == 200, answer.text
            self.sent.add(name)


def overview(platform: Platform) -> dict[str, Any]:
    answer = platform.ask("GET", "/api/v1/overview")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def caught_up(platform: Platform) -> bool:
    pipeline = overview(platform)["pipeline"]
    return bool(pipeline["lag_events"] == 0 and pipeline["stored"] == pipeline["accepted"])


def test_acceptance_goes_on_without_the_warehouse_and_history_catches_up(
    clickhouse: Clickhouse, new_platform: Any
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
    assert shop.slowest_s < 4
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
