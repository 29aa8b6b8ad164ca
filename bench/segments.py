"""How long rebuilding a behavioural segment takes, against hand-written ClickHouse SQL for the same people.

A brand of PEOPLE people with 50 events each over a year is generated inside the warehouse. The segment: two
or more orders within 90 days worth more than 300 in all, and nothing put into the cart for a day. Measured:

- *count*: our compiled query through the gate (the p95 of 20), against SQL a skilled person would write;
- *rebuild*: evaluate as of a later instant, compare with the stored members, write who came and went to both
  databases with their facts, against the hand-written SQL followed by storing its result as the new members.

Both answers are compared: the same people, one by one. Run: ``python -m bench.segments [PEOPLE]``
(1,000,000 is the size of the aims in seconds; the ratio is aimed at in every size). Prints two JSON lines.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.support import Aim, Result, report
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId, decode_id
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.people.service import People
from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.segments.refresh import Refresher
from quanyu.modules.segments.service import Segments
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

TENANT = TenantId(1)
EVENTS_EACH = 50
GENERATE_AT_ONCE = 2_000_000
NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY_MS = 86_400_000
ROUNDS = 20
REBUILDS = 3
RATIO_MAX = 1.3
FULL_SIZE = 1_000_000  # People for which the aims in milliseconds and seconds are meant.
COUNT_P95_MS_MAX, REBUILD_S_MAX = 500, 2

DEFINITION: dict[str, Any] = {
    "kind": "all",
    "of": [
        {
            "kind": "event",
            "name": "Order Completed",
            "count": {"op": "gte", "value": 2},
            "window": {"kind": "rolling", "amount": 90, "unit": "days"},
        },
        {
            "kind": "aggregate",
            "name": "Order Completed",
            "function": "sum",
            "of": {"kind": "field", "field": "revenue"},
            "window": {"kind": "rolling", "amount": 90, "unit": "days"},
            "test": {"op": "gt", "value": 300},
        },
        {
            "kind": "event",
            "name": "Product Added",
            "count": {"op": "eq", "value": 0},
            "window": {"kind": "rolling", "amount": 1, "unit": "days"},
        },
    ],
}
# One scan per event name, as somebody who knows ClickHouse writes it, merges and deleted profiles minded.
_CANONICAL = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
HAND_WRITTEN = f"""
SELECT who FROM
(
    SELECT {_CANONICAL} AS who FROM events
    WHERE tenant_id = {{tenant:UInt32}} AND name = 'Order Completed' AND person != 0
        AND occurred_at BETWEEN {{t:DateTime64(3, 'UTC')}} - INTERVAL 90 DAY AND {{t:DateTime64(3, 'UTC')}}
    GROUP BY who HAVING count() >= 2 AND sum(revenue) > 300
)
WHERE who IN (SELECT person FROM profiles FINAL WHERE tenant_id = {{tenant:UInt32}} AND deleted = 0)
    AND who NOT IN
    (
        SELECT {_CANONICAL} FROM events
        WHERE tenant_id = {{tenant:UInt32}} AND name = 'Product Added' AND person != 0
            AND occurred_at BETWEEN {{t:DateTime64(3, 'UTC')}} - INTERVAL 1 DAY AND {{t:DateTime64(3, 'UTC')}}
    )
"""
# As the pipeline writes them: a batch a minute in the order of time, versions that carry their instant.
_GENERATE = """
INSERT INTO events (tenant_id, name, person, occurred_at, revenue, position, batch_id, properties)
SELECT {tenant:UInt32}, arrayElement(
        ['Order Completed', 'Product Added', 'Product Added', 'Product Viewed', 'Product Viewed',
         'Product Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed'], 1 + h % 10) AS name,
    1 + number % {people:UInt32},
    fromUnixTimestamp64Milli({now:Int64} + 3600000 - toInt64(intDiv(h, 16) % 31536000000), 'UTC'),
    if(h % 10 = 0, toDecimal64(1 + intDiv(h, 64) % 40000, 4) / 100, NULL), number,
    1 + intDiv(31536000000 - toInt64(intDiv(h, 16) % 31536000000), 60000),
    CAST(concat('{"product_id":"p', toString(h % 997), '","size":', toString(h % 7), '}'), 'JSON')
FROM (SELECT number, cityHash64(number) AS h FROM numbers({first:UInt64}, {count:UInt64}))
"""
_PROFILES = """
INSERT INTO profiles (tenant_id, person, attributes, deleted, version)
SELECT {tenant:UInt32}, 1 + number, CAST(concat('{"level":', toString(number % 5), '}'), 'JSON'),
    number % 1000 = 0, bitShiftLeft({newest:UInt64} - intDiv(number * 31536000000, {people:UInt64}), 22)
