"""Holding the packages of one brand for one process at a time; whoever dies lets go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import psycopg

from quanyu.infra.postgres import Database
from quanyu.kernel.ids import TenantId

_LOCK: Final = 7108


class PackageLock:
    """Asks PostgreSQL for the lock, on a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def __call__(self, tenant_id: TenantId) -> AsyncIterator[bool]:
        """Hold the brand's packages for as long as the block lasts; yield whether they could be had."""
        connection = await self._database.connect_system(autocommit=True)
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK, int(tenant_id)))
            row = await cursor.fetchone()
            has_it = bool(row and row[0])
            try:
                yield has_it
            finally:
                if has_it:  # A connection that is closed lets go a little later, when its server notices.
                    with suppress(psycopg.Error):
                        await connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_LOCK, int(tenant_id)))
        finally:
            await connection.close()
