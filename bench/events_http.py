"""Events per second from HTTP batches until every query finds them, through the real platform.

The platform is ``quanyu up`` on a data directory of its own; a process of its own sends batches over kept-
alive connections. Accepted, resolved and stored are timed apart, from outside: by the last answer, and by
the log's cursors. Afterwards history must hold exactly what was sent, and a batch sent again must change
nothing.

The yardstick puts the very rows of that run into our own empty schemas, without anything around it:
``COPY`` into the log table, then the insert into the warehouse's table, one after the other, in the
pipeline's largest batches.

Run: ``python -m bench.events_http [EVENTS] [ROUNDS]``.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg

from bench.http_load import Order, Sent, begin, finish, generate_load, send
from bench.shop_events import batch_requests, event
from bench.support import (
    Aim,
    Platform,
    Result,
    apart,
    processor_time,
    report,
    require_equal,
    running,
    running_platform,
    say,
    scratch_directory,
)
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.flows.pipeline.store import COLUMNS, copy_batch
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.reader import BATCH_MAX

EVENTS, ROUNDS, WARM_UP = 200_000, 3, 40_000
PER_REQUEST, CONNECTIONS = 250, 12
STORED_LIMIT_S = 120.0
TENANT = TenantId(1)
LOG_COLUMNS = (
    "tenant_id, received_at, occurred_at, kind, name, source, message_id, person_id, tokens, identifiers, "
    "sealed, properties, context, items, order_id, revenue, currency, quantity, trace"
)
DAYS = "SELECT ensure_log_partition(day::date) FROM generate_series(now() - %(d)s, now() + %(d)s, %(d)s) day"


@dataclass(frozen=True, slots=True)
class Round:
    """When the last event of a round had passed each stage, in seconds from the first byte sent."""

    accepted_s: float
    resolved_s: float
    stored_s: float
    sent: Sent
    cpu_us: dict[str, float]  # Processor time per event, by part.


@dataclass(frozen=True, slots=True)
class Truth:
    """What one reads off the events themselves, or off history: it must be the same."""

    events: int
    message_ids: int
    people: int
    dwell_ms: int
    orders: int
    revenue: Decimal


# --- the run ---


def measure(platform: Platform, load: Connection, *, events: int, rounds: int) -> list[Round]:
    """Send a warm-up and the rounds; the events are numbered through."""
    key = platform.make_write_key()
    with platform.connect() as watcher:
        done = []
        first = 0
        for count in [WARM_UP, *[events] * rounds]:
            order = Order(platform.port, CONNECTIONS, batch_requests, (first, count, PER_REQUEST, key))
            begin(load, order)
            before = processor_time(platform)
            reached = _watch(watcher, until=first + count)
            cpu_us = processor_time(platform).per_event_us(before, count)
            sent = finish(load)
            began = sent.began_at
            done.append(
                Round(sent.seconds, reached["resolve"] - began, reached["store"] - began, sent, cpu_us)
            )
            say(f"{count:,} events queryable after {done[-1].stored_s:.2f} s; µs an event: {cpu_us}")
            first += count
    again = send(load, Order(platform.port, 1, batch_requests, (0, PER_REQUEST, PER_REQUEST, key)))
    assert again.seconds > 0
    return done[1:]


def _watch(watcher: psycopg.Connection[Any], *, until: int) -> dict[str, float]:
    """Return when each cursor reached ``until`` events."""
    reached: dict[str, float] = {}
    give_up_at = time.monotonic() + STORED_LIMIT_S
    while len(reached) < 2:
        time.sleep(0.02)
        now = time.monotonic()
        rows = watcher.execute(
            "SELECT consumer, events FROM log_cursor WHERE tenant_id = 1 AND consumer IN ('resolve', 'store')"
        ).fetchall()
        for consumer, events in rows:
            if events >= until:
                reached.setdefault(consumer, now)
        if now > give_up_at:
            raise TimeoutError(f"{until} events were not stored in time; the cursors stand at {rows}")
    return reached


def people_with_orders(platform: Platform) -> int:
    """Ask the product itself, the moment the last event was stored."""
    definition = {"kind": "event", "name": "Order Completed"}
    preview = platform.post("/api/v1/segments/preview", {"definition": definition})
    return int(preview["count"])


# --- the oracle ---


def expected(numbers: range) -> tuple[Truth, int]:
    """Count the events again, one by one, the slow way; the second figure is people with orders."""
    people, buyers, ids = set(), set(), set()
    dwell, orders, revenue = 0, 0, Decimal(0)
    for number in numbers:
        one = event(number, datetime.now(UTC))
        ids.add(one["messageId"])
        people.add(one["anonymousId"])
        properties = one.get("properties", {})
        dwell += properties.get("dwell_ms", 0)
        if one.get("event") == "Order Completed":
            orders += 1
            buyers.add(one["anonymousId"])
            revenue += Decimal(repr(properties["revenue"]))
    return Truth(len(numbers), len(ids), len(people), dwell, orders, revenue), len(buyers)


def read_history(warehouse_directory: Path) -> Truth:
    """Read the warehouse itself, the platform being stopped."""

    async def read() -> Truth:
        warehouse = Warehouse.at(f"chdb://{warehouse_directory}")
        rows = await warehouse.query(
            """
            SELECT count(), uniqExact(message_id), uniqExact(person),
                sum(ifNull(properties.dwell_ms.:Int64, 0)), countIf(name = 'Order Completed'),
                sum(ifNull(revenue, 0))
            FROM events
            """
        )
        await warehouse.close()
        events, ids, people, dwell, orders, revenue = rows[0]
        return Truth(events, ids, people, int(dwell), orders, Decimal(revenue))

    return asyncio.run(read())


def check(found: Truth, truth: Truth, *, found_buyers: int, buyers: int, found_people: int) -> None:
    """A throughput whose result is wrong counts as zero."""
    require_equal("history", found, truth)
    require_equal("people by the API", found_people, truth.people)
    require_equal("people with orders by the API", found_buyers, buyers)


# --- the yardstick ---


def save_rows(data: Path, place: Path) -> None:
    """Write the rows of the run as the log and as the warehouse takes them, ``BATCH_MAX`` a file."""
    with EmbeddedPostgres(data) as server, psycopg.connect(server.superuser_dsn("quanyu")) as connection:
        statement = f"COPY (SELECT {LOG_COLUMNS} FROM log_event ORDER BY xid, position) TO STDOUT"
        with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            _save(place / "log", (bytes(row) for row in copy))
        asyncio.run(_save_stored(server.superuser_dsn("quanyu"), place / "warehouse"))


async def _save_stored(dsn: str, folder: Path) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute("SELECT batch_id FROM log_batch ORDER BY batch_id")
        batches = [await copy_batch(connection, TENANT, batch) for (batch,) in await cursor.fetchall()]
    _save(folder, (line for batch in batches for line in batch.splitlines(keepends=True)))


def _save(folder: Path, lines: Iterator[bytes]) -> None:
    folder.mkdir()
    chunk: list[bytes] = []
    number = 0
    for line in lines:
        chunk.append(line)
        if len(chunk) == BATCH_MAX:
            (folder / f"{number:06d}").write_bytes(b"".join(chunk))
            chunk, number = [], number + 1
    if chunk:
        (folder / f"{number:06d}").write_bytes(b"".join(chunk))


def copy_into_log(data: Path, folder: Path) -> tuple[int, float]:
    """Return (rows, seconds) of ``COPY`` into the log table of a fresh database, one commit per file."""
    with EmbeddedPostgres(data) as server:
        migrate_postgres(server.dsn(Role.OWNER))
        with psycopg.connect(server.dsn(Role.SYSTEM), autocommit=True) as connection:
            connection.execute(DAYS, {"d": timedelta(days=1)})
            payloads = [path.read_bytes() for path in sorted(folder.iterdir())]
            began = time.perf_counter()
            for payload in payloads:
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY log_event ({LOG_COLUMNS}) FROM STDIN") as copy,
                ):
                    copy.write(payload)
            seconds = time.perf_counter() - began
            row = connection.execute("SELECT count(*) FROM log_event").fetchone()
            assert row is not None
            return int(row[0]), seconds


def insert_into_warehouse(directory: Path, folder: Path) -> tuple[int, float]:
    """Return (rows, seconds) of inserting into the warehouse's table, one insert per file."""
    payloads = [path.read_bytes() for path in sorted(folder.iterdir())]

    async def insert() -> tuple[int, float]:
        warehouse = Warehouse.at(f"chdb://{directory}")
        await migrate_warehouse(warehouse)
        began = time.perf_counter()
        for number, payload in enumerate(payloads):
            await warehouse.insert_tsv("events", COLUMNS, payload, deduplication_token=str(number))
        seconds = time.perf_counter() - began
        rows = await warehouse.query("SELECT count() FROM events")
        await warehouse.close()
        return int(rows[0][0]), seconds

    return asyncio.run(insert())


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Rows per second of each half, and of both one after the other."""

    copy_per_s: float
    insert_per_s: float

    @property
    def per_s(self) -> float:
        return 1 / (1 / self.copy_per_s + 1 / self.insert_per_s)


def measure_yardstick(place: Path, rows: int) -> Yardstick:
    """Put the saved rows into both engines; every row must be there."""
    copied, copy_s = apart(copy_into_log, place / "yardstick", place / "rows" / "log")
    inserted, insert_s = apart(
        insert_into_warehouse, place / "yardstick" / "bare", place / "rows" / "warehouse"
    )
    require_equal("rows of the yardstick", (copied, inserted), (rows, rows))
    return Yardstick(rows / copy_s, rows / insert_s)


# --- together ---


def main(events: int = EVENTS, rounds: int = ROUNDS) -> None:
    """Measure, check, and print one line of JSON."""
    total = WARM_UP + events * rounds
    with scratch_directory() as place, running(generate_load) as load:
        data = place / "data"
        with running_platform(data, "--no-demo") as platform:
            done = measure(platform, load, events=events, rounds=rounds)
            found_buyers = people_with_orders(platform)
            found_people = int(platform.get("/api/v1/overview")["people"]["total"])
        found = apart(read_history, data / "warehouse")
        (place / "rows").mkdir()
        save_rows(data, place / "rows")
        yardstick = measure_yardstick(place, total)
    middle = sorted(done, key=lambda one: one.stored_s)[len(done) // 2]
    result = Result(
        name="events, HTTP batch → durable → resolved → queryable",
        figure=round(events / middle.stored_s),
        unit="events/s",
        yardstick=round(yardstick.per_s),
        yardstick_name="COPY + warehouse insert of the same rows, one after the other",
        aim=Aim(ratio_min=0.5, figure_min=30_000),
        details={
            "accepted_per_s": round(events / middle.accepted_s),
            "resolved_per_s": round(events / middle.resolved_s),
            "stored_per_s": round(events / middle.stored_s),
            "rounds_per_s": [round(events / one.stored_s) for one in done],
            "answer_p50_ms": middle.sent.p50_ms,
            "answer_p99_ms": middle.sent.p99_ms,
            "cpu_us_per_event": middle.cpu_us,
            "copy_per_s": round(yardstick.copy_per_s),
            "insert_per_s": round(yardstick.insert_per_s),
            "events": total,
            "events_a_request": PER_REQUEST,
            "connections": CONNECTIONS,
        },
    )
    truth, buyers = expected(range(total))
    report(
        result,
        partial(check, found, truth, found_buyers=found_buyers, buyers=buyers, found_people=found_people),
    )


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]))