FROM numbers({people:UInt64})
"""


@dataclass
class House:
    """The parts a segment needs."""

    uows: UnitOfWorkFactory
    warehouse: Warehouse
    clock: FixedClock
    segments: Segments
    refresher: Refresher


@asynccontextmanager
async def house(server: EmbeddedPostgres, directory: Path) -> AsyncIterator[House]:
    database = Database(
        DatabaseUrls(owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP))
    )
    clock, keys, log, tenants = FixedClock(NOW), KeyRing(KeyFile.new()), Log(), Tenants()
    warehouse = Warehouse.at(f"chdb://{directory / 'warehouse'}")
    await migrate_warehouse(warehouse)
    uows = UnitOfWorkFactory(database, clock)
    uows.write_facts_with(Intake(log, Collector(log, database.connect_system, clock), keys).write_facts)
    async with uows.system(TENANT) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (:tenant, 'bench', 'Bench', 'Asia/Shanghai', 'CNY', :now)",
            {"tenant": TENANT, "now": NOW},
        )
    segments = Segments(warehouse, People(keys, warehouse), tenants)
    yield House(uows, warehouse, clock, segments, Refresher(uows, warehouse, tenants))
    await warehouse.close()
    await database.close()


async def generate(warehouse: Warehouse, people: int) -> None:
    """Fill the warehouse; the engine makes the rows itself."""
    gate = warehouse.for_tenant(TENANT)
    now = int(NOW.timestamp() * 1000)
    await gate.command(_PROFILES, {"people": people, "newest": now - DAY_MS})
    total = people * EVENTS_EACH
    for first in range(0, total, GENERATE_AT_ONCE):
        count = min(GENERATE_AT_ONCE, total - first)
        await gate.command(_GENERATE, {"people": people, "now": now, "first": first, "count": count})
        print(f"generated {first + count:,} of {total:,} events", file=sys.stderr, flush=True)
    await warehouse.command("OPTIMIZE TABLE profiles FINAL")


async def timed(call: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = await call()
    return time.perf_counter() - began, answer


async def measure_count(home: House, people: int) -> Result:
    """Compare counting, in turns."""
    gate = home.warehouse.for_tenant(TENANT)
    definition, at = parse_definition(DEFINITION), Evaluation(NOW, ZoneInfo("Asia/Shanghai"))
    by_hand = f"SELECT count() FROM ({HAND_WRITTEN})"
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        spent, selection = await timed(lambda: home.segments.select(TENANT, definition, at))
        ours.append(spent)
        spent, rows = await timed(lambda: gate.query(by_hand, {"t": NOW}))
        theirs.append(spent)
        assert selection.count == rows[0][0] > 0, (selection.count, rows)
    return Result(
        name="segment count, p95",
        figure=round(p95(ours) * 1000),
        unit="ms",
        yardstick=round(p95(theirs) * 1000),
        yardstick_name="hand-written ClickHouse SQL",
        measured_ratio=statistics.median(ours) / statistics.median(theirs),
        aim=Aim(ratio_max=RATIO_MAX, figure_max=COUNT_P95_MS_MAX if people >= FULL_SIZE else None),
        details={"members": selection.count, "people": people, "events": people * EVENTS_EACH},
    )


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95) - 1]


async def measure_rebuild(home: House, people: int) -> Result:
    """Compare rebuilding as of an hour later, the difference written."""
    async with home.uows.app(TENANT) as uow:
        view = await home.segments.create(uow, SaveSegment(name="Bench", definition=DEFINITION))
    segment = decode_id("seg", view.id)
    await home.refresher.refresh(TENANT, segment)  # The first members; what is measured is keeping them.
    gate = home.warehouse.for_tenant(TENANT)
    ours: list[float] = []
    theirs: list[float] = []
    changed = 0
    for turn in range(REBUILDS):
        home.clock.advance(timedelta(hours=1) / REBUILDS)
        at = home.clock.now()
        spent, refreshed = await timed(lambda: home.refresher.refresh(TENANT, segment))
        ours.append(spent)
        changed += refreshed.entered + refreshed.left
        spent, _ = await timed(
            lambda turn=turn, at=at: gate.command(
                "INSERT INTO segment_membership (tenant_id, segment_id, person, since, version, member) "
                f"SELECT {{tenant:UInt32}}, {{turn:UInt64}}, who, {{t:DateTime64(3, 'UTC')}}, 1, 1 "
                f"FROM ({HAND_WRITTEN})",
                {"t": at, "turn": turn + 1},
            )
        )
        theirs.append(spent)
        await check(home, segment, turn + 1)
    return Result(
        name="segment rebuild, difference and facts written to both databases",
        figure=round(statistics.median(ours), 3),
        unit="s",
        yardstick=round(statistics.median(theirs), 3),
        yardstick_name="hand-written ClickHouse SQL, result stored",
        aim=Aim(ratio_max=RATIO_MAX, figure_max=REBUILD_S_MAX if people >= FULL_SIZE else None),
        details={"changed": changed, "people": people, "events": people * EVENTS_EACH},
    )


async def check(home: House, segment: int, by_hand: int) -> None:
    """The members in both databases are exactly those the hand-written SQL selects."""
    rows = await home.warehouse.for_tenant(TENANT).query(
        "SELECT segment_id, groupArray(person) FROM (SELECT segment_id, person FROM segment_membership FINAL "
        "WHERE tenant_id = {tenant:UInt32} AND segment_id IN ({ours:UInt64}, {theirs:UInt64}) AND member = 1 "
        "ORDER BY person) GROUP BY segment_id",
        {"ours": segment, "theirs": by_hand},
    )
    found = dict(rows)
    async with home.uows.system(TENANT) as uow:
        members = await home.segments.member_ids(uow, segment)
    assert found[segment] == found[by_hand] == members, "the answers differ"


async def compare(server: EmbeddedPostgres, directory: Path, people: int) -> None:
    async with house(server, directory) as home:
        await generate(home.warehouse, people)
        for measure in (measure_count, measure_rebuild):
            report(await measure(home, people))


def main(people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-", ignore_cleanup_errors=True) as text:
        directory = Path(text)
        directory.chmod(0o711)  # As root, PostgreSQL runs as a user of its own.
        with EmbeddedPostgres(directory / "postgres") as server:
            migrate_postgres(server.dsn(Role.OWNER))
            asyncio.run(compare(server, directory, people))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
