"""A full disk: a clear refusal, nothing half written, and on with it once there is room."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quanyu.infra.data_directory import DiskFull
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from support.platform import scratch_directory

pytestmark = pytest.mark.slow

# Inserts numbered batches until the warehouse says no, then waits for room (a line on stdin) and goes on.
FILL_WAREHOUSE = """
import asyncio, json, os, sys
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable

async def main():
    warehouse = Warehouse.at(f"chdb://{sys.argv[1]}/warehouse")
    await warehouse.run_without_database("CREATE DATABASE IF NOT EXISTS quanyu")
    await warehouse.command(
        "CREATE TABLE t (n UInt32, x String CODEC(NONE)) ENGINE = MergeTree ORDER BY n "
        "SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1"
    )
    async def insert(batch):
        rows = "".join(f"{batch}\\t{os.urandom(500).hex()}\\n" for _ in range(2000)).encode()
        await warehouse.insert_tsv("t", ["n", "x"], rows, deduplication_token=str(batch))
    stored, error = 0, ""
    for batch in range(500):
        try:
            await insert(batch)
            stored += 1
        except WarehouseUnavailable as refused:
            error = refused.message
            break
    print(json.dumps({"stored": stored, "error": error}), flush=True)
    sys.stdin.readline()
    await insert(stored)
    counts = await warehouse.query("SELECT n, count() FROM t GROUP BY n ORDER BY n")
    whole = [batch for batch, rows in counts if rows == 2000]
    print(json.dumps({"whole": whole, "broken": [row for row in counts if row[1] != 2000]}))
    await warehouse.close()

asyncio.run(main())
"""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 600 MB that really gets full."""
    with scratch_directory() as path:
        mount = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=600m,mode=711", "tmpfs", str(path)],
            capture_output=True,
            check=False,
        )
        if mount.returncode != 0:
            pytest.skip("needs the right to mount a small file system")
        try:
            yield path
        finally:
            EmbeddedPostgres(path).stop()
            subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill_up(disk: Path, *, leave_bytes: int) -> Path:
    """Leave only so much room; removing the returned file gives it back."""
    ballast = disk / "ballast"
    usage = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, usage.f_bavail * usage.f_frsize - leave_bytes)
    return ballast


def test_a_start_is_refused_while_there_is_no_room(small_disk: Path) -> None:
    ballast = fill_up(small_disk, leave_bytes=50_000_000)

    with pytest.raises(DiskFull, match="are needed"):
        EmbeddedPostgres(small_disk).start()

    ballast.unlink()
    with EmbeddedPostgres(small_disk) as server:
        assert server.is_running()


def test_postgres_keeps_every_commit_through_a_full_disk(small_disk: Path) -> None:
    server = EmbeddedPostgres(small_disk)
    server.start()
    with psycopg.connect(server.dsn(Role.OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int, filling text)")
    ballast = fill_up(small_disk, leave_bytes=30_000_000)

    committed = _insert_until_refused(server)

    ballast.unlink()
    server.start()  # It may have stopped itself, or be recovering, or just go on.
    rows = _read_when_ready(server)
    # The one in flight may have committed just before the answer was lost, but then whole.
    assert committed > 0
    assert rows in ([20000] * committed, [20000] * (committed + 1))
    server.stop()


def _insert_until_refused(server: EmbeddedPostgres) -> int:
    """Commit batch after batch; return how many were committed when the disk was full."""
    for batch in range(200):
        try:
            with psycopg.connect(server.dsn(Role.OWNER)) as connection:
                connection.execute(
                    "INSERT INTO kept SELECT %s, md5(random()::text || g) FROM generate_series(1, 20000) g",
                    [batch],
                )
        except psycopg.Error:
            return batch
    pytest.fail("the disk never got full")


def _read_when_ready(server: EmbeddedPostgres) -> list[int]:
    deadline = time.monotonic() + 60
    while True:
        try:
            with psycopg.connect(server.dsn(Role.OWNER)) as connection:
                found = connection.execute("SELECT count(*) FROM kept GROUP BY n ORDER BY n").fetchall()
                connection.execute("INSERT INTO kept VALUES (-1, 'there is room again')")
                connection.rollback()
            return [count for (count,) in found]
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_the_warehouse_refuses_and_goes_on(small_disk: Path) -> None:
    ballast = fill_up(small_disk, leave_bytes=60_000_000)
    with subprocess.Popen(
        [sys.executable, "-c", FILL_WAREHOUSE, str(small_disk)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        filled = json.loads(process.stdout.readline())
        ballast.unlink()
        process.stdin.write("go on\n")
        process.stdin.close()
        after = json.loads(process.stdout.readline())

    assert filled["stored"] > 0
    assert filled["error"].startswith("The warehouse is not available")
    assert after == {"whole": list(range(filled["stored"] + 1)), "broken": []}
