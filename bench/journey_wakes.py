"""Journey wakes per second, against ``pgbench -N`` on the same PostgreSQL; and how late people are woken.

A wake: somebody's time at a node is up; they are claimed, moved to the next node, their step is logged, the
counts per node are added to, and their next timer is set, all committed. The yardstick's transaction updates
one row, reads it and inserts one. Both run on one embedded server with its usual, durable settings, one after
the other. Afterwards every step is counted: each person woken once per round, and the sums
per node equal the log.

Then, at half the throughput that was found, timers ring spread over ten seconds for the running engine on the
real clock; late is what lies between the ring and the move.

Run: ``python -m bench.journey_wakes [PEOPLE]``. Prints two JSON lines.
"""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvloop

from bench.support import Aim, Result, WrongResult, report, require_equal, say, scratch_directory
from quanyu.app.migrate import migrate_postgres
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.embedded_postgres.binaries import from_environment
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock, SystemClock
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.modules.journeys.engine import Engine
from quanyu.modules.journeys.queries import counts, enrolments, journeys
from quanyu.modules.journeys.queries.enrolments import NewEnrolment
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.rules import State, Status

TENANT = TenantId(1)
PEOPLE, ROUNDS, PART = 30_000, 4, 5_000
WAIT_S, SPREAD_S, HEAD_START_S = 60, 10.0, 4.0
PGBENCH_SCALE, PGBENCH_CLIENTS, PGBENCH_S = 10, 8, 10
LIMIT_S = 120.0

GRAPH: dict[str, Any] = {
    "entry": {"kind": "event", "event": "Never"},
    "start": "w0",
    "nodes": {
        **{f"w{n}": {"kind": "wait", "seconds": WAIT_S, "next": f"w{n + 1}"} for n in range(ROUNDS + 1)},
        f"w{ROUNDS + 1}": {"kind": "wait", "seconds": 86_400, "next": "out"},
        "out": {"kind": "end"},
    },
}


class _NotAsked:
    """These journeys ask no conditions and send nothing."""

    def __getattr__(self, name: str) -> Any:
        raise WrongResult(f"the engine asked for {name}")


class _Themselves:
    async def canonical_ids(self, uow: UnitOfWork, people: Sequence[PersonId]) -> Mapping[PersonId, PersonId]:
        return {}


@asynccontextmanager
async def open_database(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    database = Database(
        DatabaseUrls(owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP))
    )
    yield database
    await database.close()


