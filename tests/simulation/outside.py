"""What goes on outside while the platform dies and comes back: a client, an importer, and the kills."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx

from quanyu.infra.embedded_postgres import EmbeddedPostgres
from support.imports import ORDERS_HEADER, ORDERS_MAP
from support.processes import HTTP, Platform
from support.running import RunningPlatform

TICKET = "Ticket Opened"
RETRY_S = 0.2
GIVE_UP_S = 240.0


class _Worker(threading.Thread):
    """Works until told to finish; what goes wrong in it is told to whoever joins."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._finish = threading.Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._finish.is_set():
                self.work()
        except BaseException as error:
            self._error = error

    def work(self) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """Let it end the piece it is at, and raise what went wrong."""
        self._finish.set()
        self.join(GIVE_UP_S)
        assert not self.is_alive(), f"{type(self).__name__} did not finish"
        if self._error is not None:
            raise self._error


def _until_answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask again and again, as any client of an unreliable server does, until there is an answer."""
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        with suppress(httpx.TransportError):
            answer = ask()
            if answer.status_code < 500:
                return answer
        assert time.monotonic() < deadline, "nobody answers any more"
        time.sleep(RETRY_S)


class Shop(_Worker):
    """Sends batches of events, and sends them again with the same ids until they are acknowledged.

    Some of them open a ticket of a follower, which makes a journey write to them.
    """

    def __init__(self, running: RunningPlatform, seed: int, followers: list[str], tickets_each: int) -> None:
        super().__init__()
        self._running = running
        self._draw = random.Random(f"{seed}:shop")
        self._left = [openid for openid in followers for _ in range(tickets_each)]
        self._draw.shuffle(self._left)
        self._sent = 0
        self.acknowledged: set[str] = set()
        self.tickets = 0
        self.attempts = 0

    def work(self) -> None:
        events = [self._event() for _ in range(self._draw.randint(1, 40))]
        answer = _until_answered(lambda: self._post(events))
        assert answer.status_code == 200, answer.text
        assert "rejected" not in answer.json(), answer.text
        self.acknowledged |= {event["messageId"] for event in events}
        self._finish.wait(self._draw.uniform(0, 0.1))

    def _post(self, events: list[dict[str, Any]]) -> httpx.Response:
        self.attempts += 1
        return HTTP.post(
            f"{self._running.url}/v1/batch", auth=(self._running.write_key, ""), json={"batch": events}
        )

    def _event(self) -> dict[str, Any]:
        self._sent += 1
        event: dict[str, Any] = {"type": "track", "messageId": f"shop-{self._sent}"}
        if self._left and self._draw.random() < 0.12:
            self.tickets += 1
            follower = {"type": "openid", "id": self._left.pop(), "scope": self._running.appid}
            return event | {
                "event": TICKET,
                "anonymousId": f"ticket-{self.tickets}",
                "properties": {"ticket": f"T{self.tickets}"},
                "context": {"externalIds": [follower]},
            }
        return event | {"event": "Product Viewed", "userId": f"u{self._draw.randint(1, 500)}"}


class Importer(_Worker):
    """Imports one file of orders after the other, each until it is whole."""

    ORDERS = 2_000
    FILES_MAX = 12

    def __init__(self, running: RunningPlatform, directory: Path) -> None:
        super().__init__()
        self._platform = running.platform
        self._directory = directory
        self.files = 0

    @property
    def orders(self) -> int:
        return self.files * self.ORDERS

    def work(self) -> None:
        if self.files == self.FILES_MAX:
            self._finish.wait(RETRY_S)
            return
        self.files += 1
        started = _until_answered(lambda: self._ask("POST", "/api/v1/imports/local", self._command()))
        assert started.status_code == 202, started.text
        path = f"/api/v1/imports/{started.json()['id']}"
        while True:
            job = _until_answered(lambda: self._ask("GET", path)).json()
            if job["status"] not in ("queued", "running"):
                break
            time.sleep(RETRY_S)
        assert (job["status"], job["events_total"]) == ("completed", self.ORDERS), job
        assert job["events_written"] + job["events_duplicate"] == self.ORDERS, job

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self._platform.ask_locally(method, path, body)

    def _command(self) -> dict[str, Any]:
        path = self._directory / f"orders-{self.files}.csv"
        if not path.exists():
            first = (self.files - 1) * self.ORDERS
            numbers = range(1, self.ORDERS + 1)
            lines = [_order_line(first, number, pieces) for number in numbers for pieces in (1, 2)]
            path.write_text("\n".join([ORDERS_HEADER, *lines]) + "\n")
        return {"kind": "orders", "path": str(path), "map": ORDERS_MAP}


def _order_line(first: int, number: int, pieces: int) -> str:
    at, price = f"2024-05-01 10:{number % 60:02d}", f"1.{number % 100:02d}01"
    return f"{first + number},tea-{pieces},Tea,{pieces},{at},{price},c{number % 300},CN"


class Death(StrEnum):
    """Ways to die."""

    PLATFORM = "the platform"
    WHILE_STARTING = "the platform while it starts"
    BOTH = "the platform, then the database"
    DATABASE_FIRST = "the database, and a second later the platform"


DEATHS = (
    *[Death.PLATFORM] * 11,
    *[Death.WHILE_STARTING] * 3,
    *[Death.BOTH] * 4,
    *[Death.DATABASE_FIRST] * 2,
)


@dataclass
class Killer:
    """Starts the platform and kills it, again and again, noting what was in hand each time."""

    platform: Platform
    seed: int
    # (message, attempt) that the database held as handed over when the platform died.
    in_hand: set[tuple[int, int]] = field(default_factory=set)
    kills: list[str] = field(default_factory=list)

    def run(self) -> None:
        draw = random.Random(f"{self.seed}:kills")
        deaths = draw.sample(DEATHS, len(DEATHS))
        for number, death in enumerate(deaths):
            if number:  # The first finds the platform running.
                self.platform.spawn()
            if death is Death.WHILE_STARTING:
                time.sleep(draw.uniform(0.2, 3))
            else:
                self.platform.wait_until_ready()
                time.sleep(draw.uniform(0.1, 2.5))
            self._kill(death)
            self.kills.append(death)

    def _kill(self, death: Death) -> None:
        if death is Death.DATABASE_FIRST:
            died_at = datetime.now(UTC)
            self._kill_database()
            time.sleep(1)
            self.platform.kill()
            # Recovered here first, so that what was in hand can be seen before anybody settles it.
            with EmbeddedPostgres(self.platform.data.root):
                self._note()
                self._note_settled(died_at)
            return
        self.platform.kill()
        if self.platform.postmaster() is not None:
            self._note()
        if death is Death.BOTH:
            self._kill_database()

    def _kill_database(self) -> None:
        postmaster = self.platform.postmaster()
        assert postmaster is not None
        os.kill(postmaster.pid, signal.SIGKILL)

    def _note(self) -> None:
        self.platform.wait_until_silent()
        rows = self.platform.rows("SELECT id, attempts FROM message_intent WHERE state = 'handed'")
        self.in_hand |= {(int(identifier), int(attempt)) for identifier, attempt in rows}

    def _note_settled(self, died_at: datetime) -> None:
        """Note what was in hand when the database died, and was settled before the platform did.

        Within its last second the platform may have started the database again.
        """
        rows = self.platform.rows(
            "SELECT intent_id, attempt FROM message_attempt "
            "WHERE outcome = 'unknown' AND handed_at <= %s AND ended_at >= %s",
            died_at,
            died_at,
        )
        self.in_hand |= {(int(identifier), int(attempt)) for identifier, attempt in rows}
