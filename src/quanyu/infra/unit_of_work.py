"""One unit of work: a transaction of one brand, with the facts it states.

The entry point opens it; returning commits, raising rolls back. Facts published inside are
appended to the log by the same commit, so nothing happens without being known, and nothing is
known that did not happen.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from quanyu.infra.postgres import Database
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import PersonId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class FactIdentifier:
    """An identifier a fact is about, before sealing."""

    namespace: str
    scope: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something a module states. ``message_id`` is derived from what it states: the idempotency key."""

    name: str
    message_id: str
    occurred_at: datetime
    person_id: PersonId | None = None
    identifiers: tuple[FactIdentifier, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)  # Attributes the fact also tells of the person.
    context: Mapping[str, str] = field(default_factory=dict)
    order_id: str = ""
    revenue: Decimal | None = None
    currency: str = ""
    quantity: Decimal | None = None
    items: Sequence[Mapping[str, Any]] = ()
    source: str = "quanyu"


class UnitOfWork:
    """A transaction bound to one brand."""

    def __init__(self, tenant_id: TenantId, clock: Clock, connection: AsyncConnection) -> None:
        self.tenant_id = tenant_id
        self.clock = clock
        self._connection = connection
        self.facts: list[Fact] = []
        self._after_commit: list[Callable[[], None]] = []

    async def execute(
        self, sql: str, params: Mapping[str, Any] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one parameterised statement (``:name`` style)."""
        return await self._connection.execute(_clause(sql), params)

    async def execute_many(self, sql: str, params: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for each of several sets of parameters."""
        await self._connection.execute(_clause(sql), params)

    async def raw(self) -> psycopg.AsyncConnection[Any]:
        """Return the driver's connection of this same transaction, for COPY and array parameters."""
        driver = (await self._connection.get_raw_connection()).driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        return driver

    async def begin(self) -> None:
        """Begin the transaction and bind it to the brand; whoever opens the unit of work does this once."""
        await self._connection.begin()
        # Straight to the driver: every transaction pays for this.
        await (await self.raw()).execute(
            "SELECT set_config('quanyu.tenant', %s, true)", (str(self.tenant_id),)
        )

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[bool]:
        """Give the transaction up while something slow is waited for; yield whether it was given up.

        One that has written or stated anything is kept. What is read after the block is what others had
        committed by then.
        """
        assigned = await self.execute("SELECT pg_current_xact_id_if_assigned()")
        given_up = assigned.scalar_one() is None and not self.facts
        if given_up:
            await self._connection.commit()
        try:
            yield given_up
        finally:
            if given_up:
                await self.begin()

    def publish(self, fact: Fact) -> None:
        """Append ``fact`` to the log when this unit of work commits."""
        self.facts.append(fact)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once the commit has succeeded; it must not fail and is lost in a crash."""
        self._after_commit.append(action)

    def committed(self) -> None:
        """Run what waited for the commit."""
        for action in self._after_commit:
            action()


# Statements are few and asked again and again; composed ones come and go.
@lru_cache(maxsize=4096)
def _clause(sql: str) -> TextClause:
    return text(sql)


FactWriter = Callable[[UnitOfWork, Sequence[Fact]], Awaitable[None]]


class UnitOfWorkFactory:
    """Opens units of work under either working role."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.clock = clock
        self._write_facts: FactWriter | None = None

    def write_facts_with(self, writer: FactWriter) -> None:
        """Tell how facts reach the log; wiring calls this once, before the first unit of work."""
        self._write_facts = writer

    @asynccontextmanager
    async def app(self, tenant_id: TenantId) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work under row-level security: for people and API clients."""
        async with self._open(self._database.app, tenant_id) as uow:
            yield uow

    @asynccontextmanager
    async def system(self, tenant_id: TenantId) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work of the platform itself: pipeline, engines, jobs."""
        async with self._open(self._database.system, tenant_id) as uow:
            yield uow

    @asynccontextmanager
    async def _open(self, engine: AsyncEngine, tenant_id: TenantId) -> AsyncIterator[UnitOfWork]:
        async with engine.connect() as connection:
            uow = UnitOfWork(tenant_id, self.clock, connection)
            await uow.begin()
            yield uow
            if uow.facts:
                assert self._write_facts is not None, "wiring did not say how facts reach the log"
                await self._write_facts(uow, uow.facts)
            await connection.commit()
        uow.committed()
