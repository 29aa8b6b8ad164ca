"""PostgreSQL: one pool per role, and the metadata every module's tables belong to."""

import select
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

# A transaction that stays open holds back every reader of the log, so the server ends it (design 3).
TRANSACTION_TIMEOUT_MS: Final = 5_000
_POOL_SIZE: Final = 16


class Base(DeclarativeBase):
    """The declarative base of all tables."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """libpq connection strings, one per role."""

    owner: str
    system: str
    app: str


class Database:
    """The engines of the two working roles; the owner connects only to migrate."""

    def __init__(
        self,
        urls: DatabaseUrls,
        *,
        pool_size: int = _POOL_SIZE,
        transaction_timeout_ms: int = TRANSACTION_TIMEOUT_MS,
    ) -> None:
        self.urls = urls
        self._timeout_ms = transaction_timeout_ms
        self.app = self._engine(urls.app, pool_size)
        self.system = self._engine(urls.system, pool_size)

    async def connect_system(self, *, autocommit: bool = False) -> psycopg.AsyncConnection[Any]:
        """Open a connection of the system role outside the pool: for long-lived consumers and COPY."""
        conninfo = self._with_timeout(self.urls.system)
        return await psycopg.AsyncConnection.connect(conninfo, autocommit=autocommit)

    async def close(self) -> None:
        """Give every pooled connection back."""
        await self.app.dispose()
        await self.system.dispose()

    def _engine(self, conninfo: str, pool_size: int) -> AsyncEngine:
        async def connect() -> psycopg.AsyncConnection[Any]:
            return await psycopg.AsyncConnection.connect(self._with_timeout(conninfo))

        engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=connect,
            pool_size=pool_size,
            max_overflow=0,  # What comes on top is closed after each use, and opening costs a process.
            pool_recycle=1800,
            hide_parameters=True,  # An error's text reaches the log, and parameters are what people told us.
        )
        event.listen(engine.sync_engine, "checkout", _require_open)
        return engine

    def _with_timeout(self, conninfo: str) -> str:
        options = f"-c transaction_timeout={self._timeout_ms} -c timezone=UTC"
        return psycopg.conninfo.make_conninfo(conninfo, options=options)


def _require_open(adapted: Any, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    """Let go of pooled connections the server has ended, as it does when it restarts.

    Asking the server each time would cost a round trip a transaction; an ended connection tells by itself:
    its socket has something to read while nothing was asked.

    Raises:
        InvalidatePoolError: for the pool, which connects anew.
    """
    driver: psycopg.AsyncConnection[Any] = adapted.driver_connection
    if driver.closed:
        raise InvalidatePoolError
    ended = select.poll()
    ended.register(driver.fileno(), select.POLLIN)
    if ended.poll(0):
        raise InvalidatePoolError
