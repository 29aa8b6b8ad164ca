"""Days go from the log to the archive, and everybody who reads by batch still finds every event."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from integration.events.world import (
    DAY,
    MIDNIGHT,
    RUNNING,
    Brand,
    Reader,
    no_merges,
    order,
    two_days,
)
from quanyu.flows.pipeline.dead_letters import DeadLetters, Replayed
from quanyu.flows.pipeline.react import React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store, copy_batch
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.catalogue import Catalogue
from quanyu.modules.events.archive.contracts import ArchiveSettings, Held, WaitingDay
from quanyu.modules.events.archive.errors import ArchiveFileMissing, LogIncomplete
from quanyu.modules.events.archive.service import DayState


async def test_a_day_goes_to_the_archive_and_every_batch_reads_as_before(brand: Brand) -> None:
    await two_days(brand)
    before = await brand.payloads()
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.DROPPED}

    assert await brand.in_log() == 4
    assert [sorted(one.splitlines()) for one in await brand.payloads()] == [
        sorted(one.splitlines()) for one in before
    ]
    ((file, events, dropped),) = await brand.rows(
        "SELECT file, events, dropped_at IS NOT NULL FROM log_archive WHERE tenant_id = :t"
    )
    assert (events, dropped) == (12, True)
    path = brand.archive.directory / file
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one for one in brand.archive.directory.rglob("*") if one.is_file()] == [path]

    brand.clock.advance(timedelta(days=1))
    assert await brand.archiver().run_once(RUNNING) == {DAY + timedelta(days=1): DayState.DROPPED}
    assert await brand.in_log() == 0
    assert [sorted(one.splitlines()) for one in await brand.payloads()] == [
        sorted(one.splitlines()) for one in before
    ]


async def test_a_key_stays_taken_after_its_event_left_the_log(brand: Brand) -> None:
    await two_days(brand)
    await brand.archiver().run_once(RUNNING)
    await brand.accept(order(3))
    assert await brand.in_log() == 4


async def test_batches_opened_again_are_stored_from_the_archive(brand: Brand) -> None:
    """What a restore does with batches the warehouse lacks."""
    await two_days(brand)
    figures = (
        "SELECT count(), toString(sum(revenue)), uniqExact(person), groupBitXor(cityHash64(message_id, "
        "occurred_at, applied_at, items.sku, properties.note.:String)) FROM events "
        "WHERE tenant_id = {tenant:UInt32}"
    )
    before = await brand.warehouse.query(figures)
    brand.clock.advance(timedelta(days=1))
    await brand.archiver().run_once(RUNNING)
    assert await brand.in_log() == 0
    await brand.warehouse.command("DELETE FROM events WHERE tenant_id = {tenant:UInt32}")
    await brand.rows(
        "UPDATE log_batch SET state = 'resolved', attempt = attempt + 1 WHERE tenant_id = :t RETURNING 1"
    )
    await brand.pipeline()
    assert await brand.warehouse.query(figures) == before


async def test_a_new_subscriber_reads_what_the_log_let_go_of(brand: Brand) -> None:
    await two_days(brand)
    await brand.archiver().run_once(RUNNING)
    newcomer = Reader("newcomer")
    react = brand.react(newcomer)
    while await react.run_once(brand.tenant_id):
        pass
    assert newcomer.seen == brand.reader.seen
    assert len(newcomer.seen) == 7


async def test_dead_letters_are_handed_over_from_the_archive(brand: Brand) -> None:
    brand.reader.poison = "o5"
    await two_days(brand)
    await brand.archiver().run_once(RUNNING)
    letters = DeadLetters(brand.uows, [brand.reader], no_merges, brand.archive)
    (letter,) = (await letters.list_letters(brand.tenant_id)).items
    assert (letter.event_name, letter.occurred_at) == ("Order Completed", order(5).occurred_at)
    brand.reader.poison = ""
    brand.reader.seen.clear()
    assert await letters.replay(brand.tenant_id) == Replayed(1, 0, 0)
    assert [event.message_id for event in brand.reader.seen] == ["o5"]


async def test_a_day_waits_for_its_slowest_reader(brand: Brand) -> None:
    await brand.accept(*(order(number) for number in range(4)))
    brand.clock.advance(timedelta(days=31))
    archiver = brand.archiver()
    steps: list[tuple[str, Resolve | Store | React]] = [
        ("resolve", brand.resolve),
        ("store", brand.store),
        ("react:reader", brand.react(brand.reader)),
    ]
    for consumer, step in steps:
        assert await archiver.held_by(DAY) == Held(brand.tenant_id, consumer)
        assert await archiver.run_once(RUNNING) == {DAY: DayState.HELD}
        while await step.run_once(brand.tenant_id):
            pass
    assert await brand.in_log() == 4
    assert await brand.archiver(consumers=["react:slow"]).held_by(DAY) == Held(brand.tenant_id, "react:slow")
    assert await archiver.run_once(RUNNING) == {DAY: DayState.DROPPED}
    assert await brand.in_log() == 0


async def test_another_brand_holds_the_day_as_well(brand: Brand) -> None:
    await brand.accept(order(1))
    await brand.pipeline()
    other = TenantId(brand.tenant_id + 100_000)
    async with brand.uows.system(other) as uow:
        await brand.intake.append(uow, [order(2)])
    brand.clock.advance(timedelta(days=31))
    assert await brand.archiver().held_by(DAY) == Held(other, "resolve")


async def test_young_days_stay(brand: Brand) -> None:
    await two_days(brand)
    assert await brand.archiver(keep_days=60).run_once(RUNNING) == {}
    assert await brand.in_log() == 16


async def test_a_day_is_cut_into_parts_and_resumed_between_them(brand: Brand) -> None:
    await two_days(brand, events=95)
    before = await brand.payloads()
    small = brand.archiver(part_rows=40, chunk_rows=10)
    stopping = asyncio.Event()
    read = small._read_chunk
    chunks = 0

    async def stop_in_the_second_part(*args: Any, **more: Any) -> bytes:
        nonlocal chunks
        chunks += 1
        if chunks == 6:
            stopping.set()
        return await read(*args, **more)

    small._read_chunk = stop_in_the_second_part  # type: ignore[method-assign]
    assert await small.run_once(stopping) == {DAY: DayState.STOPPED}
    assert await brand.in_log() == 99
    assert await brand.rows("SELECT part, events FROM log_archive WHERE tenant_id = :t") == [(1, 40)]
    assert list(brand.archive.directory.rglob("*.partial")) == []

    assert await brand.archiver(part_rows=40, chunk_rows=10).run_once(RUNNING) == {DAY: DayState.DROPPED}
    assert await brand.rows("SELECT part, events FROM log_archive WHERE tenant_id = :t ORDER BY 1") == [
        (1, 40),
        (2, 40),
        (3, 15),
    ]
    assert [sorted(one.splitlines()) for one in await brand.payloads()] == [
        sorted(one.splitlines()) for one in before
    ]


async def test_a_file_that_changed_is_written_anew_before_anything_is_dropped(
    brand: Brand, postgres: EmbeddedPostgres, database_name: str
) -> None:
    await two_days(brand)
    reading = await psycopg.AsyncConnection.connect(postgres.dsn(Role.OWNER, database_name))
    await reading.execute("SELECT FROM log_event LIMIT 1")  # As a backup would.
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.BUSY}
    await reading.close()
    ((file,),) = await brand.rows("SELECT file FROM log_archive WHERE tenant_id = :t")
    (brand.archive.directory / file).write_bytes(b"rust")

    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.BUSY}
    assert await brand.in_log() == 16
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.DROPPED}
    assert sum([one.count(b"\n") for one in await brand.payloads()]) == 16


async def test_nothing_is_dropped_that_came_after_the_files(brand: Brand) -> None:
    """A clock that went back, for example: the server itself refuses."""
    await two_days(brand)
    archiver = brand.archiver()
    let_go = archiver._let_go

    async def and_one_more(day: date, brands: Sequence[int]) -> DayState:
        brand.clock.advance(MIDNIGHT - timedelta(seconds=1) - brand.clock.now())
        await brand.accept(order(700))
        return await let_go(day, brands)

    archiver._let_go = and_one_more  # type: ignore[method-assign]
    assert await archiver.run_once(RUNNING) == {DAY: DayState.BUSY}
    assert await brand.in_log() == 17
    brand.clock.advance(timedelta(days=31))
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.HELD}
    await brand.pipeline()
    assert await brand.archiver().run_once(RUNNING) == {DAY: DayState.DROPPED}
    assert await brand.rows("SELECT part, events FROM log_archive WHERE tenant_id = :t ORDER BY 1") == [
        (1, 12),
        (2, 1),
    ]


async def test_a_missing_file_stops_its_reader_and_skips_nothing(brand: Brand) -> None:
    await two_days(brand)
    await brand.archiver().run_once(RUNNING)
    ((file,),) = await brand.rows("SELECT file FROM log_archive WHERE tenant_id = :t")
    path = brand.archive.directory / file
    path.rename(path.with_suffix(".away"))
    with pytest.raises(ArchiveFileMissing, match=file):
        await brand.payloads()
    newcomer = Reader("newcomer")
    with pytest.raises(ArchiveFileMissing):
        await brand.react(newcomer).run_once(brand.tenant_id)
    path.with_suffix(".away").rename(path)
    await brand.rows("DELETE FROM log_archive WHERE tenant_id = :t RETURNING 1")
    with pytest.raises(LogIncomplete, match="12 events of batch 1"):
        await brand.payloads()


async def test_days_are_listed_newest_first(brand: Brand) -> None:
    await two_days(brand)
    brand.clock.advance(timedelta(days=1))
    await brand.archiver().run_once(RUNNING)
    catalogue = Catalogue(brand.uows, ArchiveSettings(directory=brand.archive.directory), ("react:reader",))
    async with brand.uows.app(brand.tenant_id) as uow:
        first = await catalogue.list_days(uow, limit=1)
        second = await catalogue.list_days(uow, limit=1, cursor=first.next_cursor)
        parts = await catalogue.list_parts(uow, DAY)
    assert [(one.day, one.events, one.dropped) for one in (*first.items, *second.items)] == [
        (DAY + timedelta(days=1), 4, True),
        (DAY, 12, True),
    ]
    assert second.next_cursor is None
    assert await catalogue.find_damaged(parts) == ()
    (brand.archive.directory / parts[0].file).unlink()
    assert await catalogue.find_damaged(parts) == (parts[0].file,)


async def test_days_that_wait_name_who_holds_them(brand: Brand) -> None:
    await two_days(brand)
    catalogue = Catalogue(brand.uows, ArchiveSettings(directory=brand.archive.directory), ("react:slow",))
    assert await catalogue.list_waiting(brand.tenant_id) == (WaitingDay(day=DAY, held_by="react:slow"),)


async def test_plain_copies_of_the_log_and_of_the_archive_are_the_same_bytes(brand: Brand) -> None:
    await brand.accept(*(order(number) for number in range(9)))
    await brand.pipeline()
    async with brand.uows.system(brand.tenant_id) as uow:
        plain = await copy_batch(await uow.raw(), brand.tenant_id, 1)
    brand.clock.advance(timedelta(days=31))
    await brand.archiver().run_once(RUNNING)
    assert await brand.payloads() == [plain]
