"""Imports from the first call to the log: once for good, all or nothing, resumed where they stopped."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from integration.imports.world import World, many_orders, revenue_of
from quanyu.flows.imports.contracts import ImportPhase, ImportStatus, StartImport
from quanyu.flows.imports.errors import FileUnusable, ImportFinished, ImportNotFound, MapInvalid
from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import AcceptOutcome
from quanyu.modules.events.plan import queries as plans
from quanyu.modules.events.plan.contracts import PlanMode, PlanType, PropertyRule, SavePlan
from support.imports import ORDERS_MAP, lines

ROWS = (
    "536365,85123A,HEART,6,2010-12-01 08:26,2.55,17850,United Kingdom",
    "536365,71053,LANTERN,8,2010-12-01 08:27,3.39,17850,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41,27.50,,United Kingdom",
)


def rejects_of(path: str) -> tuple[str, int]:
    """Return the text of a rejects file and who may read it."""
    return Path(path).read_text(encoding="utf-8-sig"), Path(path).stat().st_mode


async def test_orders_reach_the_log_as_stated(world: World) -> None:
    job = await world.run(world.file(lines(*ROWS)))

    assert (job.status, job.phase, job.share) == (ImportStatus.COMPLETED, ImportPhase.DONE, 1.0)
    assert (job.rows_total, job.rows_read, job.rows_rejected) == (3, 3, 0)
    assert (job.events_total, job.events_written, job.events_of_nobody) == (2, 2, 1)
    assert job.events_by_name == {"Order Completed": 1, "Order Refunded": 1}
    assert await world.log() == [
        ("order:536365:completed", "Order Completed", "import:shop", "536365", "42.4200"),
        ("order:C536379:refunded", "Order Refunded", "import:shop", "C536379", "-27.5000"),
    ]
    items = await world.log("items::text")
    assert json.loads(items[0])[1] == {
        "product_id": "71053",
        "name": "LANTERN",
        "price": "3.39",
        "quantity": "8",
    }
    assert not list((world.files / "imports").glob("*/chunks"))  # Nothing personal stays in clear.


async def test_importing_twice_changes_nothing(world: World) -> None:
    await world.run(world.file(lines(*ROWS)))
    before = await world.log("position, properties::text")

    again = await world.run(world.file(lines(*reversed(ROWS)), "renamed and resorted.csv"))

    assert (again.status, again.events_written, again.events_duplicate) == (ImportStatus.COMPLETED, 0, 2)
    assert again.events_differing == 0
    assert again.queryable_at is not None
    assert await world.log("position, properties::text") == before


async def test_an_order_that_differs_is_counted_and_the_first_content_stays(world: World) -> None:
    await world.run(world.file(lines(*ROWS)))
    before = await world.log()

    changed = await world.run(world.file(lines(*ROWS).replace("2.55", "2.56"), "changed.csv"))

    assert (changed.events_written, changed.events_duplicate, changed.events_differing) == (0, 1, 1)
    assert await world.log() == before
    async with world.uows.system(world.tenant_id) as uow:
        found = await uow.execute(
            "SELECT message_id FROM event_conflict WHERE tenant_id = :tenant", {"tenant": world.tenant_id}
        )
        assert found.scalars().all() == ["order:536365:completed"]


async def test_another_source_is_another_order(world: World) -> None:
    file = world.file(lines(*ROWS))
    await world.run(file)

    other = await world.run(file, ORDERS_MAP.replace('"shop"', '"shop_two"'))

    assert other.events_written == 2


async def test_a_dry_run_shows_and_writes_nothing(world: World) -> None:
    file = world.file(lines(*ROWS, "7,A,Tea,x,2010-12-01 08:26,1,u1,UK"))

    job = await world.run(file, dry_run=True)

    assert (job.status, job.events_total, job.events_written) == (ImportStatus.COMPLETED, 2, 0)
    assert job.reject_reasons == {"number.invalid": 1}
    assert job.first_rejects[0]["row"] == 5
    assert job.sample_events[0]["order_id"] == "536365"
    assert job.first_at is not None
    assert job.first_at.isoformat() == "2010-12-01T08:27:00+00:00"
    assert await world.log() == []


async def test_rejects_are_written_beside_what_is_imported(world: World) -> None:
    job = await world.run(world.file(lines(*ROWS, "7,A,Tea,x,2010-12-01 08:26,1,u1,UK")))

    assert (job.status, job.events_written, job.rows_rejected) == (ImportStatus.COMPLETED, 2, 1)
    assert job.rejects_path is not None
    text, mode = rejects_of(job.rejects_path)
    assert mode & 0o077 == 0
    assert "5,number.invalid,“quantity”：不是数字" in text


async def test_rejects_import_once_they_are_corrected(world: World) -> None:
    job = await world.run(world.file(lines(*ROWS, "7,A,Tea,x,2010-12-01 08:26,1,u1,UK")))
    assert job.rejects_path is not None
    text = rejects_of(job.rejects_path)[0].replace(",x,", ",3,")

    corrected = await world.run(world.file(text, "corrected.csv"))

    assert (corrected.events_written, corrected.rows_rejected) == (1, 0)


@pytest.mark.parametrize(
    ("content", "import_map", "message"),
    [
        ("a,b\n1,2\n", ORDERS_MAP, "columns of the map are missing"),
        (lines(*ROWS), ORDERS_MAP.replace("%Y-%m-%d", "%d/%m/%Y"), "3 of 3 rows cannot be imported"),
        (lines(*ROWS) + '"', ORDERS_MAP, "never ends"),
    ],
)
async def test_a_wrong_file_fails_with_its_reason_and_nothing_written(
    world: World, content: str, import_map: str, message: str
) -> None:
    job = await world.run(world.file(content), import_map)

    assert job.status is ImportStatus.FAILED
    assert job.error is not None
    assert (job.error.code, message in job.error.message) == ("imports.file_unusable", True)
    assert "orders.csv：" in job.error.message_zh
    assert await world.log() == []


async def test_a_wrong_call_is_refused_at_once(world: World) -> None:
    file = world.file(lines(*ROWS))

    with pytest.raises(MapInvalid, match="this map is for orders, the command is for people"):
        await world.start(file, kind=ImportKind.PEOPLE)
    with pytest.raises(MapInvalid, match="kind: expected"):
        await world.start(file, ORDERS_MAP.replace('"orders"', '"order"', 1))
    with pytest.raises(FileUnusable, match="No such file"):
        await world.start(world.files / "missing.csv")
    with pytest.raises(FileUnusable, match="give the absolute path"):
        await world.start(Path("orders.csv"))
    with pytest.raises(ValueError, match="either map_path or map"):
        StartImport(kind=ImportKind.ORDERS, path=str(file))
    with pytest.raises(ImportNotFound):
        await world.get("imp_1")
    assert not await world.worker.run_once()


async def test_two_calls_for_the_same_file_are_one_import(world: World) -> None:
    file = world.file(lines(*ROWS))

    first, second = await world.start(file), await world.start(file)
    dry = await world.start(file, dry_run=True)

    assert first.id == second.id != dry.id
    async with world.uows.app(world.tenant_id) as uow:
        page = await world.imports.list_imports(uow, cursor=None, limit=1)
        assert [one.id for one in page.items] == [dry.id]
        rest = await world.imports.list_imports(uow, cursor=page.next_cursor, limit=5)
        assert ([one.id for one in rest.items], rest.next_cursor) == ([first.id], None)
    await world.cancel(first.id)
    await world.cancel(dry.id)


async def test_cancelling_before_anything_was_written_leaves_nothing(world: World) -> None:
    job = await world.start(world.file(lines(*ROWS)))

    assert (await world.cancel(job.id)).status is ImportStatus.CANCELLED
    assert not await world.worker.run_once()
    assert await world.log() == []
    with pytest.raises(ImportFinished):
        await world.cancel(job.id)


class _Breaking(Intake):
    """Loses the database, or calls for a stop, after some chunks."""

    def __init__(self, inner: Intake, *, chunks: int, world: World, job_id: str = "") -> None:
        self._inner, self._left, self._world, self._job_id = inner, chunks, world, job_id

    async def append(self, uow: UnitOfWork, events: Sequence[IntakeEvent]) -> list[AcceptOutcome]:
        outcomes = await self._inner.append(uow, events)
        self._left -= 1
        if self._left == 0 and self._job_id:
            # From another connection, as the console does; the row is locked until this chunk commits.
            self._cancel = asyncio.create_task(self._world.cancel(self._job_id))
            await asyncio.sleep(0.05)
        elif self._left == 0:
            raise psycopg.OperationalError("the connection was lost before the commit")
        return outcomes


def breaking_worker(world: World, database: Database, **how: Any) -> ImportWorker:
    intake = _Breaking(world.intake, world=world, **how)
    return ImportWorker(world.uows, intake, connect=database.connect_system, directory=world.worker.directory)


async def test_an_interrupted_import_goes_on_at_its_checkpoint(world: World, database: Database) -> None:
    job = await world.start(world.file(many_orders(5_000)))
    with pytest.raises(psycopg.OperationalError):
        await breaking_worker(world, database, chunks=2).run_once()
    interrupted = await world.get(job.id)
    assert (interrupted.status, interrupted.events_written) == (ImportStatus.RUNNING, 1_000)

    assert await world.worker.run_once()

    done = await world.get(job.id)
    assert (done.status, done.events_written, done.events_duplicate) == (ImportStatus.COMPLETED, 5_000, 0)
    expected = {(str(number), revenue_of(number)) for number in range(1, 5_001)}
    rows = await world.log("order_id, revenue::text")
    assert (len(rows), set(rows)) == (5_000, expected)


async def test_files_lost_in_between_are_prepared_again(world: World, database: Database) -> None:
    job = await world.start(world.file(many_orders(5_000)))
    with pytest.raises(psycopg.OperationalError):
        await breaking_worker(world, database, chunks=2).run_once()
    shutil.rmtree(world.worker.directory)
    world.worker.directory.mkdir()

    assert await world.worker.run_once()

    done = await world.get(job.id)
    assert (done.status, done.events_written, done.events_duplicate) == (ImportStatus.COMPLETED, 5_000, 1_000)
    assert len(await world.log("order_id")) == 5_000


async def test_cancelling_in_the_middle_keeps_what_was_written(world: World, database: Database) -> None:
    file = world.file(many_orders(5_000))
    job = await world.start(file)

    await breaking_worker(world, database, chunks=1, job_id=job.id).run_once()

    cancelled = await world.get(job.id)
    assert (cancelled.status, cancelled.events_written) == (ImportStatus.CANCELLED, 1_000)
    again = await world.run(file)
    assert (again.events_written, again.events_duplicate) == (4_000, 1_000)


async def test_a_defect_ends_its_import_and_not_the_worker(world: World, database: Database) -> None:
    class Defective(Intake):
        def __init__(self) -> None: ...

        async def append(self, uow: UnitOfWork, events: Sequence[IntakeEvent]) -> list[AcceptOutcome]:
            raise ZeroDivisionError

    job = await world.start(world.file(lines(*ROWS)))
    worker = ImportWorker(
        world.uows, Defective(), connect=database.connect_system, directory=world.worker.directory
    )

    assert await worker.run_once()

    failed = await world.get(job.id)
    assert failed.status is ImportStatus.FAILED
    assert failed.error is not None
    assert failed.error.code == "imports.defect"
    assert not await worker.run_once()


async def test_the_running_worker_takes_up_what_is_queued(world: World) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(world.worker.run(stop))
    job = await world.start(world.file(lines(*ROWS)))

    async with asyncio.timeout(60):
        while (await world.get(job.id)).status is not ImportStatus.COMPLETED:  # noqa: ASYNC110 - a row.
            await asyncio.sleep(0.05)
    stop.set()
    await running


async def test_one_brand_does_not_see_the_imports_of_another(world: World) -> None:
    job = await world.start(world.file(lines(*ROWS)))

    async with world.uows.app(TenantId(999_999)) as uow:
        assert (await world.imports.list_imports(uow, cursor=None, limit=None)).items == ()
        with pytest.raises(ImportNotFound):
            await world.imports.get(uow, job.id)
    await world.cancel(job.id)


async def test_rows_are_judged_by_the_tracking_plan(world: World) -> None:
    plan = SavePlan(
        mode=PlanMode.REJECT,
        properties=(
            PropertyRule(key="revenue", type=PlanType.NUMBER),
            PropertyRule(key="desk", required=True),
        ),
    )
    counted = SavePlan(mode=PlanMode.WARN, properties=(PropertyRule(key="reason", required=True),))
    async with world.uows.app(world.tenant_id) as uow:
        await plans.save_plan(uow, "Order Completed", plan)
        await plans.save_plan(uow, "Order Refunded", counted)
    content = lines(*ROWS)
    lenient = "rejects_max_share = 0.9\n" + ORDERS_MAP

    tried = await world.run(world.file(content), lenient, dry_run=True)
    job = await world.run(world.file(content), lenient)

    assert tried.reject_reasons == job.reject_reasons == {"plan.missing": 2}
    assert job.events_by_name == {"Order Refunded": 1}
    assert [(one.outcome, one.name, one.key, one.count) for one in job.plan_issues] == [
        ("rejected", "Order Completed", "desk", 1),
        ("warned", "Order Refunded", "reason", 1),
    ]
    async with world.uows.app(world.tenant_id) as uow:
        noted = await plans.list_issues(uow, name=None)
    # The dry run notes nothing: its events never were on their way.
    assert sorted((one.source, one.outcome, one.name, one.count) for one in noted) == [
        ("import:shop", "rejected", "Order Completed", 1),
        ("import:shop", "warned", "Order Refunded", 1),
    ]
