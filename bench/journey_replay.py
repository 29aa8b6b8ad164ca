"""Replaying a draft on history: so many people's last 30 days through a journey of five nodes.

The engine makes the history itself (four events a person on average, skewed). Everybody who looked at a
product enters once, waits a day, is asked whether they ordered meanwhile, is written to if not, and is waited
for three days. Everybody has an address, so that every message goes through all of the governor's rules. Who
entered is counted by hand-written SQL as well.

Run: ``python -m bench.journey_replay [PEOPLE]`` (1,000,000: the size of the aim). Prints a JSON line.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from bench.journey_wakes import open_database
from bench.support import Aim, Result, report, require_equal, say, scratch_directory
from quanyu.app.adapters import JourneyPersons, SegmentAudience, TenantZones
from quanyu.app.migrate import migrate_postgres, migrate_warehouse
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.replay.contracts import ReplayReport
from quanyu.modules.journeys.replay.running import Order, Replayer
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.people.service import People
from quanyu.modules.segments.service import Segments
from quanyu.modules.tenants.service import Tenants

TENANT = TenantId(1)
PEOPLE, EACH, DAYS = 1_000_000, 4, 30
AT_ONCE = 2_000_000
LIMIT_S = 300
ACCOUNT = encode_id("oac", 1)
DRAFT: dict[str, Any] = {
    "entry": {"kind": "event", "event": "Product Viewed"},
    "start": "rest",
    "nodes": {
        "rest": {"kind": "wait", "seconds": 86_400, "next": "bought"},
        "bought": {
            "kind": "condition",
            "test": {
                "kind": "event",
                "name": "Order Completed",
                "window": {"kind": "rolling", "amount": 1, "unit": "days"},
            },
            "yes": "out",
            "no": "remind",
        },
        "remind": {
            "kind": "send",
            "account_id": ACCOUNT,
            "message_kind": "template",
            "content": {"template_id": "t", "data": {}},
            "next": "back",
        },
        "back": {
            "kind": "wait_event",
            "event": "Order Completed",
            "timeout_s": 3 * 86_400,
            "matched": "out",
            "timeout": "out",
        },
        "out": {"kind": "end"},
    },
}
_GENERATE = """
INSERT INTO events
    (tenant_id, kind, name, person, occurred_at, received_at, source, message_id, position, properties)
SELECT {tenant:UInt32}, 'track',
    ['Order Completed', 'Product Added', 'Product Viewed', 'Product Viewed', 'Page Viewed'][1 + h % 5],
    1 + least(toUInt32(floor(pow(g % 1000003 / 1000003, 1.5) * {people:UInt32})), {people:UInt32} - 1),
    fromUnixTimestamp64Milli({until:Int64} - toInt64(intDiv(h, 16) % 2592000000), 'UTC') AS at, at, 'bench',
    concat('bench-', toString(number)), 1 + number, '{}'
FROM (SELECT number, cityHash64(number) AS h, cityHash64(number, 1) AS g
      FROM numbers({first:UInt64}, {count:UInt64}))
"""
_ENTRANTS = """
SELECT uniqExact(person) FROM events
WHERE tenant_id = {tenant:UInt32} AND name = 'Product Viewed' AND occurred_at >= {since:DateTime64(3, 'UTC')}
"""


class _Address:
    """How the account reaches somebody."""

    def __init__(self, person: int) -> None:
        self.openid = f"o{person}"
        self.subscribed = True


class _World:
    """Everybody has an address, wants every message, and lives in Shanghai."""

    async def resolve(
        self, uow: UnitOfWork, account_id: int, people: Sequence[PersonId]
    ) -> Mapping[PersonId, _Address]:
        return {one: _Address(one) for one in people}

    async def accounts_of(self, uow: UnitOfWork, appids: Sequence[str]) -> Mapping[str, int]:
        return {}

    async def refusals(self, uow: UnitOfWork, asks: Sequence[Any]) -> Mapping[Any, Any]:
        return {}

    async def zone_of(self, uow: UnitOfWork) -> str:
        return "Asia/Shanghai"


async def generate(warehouse: Warehouse, people: int, until_ms: int) -> None:
    """Make the history."""
    gate = warehouse.for_tenant(TENANT)
    for first in range(0, people * EACH, AT_ONCE):
        count = min(AT_ONCE, people * EACH - first)
        bound = {"people": people, "until": until_ms, "first": first, "count": count}
        await gate.command(_GENERATE, bound, limits=QueryLimits(time_s=600))
        say(f"{first + count:,} events")


@asynccontextmanager
async def opened(directory: Path, server: EmbeddedPostgres) -> AsyncIterator[tuple[Database, Warehouse]]:
    """Open both stores, with one brand."""
    async with open_database(server) as database:
        await asyncio.to_thread(migrate_postgres, server.dsn(Role.OWNER))
        warehouse = Warehouse.at(f"chdb://{directory / 'warehouse'}", database="bench")
        await migrate_warehouse(warehouse)
        yield database, warehouse
        await warehouse.close()


async def replay(database: Database, warehouse: Warehouse, people: int) -> ReplayReport:
    """Replay the draft over all of it."""
    clock = SystemClock()
    uows = UnitOfWorkFactory(database, clock)
    now = clock.now()
    async with uows.system(TENANT) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, time_zone, currency, created_at) "
            "VALUES (1, 'bench', 'Bench', 'Asia/Shanghai', 'CNY', :now)",
            {"now": now},
        )
    await generate(warehouse, people, round(now.timestamp() * 1000))
    world: Any = _World()
    keys = KeyRing(KeyFile.new())
    ports = MessagingPorts(recipients=world, variables=world, zones=world, consent=world)
    messaging = Messaging(ports, Sealer(keys))
    known = People(keys, warehouse)
    audience = SegmentAudience(Segments(warehouse, known, Tenants()), uows)
    persons = JourneyPersons(known, TenantZones(Tenants()))
    replayer = Replayer(uows, warehouse, audience, persons, messaging.rehearsal, WorkPool(processes=2))

    async def tell(step: str, progress: float) -> None:
        say(f"{step} {progress:.0%}")

    order = Order(
        tenant_id=TENANT,
        journey_id=1,
        definition=read_definition(DRAFT),
        since=now - timedelta(days=DAYS),
        until=now,
    )
    report, _ = await replayer.run(order, tell)
    rows = await warehouse.for_tenant(TENANT).query(_ENTRANTS, {"since": order.since})
    require_equal("people who entered", report.people, rows[0][0])
    require_equal("outcomes", sum(report.outcomes.values()), report.entries)
    return report


async def run(people: int) -> None:
    """Print how long the replay took."""
    with scratch_directory() as directory:
        server = EmbeddedPostgres(directory)
        await asyncio.to_thread(server.start)
        try:
            async with opened(directory, server) as (database, warehouse):
                began = time.perf_counter()
                found = await replay(database, warehouse, people)
                say(f"with its history: {time.perf_counter() - began:.0f} s")
        finally:
            await asyncio.to_thread(server.stop)
    limit = LIMIT_S * people / PEOPLE
    report(
        Result(
            name="journey replay, 30 days through five nodes",
            figure=found.seconds,
            unit="s",
            aim=Aim(figure_max=limit),
            details={
                "people": people,
                "entered": found.people,
                "questions": found.questions,
                "messages": sum(one.planned for one in found.sends.values()),
            },
        )
    )


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
