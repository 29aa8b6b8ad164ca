"""Which workers are alive: each holds an advisory lock that PostgreSQL frees the moment it dies.

No heartbeat and no time-out: whether time runs fast (rehearsals) or a machine is slow, a message is taken
over only after its worker's connection is gone.
"""

from typing import Any

import psycopg

from quanyu.infra.postgres import Database
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.ids import new_id

_log = get_logger("messaging.lease")


class WorkerLease:
    """This worker's sign of life."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self.worker_id = new_id()

    async def ensure(self) -> None:
        """Take the lock, or take it again after the connection was lost (a restart of the server)."""
        if self._connection is not None and await self._is_alive(self._connection):
            return
        if self._connection is not None:
            _log.warning("messaging.lease_lost", worker_id=self.worker_id)
        self._connection = await self._database.connect_system(autocommit=True)
        await self._connection.execute("SELECT pg_advisory_lock(%s)", (self.worker_id,))

    async def release(self) -> None:
        """Give the lock back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _is_alive(self, connection: psycopg.AsyncConnection[Any]) -> bool:
        try:
            await connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True
