"""An archiver killed anywhere: nothing is lost, nothing is doubled, another one goes on."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from integration.events.world import DAY, MIDNIGHT, Brand, order, two_days
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).with_name("archiver_process.py")
POINTS = (
    "append:after:2",
    "append:before:7",
    "finish:before:1",
    "finish:after:1",
    "add_part:before:1",
    "add_part:after:1",
    "count_between:after:1",
    "drop_day:before:1",
    "drop_day:after:1",
)
STRAY_POINTS = ("delete_strays:before:1", "delete_strays:after:2", "mark_dropped:before:1")


def archive(brand: Brand, dsn: str, point: str = "-") -> "subprocess.CompletedProcess[str]":
    now = brand.clock.now().isoformat()
    return subprocess.run(
        [sys.executable, PROGRAM, dsn, brand.archive.directory, now, point],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def _killed_at_each(brand: Brand, dsn: str, points: tuple[str, ...]) -> None:
    before = [sorted(one.splitlines()) for one in await brand.payloads()]
    for point in points:
        killed = archive(brand, dsn, point)
        assert killed.returncode == -9, (point, killed.stdout, killed.stderr)
        assert [sorted(one.splitlines()) for one in await brand.payloads()] == before, point
    finished = archive(brand, dsn)
    assert finished.returncode == 0, finished.stderr
    assert [sorted(one.splitlines()) for one in await brand.payloads()] == before
    assert await brand.in_log() == 4
    parts = await brand.rows(
        "SELECT part, events, dropped_at IS NOT NULL FROM log_archive WHERE tenant_id = :t ORDER BY 1"
    )
    assert parts == [(1, 40, True), (2, 40, True), (3, 15, True)]
    assert list(brand.archive.directory.rglob("*.partial")) == []


async def test_killed_while_writing_and_dropping(
    brand: Brand, postgres: EmbeddedPostgres, database_name: str
) -> None:
    await two_days(brand, events=95)
    await _killed_at_each(brand, postgres.dsn(Role.SYSTEM, database_name), POINTS)


async def test_killed_while_deleting_from_the_default_partition(
    brand: Brand, postgres: EmbeddedPostgres, database_name: str
) -> None:
    async with brand.without_partition(DAY):
        await brand.accept(*(order(number) for number in range(95)))
    brand.clock.advance(MIDNIGHT - brand.clock.now())
    await brand.accept(*(order(number) for number in range(95, 98)))
    await brand.pipeline()
    await brand.accept(order(900))
    await brand.pipeline()
    brand.clock.advance(timedelta(days=30))
    assert await brand.rows("SELECT count(*) FROM log_event_default WHERE tenant_id = :t") == [(95,)]
    await _killed_at_each(brand, postgres.dsn(Role.SYSTEM, database_name), STRAY_POINTS)


async def test_every_message_id_is_there_once(
    brand: Brand, postgres: EmbeddedPostgres, database_name: str
) -> None:
    await two_days(brand, events=95)
    archive(brand, postgres.dsn(Role.SYSTEM, database_name), "finish:after:2")
    archive(brand, postgres.dsn(Role.SYSTEM, database_name))
    ids = Counter(line.split(b"\t")[10] for one in await brand.payloads() for line in one.splitlines())
    assert len(ids) == 99
    assert set(ids.values()) == {1}