def yardstick(server: EmbeddedPostgres) -> float:
    """Return transactions per second of ``pgbench -N``."""
    pgbench, dsn = str(from_environment().program("pgbench")), server.superuser_dsn("postgres")
    say(f"pgbench: scale {PGBENCH_SCALE}, {PGBENCH_CLIENTS} clients, {PGBENCH_S} s")
    subprocess.run([pgbench, "-i", "-q", "-s", str(PGBENCH_SCALE), dsn], check=True, capture_output=True)
    load = ["-N", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", str(PGBENCH_S)]
    done = subprocess.run([pgbench, *load, dsn], check=True, capture_output=True, text=True)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise WrongResult(f"pgbench gave no figure: {done.stdout}")
    return float(found[1])


async def publish(uows: UnitOfWorkFactory, now: datetime) -> int:
    """Publish the graph; return the journey's id."""
    journey_id = new_id()
    async with uows.system(TENANT) as uow:
        row = JourneyRow(journey_id, "bench", "draft", GRAPH, 0, now, now)
        await journeys.insert(uow, row)
        await journeys.publish_version(uow, row, GRAPH, entry=("event", "Never"), lets_in=False, now=now)
    return journey_id


async def let_in(uows: UnitOfWorkFactory, journey_id: int, came: Sequence[datetime]) -> None:
    """Let one person in for each instant."""
    for start in range(0, len(came), PART):
        async with uows.system(TENANT) as uow:
            entries = [
                NewEnrolment(
                    new_id(),
                    number,
                    "",
                    1,
                    f"bench:{number}",
                    {},
                    State("w0", 0, Status.ACTIVE, at, None, at),
                )
                for number, at in enumerate(came[start : start + PART], start)
            ]
            await enrolments.insert(uow, journey_id, 1, entries)


async def until_waiting(uows: UnitOfWorkFactory, journey_id: int, node: str, people: int) -> None:
    """Return when so many people are parked at a node."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with uows.system(TENANT) as uow:
                found = await uow.execute(
                    "SELECT count FROM journey_node_count WHERE journey_id = :id AND node = :node "
                    "AND outcome = '' AND NOT EXISTS (SELECT FROM enrolment WHERE tenant_id = :tenant "
                    "AND journey_id = :id AND status = 'active' AND due_at <= :now)",
                    {"id": journey_id, "node": node, "tenant": TENANT, "now": uow.clock.now()},
                )
                if (row := found.first()) is not None and row.count == people:
                    return
            await asyncio.sleep(0.02)


async def throughput(database: Database, people: int) -> float:
    """Return wakes per second when everybody's timer has rung."""
    clock = FixedClock(datetime(2026, 3, 4, 4, 0, tzinfo=UTC))
    uows = UnitOfWorkFactory(database, clock)
    journey_id = await publish(uows, clock.now())
    await let_in(uows, journey_id, [clock.now()] * people)
    engine, stop = new_engine(uows), asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    await until_waiting(uows, journey_id, "w0", people)
    seconds = 0.0
    for number in range(ROUNDS):
        began = time.perf_counter()
        clock.advance(timedelta(seconds=WAIT_S))
        engine.wake()
        await until_waiting(uows, journey_id, f"w{number + 1}", people)
        took = time.perf_counter() - began
        seconds += took
        say(f"{people} woken in {took:.2f} s")
    stop.set()
    await running
    await check(uows, journey_id, {f"w{n}": {"next": people} for n in range(ROUNDS)})
    async with uows.system(TENANT) as uow:
        await uow.execute("UPDATE journey SET status = 'paused' WHERE id = :id", {"id": journey_id})
    return people * ROUNDS / seconds


async def check(uows: UnitOfWorkFactory, journey_id: int, expected: Any) -> None:
    """Everybody was woken once a round, and the sums are those of the steps."""
    async with uows.system(TENANT) as uow:
        found = (await counts.count_nodes(uow, [journey_id]))[journey_id]
        left = {node: dict(one.outcomes) for node, one in found.items() if one.outcomes}
        require_equal("steps by node", left, expected)
        require_equal("wrong sums", await counts.list_wrong_sums(uow, 10), [])
        require_equal("wrong passages", await counts.list_wrong_passages(uow, 10), [])


async def lateness(database: Database, rate_per_s: float) -> list[float]:
    """Return how late each person was woken, in seconds, with so many timers ringing a second."""
    clock = SystemClock()
    uows = UnitOfWorkFactory(database, clock)
    people = round(rate_per_s * SPREAD_S)
    journey_id = await publish(uows, clock.now())
    await let_in(uows, journey_id, [clock.now()] * people)
    # As if they had begun to wait so long ago that the first timer rings soon.
    first = clock.now() + timedelta(seconds=HEAD_START_S - WAIT_S + people / 40_000)
    async with uows.system(TENANT) as uow:
        await uow.execute(
            "UPDATE enrolment SET entered_node_at = CAST(:first AS timestamptz) "
            "+ person_id * CAST(:apart AS interval), "
            "wake_at = CAST(:first AS timestamptz) + person_id * CAST(:apart AS interval) + "
            "CAST(:wait AS interval), due_at = CAST(:first AS timestamptz) "
            "+ person_id * CAST(:apart AS interval) + CAST(:wait AS interval) WHERE journey_id = :id",
            {
                "first": first,
                "apart": timedelta(seconds=SPREAD_S / people),
                "wait": timedelta(seconds=WAIT_S),
                "id": journey_id,
            },
        )
    stop = asyncio.Event()
    running = asyncio.create_task(new_engine(uows).run(stop))
    async with asyncio.timeout(LIMIT_S):
        while (await woken(uows, journey_id)) < people:  # noqa: ASYNC110 - the database is what we wait for.
            await asyncio.sleep(0.5)
    stop.set()
    await running
    await check(uows, journey_id, {"w0": {"next": people}})
    return await _late(uows, journey_id)


async def woken(uows: UnitOfWorkFactory, journey_id: int) -> int:
    async with uows.system(TENANT) as uow:
        found = (await counts.count_nodes(uow, [journey_id])).get(journey_id, {})
        return sum(node.left for node in found.values())


async def _late(uows: UnitOfWorkFactory, journey_id: int) -> list[float]:
    async with uows.system(TENANT) as uow:
        rows = await uow.execute(
            "SELECT extract(epoch FROM s.left_at - s.entered_at) - :wait FROM journey_step s "
            "JOIN enrolment e ON e.tenant_id = s.tenant_id AND e.id = s.enrolment_id "
            "WHERE e.journey_id = :id ORDER BY 1",
            {"wait": WAIT_S, "id": journey_id},
        )
        return [float(row[0]) for row in rows]


def new_engine(uows: UnitOfWorkFactory) -> Engine:
    return Engine(uows, _NotAsked(), _NotAsked(), _Themselves())  # type: ignore[arg-type]


async def measure(server: EmbeddedPostgres, people: int) -> None:
    """Measure, check, and print both lines."""
    tps = yardstick(server)
    async with open_database(server) as database:
        figure = await throughput(database, people)
        report(
            Result(
                name="journey wakes",
                figure=round(figure),
                unit="wakes/s",
                aim=Aim(ratio_min=2.0, figure_min=10_000),
                yardstick=round(tps),
                yardstick_name="pgbench -N, transactions/s",
                details={"people": people, "rounds": ROUNDS},
            )
        )
        late = await lateness(database, figure / 2)
        report(
            Result(
                name="journey wakes, p99 late at half load",
                figure=round(late[int(len(late) * 0.99)], 3),
                unit="s",
                aim=Aim(figure_max=1.0),
                details={
                    "wakes": len(late),
                    "p50_s": round(late[len(late) // 2], 3),
                    "max_s": round(late[-1], 3),
                },
            )
        )


def main(people: int) -> None:
    with scratch_directory() as directory, EmbeddedPostgres(directory) as server:
        migrate_postgres(server.dsn(Role.OWNER))
        uvloop.run(measure(server, people))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
