"""The real engines for tests: one PostgreSQL and one chDB engine per run, databases per module."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role, ensure_database
from quanyu.infra.postgres import TRANSACTION_TIMEOUT_MS, Database, DatabaseUrls
from quanyu.infra.warehouse import Warehouse
from support.processes import end_processes_of

_PREFIX = "quanyu-tests-"
TEMPLATE = "quanyu_template"
# Tests kill processes, never the machine, so nothing is lost by leaving the flushing to the kernel.
_FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "1d", "max_connections": "200"}


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Yield a fresh directory every user may pass through: as root, PostgreSQL runs as its own user."""
    path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir="/tmp"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running_postgres(data: Path) -> Iterator[EmbeddedPostgres]:
    """Run the embedded server in ``data`` for as long as the block lasts."""
    with EmbeddedPostgres(data, settings=_FAST) as server:
        yield server


def sweep_leftovers() -> None:
    """End programs and servers, and remove directories, of test runs that were killed."""
    for path in Path("/tmp").glob(f"{_PREFIX}*"):
        owner = path.name.removeprefix(_PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        end_processes_of(path)
        for pid_file in path.glob("**/postmaster.pid"):
            with suppress(Exception):
                EmbeddedPostgres(pid_file.parents[2]).stop()
        shutil.rmtree(path, ignore_errors=True)


def urls(server: EmbeddedPostgres, database: str) -> DatabaseUrls:
    """Return the connection strings of the three roles."""
    return DatabaseUrls(
        owner=server.dsn(Role.OWNER, database),
        system=server.dsn(Role.SYSTEM, database),
        app=server.dsn(Role.APP, database),
    )


def make_template(server: EmbeddedPostgres) -> None:
    """Migrate one database that all others are copied from."""
    from quanyu.app.migrate import migrate_postgres

    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        ensure_database(connection, TEMPLATE)
    migrate_postgres(server.dsn(Role.OWNER, TEMPLATE))


@contextmanager
def fresh_database(server: EmbeddedPostgres, name: str, *, template: str = TEMPLATE) -> Iterator[str]:
    """Yield a new database copied from ``template``; it is dropped afterwards, whoever is still connected."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        ensure_database(connection, name, template=template)
        try:
            yield name
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def open_database(server: EmbeddedPostgres, name: str) -> Database:
    # A machine shared with a whole test run is slow; that says nothing about a transaction.
    return Database(urls(server, name), pool_size=8, transaction_timeout_ms=6 * TRANSACTION_TIMEOUT_MS)


async def open_warehouse(root: Path, database: str) -> Warehouse:
    """Open the gate to a migrated database of its own in the one engine of this process."""
    from quanyu.app.migrate import migrate_warehouse

    warehouse = Warehouse.at(
        f"chdb://{root / 'warehouse'}", database=database, backup_directory=root / "warehouse-backups"
    )
    await migrate_warehouse(warehouse)
    return warehouse


def new_key_ring() -> KeyRing:
    return KeyRing(KeyFile.new())
