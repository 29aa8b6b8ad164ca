"""Taking imports of people back: as before, plus what happened since."""

from pathlib import Path
from typing import Any

import pytest

from integration.imports.undoing import MAP, UndoWorld, build
from integration.imports.world import World
from integration.segments.world import build_brand, happened
from quanyu.flows.imports.jobs import ImportRun
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.prepare import Manifest, PrepareJob, prepare
from quanyu.flows.imports.undo import service as undo_service
from quanyu.flows.imports.undo.contracts import UndoCounts, UndoRefusal, UndoState
from quanyu.flows.imports.undo.errors import CannotUndoImport
from quanyu.flows.imports.undo.queries import UndoQueries
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.people.tags.contracts import Origin, TagChange
from quanyu.modules.people.tags.rules import Cause
from support.imports import lines


@pytest.fixture
def undo_world(
    world: World,
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> UndoWorld:
    monkeypatch.setattr(ImportRun, "_prepare", _prepare_here)
    brand = build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    return build(world, brand, warehouse, key_ring, tmp_path)


async def _prepare_here(run: Any) -> Manifest:
    """Prepare without a process of its own: these files are a few rows, and processes cost seconds."""
    folder = run._folder
    folder.mkdir(parents=True, exist_ok=True)
    job = PrepareJob(
        file=run._job.file,
        map_text=run._job.map_text,
        map_name=run._job.map_name,
        directory=str(folder),
        now=run._uows.clock.now(),
        dry_run=run._job.dry_run,
    )
    return prepare(job, lambda _: None)


async def history(world: UndoWorld) -> int:
    ((count,),) = await world.brand.gate.query(
        "SELECT count() FROM events WHERE tenant_id = {tenant:UInt32} AND source = 'import:crm'"
    )
    return int(count)


async def test_what_was_there_stands_again_and_newcomers_go(undo_world: UndoWorld) -> None:
    await undo_world.bring("u1,张三,上海,银卡,是,2024-01-01 10:00")
    before = await undo_world.knows()
    done = await undo_world.bring(
        "u1,张三丰,北京,金卡,否,2024-02-01 10:00",
        "u2,李四,广州,金卡;常客,是,2024-02-01 10:00",
    )
    assert len(await undo_world.knows()) == 2

    looked = await undo_world.undos.preview(undo_world.brand.tenant, done.id)
    counts = await undo_world.undo(done.id)

    assert (looked.people, looked.removed, looked.tags, looked.consents) == (2, 1, 1, 1)
    assert counts == UndoCounts(
        removed=1, restored=1, attributes=looked.attributes, tags=1, consents=1, events=6
    )
    assert await undo_world.knows() == before
    assert await history(undo_world) == 3  # Of the first import.
    async with undo_world.brand.uows.app(undo_world.brand.tenant) as uow:
        found = await undo_world.brand.people.search(uow, "张三", limit=5)  # By name: its bigrams are back.
    assert found == (PersonId(int(next(iter(before)))),)
    with pytest.raises(CannotUndoImport):
        await undo_world.undos.start(undo_world.brand.tenant, done.id, actor="小林")


async def test_the_same_file_can_be_imported_again(undo_world: UndoWorld) -> None:
    row = "u1,张三,上海,银卡,是,2024-01-01 10:00"
    first = await undo_world.bring(row)
    await undo_world.undo(first.id)
    assert await undo_world.knows() == {}

    again = await undo_world.bring(row)

    assert (again.events_written, again.events_duplicate) == (3, 0)
    (known,) = (await undo_world.knows()).values()
    assert ("city", "上海") in [one[:2] for one in known["attributes"]]


async def test_newer_words_win_and_who_did_something_stays(undo_world: UndoWorld, clock: FixedClock) -> None:
    done = await undo_world.bring(
        "u1,张三,上海,银卡,是,2024-01-01 10:00",
        "u2,李四,北京,,,2024-01-01 10:00",
        "u3,王五,广州,,,2024-01-01 10:00",
    )
    brand, tags = undo_world.brand, undo_world.tags
    one, two = await brand.person("u1"), await brand.person("u2")
    await undo_world.bring("u1,张三,深圳,,否,2024-06-01 10:00")
    async with brand.uows.app(brand.tenant) as uow:
        silver = (await tags.names(uow))["等级"][1]["银卡"]
        by_hand = Cause(origin=Origin.MANUAL, actor="小林")
        await tags.giving.change(uow, [PersonId(one)], TagChange(remove=(silver,)), cause=by_hand)
        await tags.giving.change(uow, [PersonId(two)], TagChange(add=(silver,)), cause=by_hand)
    await undo_world.settle()

    counts = await undo_world.undo(done.id)

    assert (counts.removed, counts.tags, counts.consents) == (1, 0, 0)
    known = await undo_world.knows()
    assert set(known) == {str(one), str(two)}
    assert {key: value for key, value, *_ in known[str(one)]["attributes"]}["city"] == "深圳"
    assert ("marketing", "sms", False) in known[str(one)]["consent"]
    assert known[str(two)]["attributes"] == []
    assert [name for name, *_ in known[str(two)]["tags"]] == ["银卡"]
    assert counts.kept_newer >= 3


async def test_somebody_who_visited_since_stays_without_what_was_told(undo_world: UndoWorld) -> None:
    done = await undo_world.bring("u1,张三,上海,银卡,是,2024-01-01 10:00")
    await undo_world.brand.tell(happened("Page Viewed", "u1", undo_world.brand.clock.now()))

    counts = await undo_world.undo(done.id)

    assert (counts.removed, counts.restored) == (0, 1)
    (known,) = (await undo_world.knows()).values()
    assert (known["attributes"], known["tags"]) == ([], [])


async def test_cut_short_anywhere_it_comes_to_the_same(
    undo_world: UndoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_service, "SLICE", 2)
    await undo_world.bring(*[f"u{n},甲{n},上海,银卡,是,2024-01-01 10:00" for n in range(3)])
    before = await undo_world.knows()
    done = await undo_world.bring(*[f"u{n},乙{n},北京,金卡,否,2024-02-01 10:00" for n in range(5)])
    await undo_world.undos.start(undo_world.brand.tenant, done.id, actor="小林")
    kept = UndoQueries.change

    async def dies(self: UndoQueries, import_id: int, **values: Any) -> None:
        await kept(self, import_id, **values)
        raise ConnectionError

    for _ in range(40):  # Every piece is cut short once before it is done.
        with monkeypatch.context() as broken:
            broken.setattr(UndoQueries, "change", dies)
            with pytest.raises(ConnectionError):
                await undo_world.undos.run_once(undo_world.brand.tenant)
        await undo_world.undos.run_once(undo_world.brand.tenant)
        answer = (await undo_world.undos.get(undo_world.brand.tenant, done.id)).undo
        assert answer is not None
        if answer.state is UndoState.DONE:
            break
    await undo_world.settle()

    assert answer is not None
    assert answer.counts == UndoCounts(
        removed=2, restored=3, attributes=answer.counts.attributes, tags=3, consents=3, events=15
    )
    assert await undo_world.knows() == before


async def test_stopped_it_rests_until_it_is_resumed(undo_world: UndoWorld) -> None:
    done = await undo_world.bring("u1,张三,上海,,,2024-01-01 10:00")
    brand, undos = undo_world.brand, undo_world.undos
    await undos.start(brand.tenant, done.id, actor="小林")
    await undos.stop(brand.tenant, done.id)
    assert await undos.run_once(brand.tenant) == 0
    assert len(await undo_world.knows()) == 1

    await undos.resume(brand.tenant, done.id)
    await undo_world.finish()

    assert await undo_world.knows() == {}


async def test_what_cannot_be_taken_back_says_why(undo_world: UndoWorld) -> None:
    world, brand = undo_world.world, undo_world.brand
    orders = await world.run(world.file(lines("1,A,红茶,1,2024-05-01 10:00,1.25,u1,UK")))
    trial = await world.run(
        world.file("用户,姓名,城市,标签,同意,时间\nu1,张三,上海,,,2024-01-01 10:00\n", "trial.csv"),
        import_map=MAP,
        kind=ImportKind.PEOPLE,
        dry_run=True,
    )
    unheard = await world.run(
        world.file("用户,姓名,城市,标签,同意,时间\nu1,张三,上海,,,2024-01-01 10:00\n"),
        import_map=MAP,
        kind=ImportKind.PEOPLE,
    )

    found = [(await undo_world.undos.get(brand.tenant, one.id)).refusal for one in (orders, trial, unheard)]

    assert found == [UndoRefusal.NOT_PEOPLE, UndoRefusal.DRY_RUN, UndoRefusal.NOT_STORED]
