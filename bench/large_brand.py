"""What it is like to work with a large brand: its people come through the door, its history is long.

PEOPLE people are identified over HTTP through the real platform (accepted, resolved, stored). Then the
platform is stopped, the engine makes the rest of their history itself (EVENTS_EACH a person on average, a
few with very many: the activity of real customers is skewed) and merges its months, as it does by itself an
hour after the last insert into one, and the platform is started on it again.
Measured over its API, as the console asks:

- *person page*: profile and timeline of people picked by seed, the most active among them (p95);
- *finding* a person by an identifier, and the newest people (p95);
- *counting* a behavioural segment before it is saved (p95);
- *live refresh*: a segment that exists is kept up to date while k people do something: what one evaluation
  takes, for k = 0, 100, 1,000 and 10,000. The cost is to follow the people who changed, not all people;
- *memory* of all processes, and *disk* per event of history and per person.

The answers are checked: every count is the one the generator's own arithmetic gives.
Run: ``python -m bench.large_brand [PEOPLE] [EVENTS_EACH]`` (1,000,000 and 50: the size of the aims).
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.http_load import Order, generate_load, post, send
from bench.startup_memory import memory_mb, parts
from bench.support import (
    Aim,
    Platform,
    Result,
    apart,
    report,
    require_equal,
    running,
    running_platform,
    say,
    scratch_directory,
)
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.ids import TenantId

PEOPLE, EVENTS_EACH = 50_000, 50
SEED = 20_260_304
TENANT = TenantId(1)
PER_REQUEST, CONNECTIONS, AT_ONCE = 250, 12, 50_000
GENERATE_AT_ONCE = 2_000_000
ASKED = 40  # Pages of each kind.
CHANGED = (0, 100, 1_000, 10_000)
WAIT_S = SETTLE_S = 900.0
FULL_SIZE = 1_000_000
PAGE_MS_MAX, COUNT_MS_MAX = 200, 500
ACT = "Bench Act"

# The person of an event: u³ makes the first tenth of all people do almost half of everything.
_GENERATE = """
INSERT INTO events
    (tenant_id, kind, name, person, occurred_at, received_at, source, message_id, revenue, currency, position,
     properties)
SELECT {tenant:UInt32}, 'track', arrayElement(
        ['Order Completed', 'Product Added', 'Product Added', 'Product Viewed', 'Product Viewed',
         'Product Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed'], 1 + h % 10) AS name,
    1 + least(toUInt32(floor(pow(g % 1000003 / 1000003, 3) * {people:UInt32})), {people:UInt32} - 1),
    fromUnixTimestamp64Milli({until:Int64} - toInt64(intDiv(h, 16) % 31536000000), 'UTC') AS at, at, 'bench',
    concat('bench-', toString(number)),
    if(h % 10 = 0, toDecimal64(1 + intDiv(h, 64) % 40000, 4) / 100, NULL), if(h % 10 = 0, 'CNY', ''),
    {position:UInt64} + number,
    CAST(concat('{"product_id":"p', toString(h % 997), '","size":', toString(h % 7), '}'), 'JSON')
FROM (SELECT number, cityHash64(number) AS h, cityHash64(number, 1) AS g
      FROM numbers({first:UInt64}, {count:UInt64}))
