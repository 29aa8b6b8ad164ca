"""Single-event requests per second with a durable answer, through the real platform's tracking door.

The yardstick is a bare ASGI handler on the same uvicorn: it reads the body, puts it into a queue, and answers
after one insert has committed the whole queue. It checks nothing, decodes nothing and keeps bytes. Both doors
get the same requests over as many kept-alive connections from a third process; rounds alternate. The platform
does everything else it does meanwhile: its pipeline resolves and stores the same events.

Run: ``python -m bench.single_event_door [REQUESTS] [CONNECTIONS]``.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
import uvloop

from bench.http_load import Order, Sent, generate_load, send
from bench.shop_events import single_requests
from bench.support import (
    Aim,
    Platform,
    Result,
    free_port,
    processor_time,
    report,
    require_equal,
    running,
    running_platform,
    say,
    scratch_directory,
)
from quanyu.app.server import Server
from quanyu.infra.embedded_postgres import EmbeddedPostgres

REQUESTS, CONNECTIONS, ROUNDS, WARM_UP = 30_000, 256, 3, 5_000
STORED_LIMIT_S = 120.0
OK = b'{"success":true}'


# --- the yardstick ---


class BareDoor:
    """Keeps bodies, one commit for all that wait."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request after its body is durable."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((body, kept))
        self._arrived.set()
        await kept
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(OK))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": OK})

    async def commit_forever(self) -> None:
        """Insert what waits, again and again."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            waiting, self._waiting = self._waiting, []
            bodies = [body for body, _ in waiting]
            await self._connection.execute("INSERT INTO bare (body) SELECT unnest(%b::bytea[])", (bodies,))
            for _, kept in waiting:
                kept.set_result(None)


def serve_bare(pipe: Connection, dsn: str, port: int) -> None:
    """Serve the bare door until the pipe closes."""
    uvloop.run(_serve_bare(pipe, dsn, port))


async def _serve_bare(pipe: Connection, dsn: str, port: int) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        door = BareDoor(connection)
        committing = asyncio.create_task(door.commit_forever())
        async with Server(door, host="127.0.0.1", port=port):
            pipe.send("ready")
            await asyncio.to_thread(pipe.recv)
        committing.cancel()


# --- the run ---


def measure(
    platform: Platform, bare_port: int, load: Connection, *, requests: int, connections: int
) -> tuple[list[Sent], list[Sent], list[dict[str, float]], int]:
    """Send to both in turns; return both doors' rounds, our processor time, and how many were sent."""
    key = platform.make_write_key()
    ours, bare, spent = [], [], []
    first = 0
    for count in [WARM_UP, *[requests] * ROUNDS]:
        args = (first, count, key)
        bare.append(send(load, Order(bare_port, connections, single_requests, args)))
        before = processor_time(platform)
        ours.append(send(load, Order(platform.port, connections, single_requests, args)))
        first += count
        _wait_until_stored(platform, first)
        spent.append(processor_time(platform).per_event_us(before, count))
        say(f"{count / ours[-1].seconds:,.0f}/s, bare {count / bare[-1].seconds:,.0f}/s; µs: {spent[-1]}")
    return ours[1:], bare[1:], spent[1:], first


def _wait_until_stored(platform: Platform, events: int) -> None:
    """Let the pipeline finish, so that every round begins with nothing waiting."""
    give_up_at = time.monotonic() + STORED_LIMIT_S
    with platform.connect() as watcher:
        while time.monotonic() < give_up_at:
            row = watcher.execute(
                "SELECT events FROM log_cursor WHERE tenant_id = 1 AND consumer = 'store'"
            ).fetchone()
            if row is not None and row[0] >= events:
                return
            time.sleep(0.05)
    raise TimeoutError(f"{events} events were not stored in time")


def check(platform_counts: tuple[int, int, int], bare_count: int, sent: int) -> None:
    """A throughput whose result is wrong counts as zero."""
    require_equal("log rows, message ids, rows in history", platform_counts, (sent, sent, sent))
    require_equal("rows of the bare door", bare_count, sent)


def count_kept(platform: Platform) -> tuple[int, int, int]:
    """Return rows and message ids in the log, and events in history by the product's own API."""
    with platform.connect() as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT message_id) FROM log_event").fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(platform.get("/api/v1/overview")["events"]["total"])


@contextmanager
def bare_database(directory: Path) -> Iterator[str]:
    """Run a database server of its own for the bare door, with its one table; yield its address."""
    directory.mkdir(mode=0o711)
    directory.chmod(0o711)
    with EmbeddedPostgres(directory) as server:
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL)")
        yield server.superuser_dsn()


def count_bare(dsn: str) -> int:
    """Return how many bodies the bare door kept."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM bare").fetchone()
    assert row is not None
    return int(row[0])


def main(requests: int = REQUESTS, connections: int = CONNECTIONS) -> None:
    """Measure, check, and print one line of JSON."""
    with scratch_directory() as place, running(generate_load) as load, bare_database(place / "bare") as dsn:
        port = free_port()
        with (
            running(serve_bare, dsn, port) as bare,
            running_platform(place / "data", "--no-demo") as platform,
        ):
            bare.recv()
            ours, theirs, spent, sent = measure(
                platform, port, load, requests=requests, connections=connections
            )
            kept = count_kept(platform)
        bare_count = count_bare(dsn)
    per_s = [requests / one.seconds for one in ours]
    bare_per_s = [requests / one.seconds for one in theirs]
    middle = per_s.index(statistics.median_low(per_s))
    result = Result(
        name="single-event requests, durable answer",
        figure=round(per_s[middle]),
        unit="requests/s",
        yardstick=round(statistics.median(bare_per_s)),
        yardstick_name="bare ASGI handler, one group-committed insert, same uvicorn",
        aim=Aim(ratio_min=0.6),
        details={
            "rounds_per_s": [round(one) for one in per_s],
            "yardstick_rounds_per_s": [round(one) for one in bare_per_s],
            "answer_p50_ms": ours[middle].p50_ms,
            "answer_p99_ms": ours[middle].p99_ms,
            "cpu_us_per_event": spent[middle],
            "connections": connections,
        },
    )
    report(result, partial(check, kept, bare_count, sent))


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]))