"""
_TRUTH = """
SELECT sum(acts), countIf(orders > 0), max(acts) FROM
(
    SELECT count() AS acts, countIf(name = 'Order Completed' AND occurred_at >= {since:DateTime64(3, 'UTC')})
        AS orders
    FROM events GROUP BY person
)
"""


# --- the brand ---


def identity_of(number: int) -> dict[str, Any]:
    """Return the one event by which a person comes."""
    traits = {"level": number % 5, "city": ("杭州", "上海", "成都")[number % 3], "points": number % 997}
    return {
        "type": "identify",
        "messageId": f"bench-person-{number}",
        "userId": user_id(number),
        "traits": traits,
    }


def act_of(number: int) -> dict[str, Any]:
    """Return what the live segment asks about, done by one person."""
    return {"type": "track", "event": ACT, "messageId": f"bench-act-{number}", "userId": user_id(number)}


def requests(make: Callable[[int], dict[str, Any]], first: int, count: int, write_key: str) -> list[bytes]:
    """Return the events of people ``first`` … as requests of ``POST /v1/batch``."""
    last = first + count
    batches = (range(at, min(at + PER_REQUEST, last)) for at in range(first, last, PER_REQUEST))
    return [
        post("/v1/batch", json.dumps({"batch": [make(one) for one in batch]}).encode(), write_key=write_key)
        for batch in batches
    ]


def user_id(number: int) -> str:
    return f"member-{number:07d}"


def let_people_come(platform: Platform, load: Connection, key: str, people: int) -> float:
    """Identify everybody; return the seconds until the last one was stored."""
    spent = 0.0
    with platform.connect() as watcher:
        for first in range(0, people, AT_ONCE):
            count = min(AT_ONCE, people - first)
            sent = send(load, Order(platform.port, CONNECTIONS, requests, (identity_of, first, count, key)))
            wait_for(lambda until=first + count: stored(watcher) >= until, "everybody to be stored")
            spent += time.monotonic() - sent.began_at
            say(f"{first + count:,} of {people:,} people")
    return spent


def stored(watcher: Any) -> int:
    row = watcher.execute(
        "SELECT events FROM log_cursor WHERE tenant_id = 1 AND consumer = 'store'"
    ).fetchone()
    return int(row[0]) if row else 0


def wait_for(is_done: Callable[[], bool], what: str) -> None:
    give_up_at = time.monotonic() + WAIT_S
    while not is_done():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.05)


def make_history(directory: Path, people: int, events: int, until_ms: int) -> int:
    """Fill the warehouse of a stopped platform; return the bytes its history takes on disk."""

    async def fill() -> int:
        warehouse = Warehouse.at(f"chdb://{directory}")
        gate = warehouse.for_tenant(TENANT)
        base = 1 + int((await warehouse.query("SELECT max(position) FROM events"))[0][0])
        for first in range(0, events, GENERATE_AT_ONCE):
            count = min(GENERATE_AT_ONCE, events - first)
            numbers = {"first": first, "count": count, "people": people, "until": until_ms, "position": base}
            await gate.command(_GENERATE, numbers)
            print(f"{first + count:,} of {events:,} events", file=sys.stderr, flush=True)
        await settle(warehouse)
        rows = await warehouse.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'events' "
            "AND database = currentDatabase()"
        )
        await warehouse.close()
        return int(rows[0][0])

    return asyncio.run(fill())


async def settle(warehouse: Warehouse) -> None:
    """Merge each month into one part."""
    months = await warehouse.query(
        "SELECT DISTINCT partition FROM system.parts WHERE active AND table = 'events' "
        "AND database = currentDatabase()"
    )
    for (month,) in months:
        await warehouse.command(
            f"OPTIMIZE TABLE events PARTITION {month} FINAL", limits=QueryLimits(time_s=SETTLE_S)
        )


def read_truth(directory: Path, since: datetime) -> tuple[int, int, int]:
    """Count in the warehouse itself: events, people with an order since, events of the most active."""

    async def read() -> tuple[int, int, int]:
        warehouse = Warehouse.at(f"chdb://{directory}")
        rows = await warehouse.query(_TRUTH, {"since": since})
        await warehouse.close()
        return tuple(int(one) for one in rows[0])  # type: ignore[return-value]

    return asyncio.run(read())


# --- what is asked ---


def timed_ms(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = call()
    return (time.perf_counter() - began) * 1000, answer


def p95(values: Sequence[float]) -> float:
    return sorted(values)[max(int(len(values) * 0.95) - 1, 0)]


def pages(platform: Platform, people: int) -> dict[str, list[float]]:
    """Ask for the pages of people as the console does."""
    dice = random.Random(SEED)
    chosen = [0, 1, 2] + [dice.randrange(people) for _ in range(ASKED - 3)]  # The first are the most active.
    spent: dict[str, list[float]] = {"find": [], "profile": [], "timeline": [], "newest": []}
    for number in chosen:
        ms, found = timed_ms(lambda number=number: platform.get(f"/api/v1/people?q={user_id(number)}"))
        require_equal(f"people found as {user_id(number)}", len(found["items"]), 1)
        spent["find"].append(ms)
        person = found["items"][0]["id"]
        spent["profile"].append(timed_ms(lambda person=person: platform.get(f"/api/v1/people/{person}"))[0])
        ms, _ = timed_ms(lambda person=person: platform.get(f"/api/v1/people/{person}/timeline"))
        spent["timeline"].append(ms)
        spent["newest"].append(timed_ms(lambda: platform.get("/api/v1/people"))[0])
    return spent


def counts(platform: Platform, since: datetime, buyers: int) -> list[float]:
    """Count who bought since an instant, as somebody who builds a segment sees it."""
    window = {"kind": "absolute", "from": since.isoformat()}
    asked = {"definition": {"kind": "event", "name": "Order Completed", "window": window}}
    spent = []
    for _ in range(ASKED // 2):
        ms, preview = timed_ms(lambda: platform.post("/api/v1/segments/preview", asked))
        require_equal("people with an order", preview["count"], buyers)
        spent.append(ms)
    return spent


def live_refresh(platform: Platform, load: Connection, key: str, people: int) -> dict[str, int]:
    """Return what one evaluation takes by how many people changed before it, in milliseconds."""
    definition = {"kind": "event", "name": ACT, "window": {"kind": "rolling", "amount": 30, "unit": "days"}}
    made = platform.post("/api/v1/segments", {"name": "Bench", "definition": definition})
    path = f"/api/v1/segments/{made['id']}"

    def evaluated_after(instant: str) -> dict[str, Any]:
        wait_for(lambda: (platform.get(path)["as_of"] or "") > instant, "the segment to be evaluated")
        return dict(platform.get(path))

    evaluated_after("")
    spent = {}
    first = 0
    with platform.connect() as watcher:
        for changed in (one for one in CHANGED if 2 * one <= people):
            if changed:
                until = stored(watcher) + changed
                send(load, Order(platform.port, CONNECTIONS, requests, (act_of, first, changed, key)))
                wait_for(lambda until=until: stored(watcher) >= until, "the acts to be stored")
                first += changed
            began = datetime.now(UTC).isoformat()
            view = evaluated_after(began)
            require_equal("members of the live segment", view["count"], first)
            spent[f"{changed:,} changed"] = int(view["took_ms"])
            say(f"{changed:,} people changed: {view['took_ms']} ms")
    return spent


# --- the run ---


def main(people: int, each: int) -> None:
    events = people * each
    until = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    since = until - timedelta(days=90)
    with scratch_directory() as place, running(generate_load) as load:
        data = place / "data"
        with running_platform(data, "--no-demo") as platform:
            key = platform.make_write_key()
            came_s = let_people_come(platform, load, key, people)
        say(f"{people / came_s:,.0f} people a second; now their history")
        warehouse = data / "warehouse"
        history_bytes = apart(make_history, warehouse, people, events, int(until.timestamp() * 1000))
        total, buyers, most = apart(read_truth, warehouse, since)
        size = {"people": people, "events": total, "events_of_the_most_active": most}
        began = time.monotonic()
        with running_platform(data, "--no-demo") as platform:
            started_s = time.monotonic() - began
            asked = pages(platform, people)
            counted = counts(platform, since, buyers)
            refreshed = live_refresh(platform, load, key, people)
            memory = {name: memory_mb(processes) for name, processes in parts(platform).items() if processes}
            postgres_bytes = disk_bytes(data / "postgres")
    is_full = people >= FULL_SIZE
    lines = [
        Result(
            name="people identified through the door, stored",
            figure=round(people / came_s),
            unit="people/s",
            details=size,
        ),
        Result(
            name="person page (profile and timeline), p95",
            figure=round(p95([sum(pair) for pair in zip(asked["profile"], asked["timeline"], strict=True)])),
            unit="ms",
            aim=Aim(figure_max=PAGE_MS_MAX),
            details={f"{name}_p50_ms": round(statistics.median(spent), 1) for name, spent in asked.items()}
            | {f"{name}_p95_ms": round(p95(spent), 1) for name, spent in asked.items()},
        ),
        Result(
            name="behavioural segment counted over the API, p95",
            figure=round(p95(counted)),
            unit="ms",
            aim=Aim(figure_max=COUNT_MS_MAX) if is_full else Aim(),
            details={"p50_ms": round(statistics.median(counted)), "members": buyers},
        ),
        Result(
            name="live refresh when 100 people changed",
            figure=refreshed.get("100 changed", 0),
            unit="ms",
            details=refreshed,
        ),
        Result(
            name="large brand, memory of all processes (PSS)",
            figure=round(sum(memory.values())),
            unit="MB",
            details={"memory_mb": memory, "start_s": round(started_s, 1)},
        ),
        Result(
            name="disk per event of history",
            figure=round(history_bytes / total, 1),
            unit="bytes",
            details={"postgres_bytes_a_person": round(postgres_bytes / people)},
        ),
    ]
    for line in lines:
        report(line)


def disk_bytes(directory: Path) -> int:
    """Return what the files of a directory take."""
    return sum(
        (Path(at) / name).stat(follow_symlinks=False).st_size
        for at, _, names in os.walk(directory)
        for name in names
        if (Path(at) / name).exists()
    )


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE,
        int(sys.argv[2]) if len(sys.argv) > 2 else EVENTS_EACH,
    )
