"""The only way to the warehouse: a bounded pool of synchronous clients in threads.

Reads and writes have lanes of their own, so that a slow question from the console never holds up the
pipeline. Nothing connects before the first statement, and a lost connection is opened anew by the next one:
the warehouse may be down or slow while everything else goes on.
"""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client

from quanyu.infra.warehouse.engine import INSERT_SETTINGS, open_client, statement_settings, table_filters
from quanyu.infra.warehouse.errors import (
    DRIVER_ERRORS,
    MissingTenantFilter,
    WarehouseUnavailable,
    translate,
)
from quanyu.infra.warehouse.read_gate import ReadGate
from quanyu.infra.warehouse.settings import Address, QueryLimits, WarehouseSettings
from quanyu.kernel.ids import TenantId

Parameters = Mapping[str, Any]
TENANT_PARAMETER = "{tenant:UInt32}"
KILL_LIMIT_S = 10.0
KILL_PAUSE_S = 0.1
T = TypeVar("T")
Prepare = Callable[["Warehouse"], Awaitable[object]]
# Set in the task that prepares: its own statements must not wait for themselves.
_is_preparing: ContextVar[bool] = ContextVar("is_preparing", default=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """A result turned on its side: bulk reads want whole columns, never one tuple per row."""

    names: tuple[str, ...]
    values: tuple[Sequence[Any], ...]
    types: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Sequence[Any]:
        # An empty result of the embedded engine does not even name its columns.
        return self.values[self.names.index(name)] if self.names else ()

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0


def _rows(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows]


class _Lane:
    """Some threads, each with its own client."""

    def __init__(self, name: str, threads: int, settings: WarehouseSettings) -> None:
        self._settings = settings
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"warehouse-{name}")
        self._slots = threads + settings.waiting_max
        self._taken = 0
        self._local = threading.local()
        self._clients: set[Client] = set()
        self._guard = threading.Lock()

    async def run(self, call: Callable[[Client], T]) -> T:
        """Run ``call`` with a client in one of the threads.

        Raises:
            WarehouseUnavailable: away, or too much is waiting already.
        """
        if self._taken >= self._slots:
            raise WarehouseUnavailable(
                f"{self._taken} statements wait for the warehouse already; try again later.",
                message_zh="等待数据仓库的请求过多，请稍后再试。",
            )
        self._taken += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, self._call, call)
        # Counted until the thread is free again, also when whoever asked has gone.
        future.add_done_callback(self._give_back)
        return await future

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
        with self._guard:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def _give_back(self, future: "asyncio.Future[T]") -> None:
        self._taken -= 1

    def _call(self, call: Callable[[Client], T]) -> T:
        try:
            return call(self._client())
        except DRIVER_ERRORS as error:
            translated = translate(error)
            if isinstance(translated, WarehouseUnavailable):
                self._forget_client()
            raise translated from error

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = open_client(self._settings)
            with self._guard:
                self._clients.add(client)
            self._local.client = client
        return client

    def _forget_client(self) -> None:
        client: Client | None = getattr(self._local, "client", None)
        if client is None or self._settings.address.is_embedded:
            return  # The embedded engine has no connection to lose.
        self._local.client = None
        with self._guard:
            self._clients.discard(client)
        client.close()


class _Wanted:
    """Whether somebody still waits for a statement, and whether a thread is at it: shared by both."""

    def __init__(self) -> None:
        self._given_up = threading.Event()
        self.is_working = False

    def give_up(self) -> None:
        self._given_up.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        self.is_working = True
        try:
            if self._given_up.is_set():
                raise WarehouseUnavailable("Nobody waits for this statement any more.")
            yield
        finally:
            self.is_working = False


class Warehouse:
    """The gate. ``for_tenant`` gives modules theirs; the rest is for the platform itself."""

    def __init__(self, settings: WarehouseSettings) -> None:
        self.settings = settings
        self._reads = _Lane("read", settings.read_threads, settings)
        self._writes = _Lane("write", settings.write_threads, settings)
        self._kills = _Lane("kill", 1, settings)
        self._killing: set[asyncio.Task[None]] = set()
        self._gate = ReadGate()
        self._prepare: Prepare | None = None
        self._preparing = asyncio.Lock()

    @classmethod
    def at(cls, url: str, **options: Any) -> "Warehouse":
        """Build a gate for ``chdb:///path`` or ``http(s)://…``, with options of ``WarehouseSettings``."""
        return cls(WarehouseSettings(Address.parse(url), **options))

    def for_tenant(self, tenant_id: TenantId) -> "TenantWarehouse":
        """Return the gate of one brand."""
        return TenantWarehouse(self, tenant_id)

    def prepare_with(self, prepare: Prepare) -> None:
        """Let no statement pass before ``prepare`` has succeeded; each one tries as long as it fails.

        The warehouse may be away when the platform starts, and its schema older than our statements.
        """
        self._prepare = prepare

    async def prepare(self) -> None:
        """Prepare now, unless that was done.

        Raises:
            WarehouseUnavailable: away, or somebody else is preparing it at this moment.
        """
        if self._prepare is None or _is_preparing.get():
            return
        if self._preparing.locked():
            raise WarehouseUnavailable(
                "The warehouse is being prepared; try again later.",
                message_zh="数据仓库正在准备，请稍后再试。",
            )
        async with self._preparing:
            mark = _is_preparing.set(True)
            try:
                await self._prepare(self)
            finally:
                _is_preparing.reset(mark)
            self._prepare = None

    async def query(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT; ``{name:Type}`` marks a parameter. Instants come back in UTC."""
        return await self._select(
            lambda client, marks: _rows(
                client.query(sql, parameters=dict(parameters or {}), settings=marks).result_rows
            ),
            limits,
        )

    async def query_columns(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> Columns:
        """Return the columns of a SELECT."""

        def call(client: Client, marks: dict[str, Any]) -> Columns:
            result = client.query(
                sql, parameters=dict(parameters or {}), settings=marks, column_oriented=True
            )
            names = tuple(result.column_names)
            columns = tuple(result.result_columns) if result.row_count else tuple([] for _ in names)
            return Columns(names, columns, tuple(kind.name for kind in result.column_types))

        return await self._select(call, limits)

    async def query_file(
        self, sql: str, parameters: Parameters | None = None, *, fmt: str, limits: QueryLimits | None = None
    ) -> bytes:
        """Return the rows of a SELECT as a file of one of the engine's formats, such as Parquet."""

        def call(client: Client, marks: dict[str, Any]) -> bytes:
            found = client.raw_query(sql, parameters=dict(parameters or {}), settings=marks, fmt=fmt)
            return bytes(found)

        return await self._select(call, limits)

    async def command(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> None:
        """Run a statement that returns no rows: DDL, DELETE, INSERT … SELECT, SYSTEM."""
        await self._run(
            self._writes,
            lambda client, marks: client.command(sql, parameters=dict(parameters or {}), settings=marks),
            limits,
        )

    async def insert_tsv(
        self, table: str, columns: Sequence[str], payload: bytes, *, deduplication_token: str = ""
    ) -> None:
        """Insert rows as PostgreSQL's ``COPY … TO STDOUT`` writes them.

        A token seen before (among the last 10,000 per table) inserts nothing, **also when those rows were
        deleted meanwhile**: after a delete, use another token.
        """
        settings: dict[str, Any] = dict(INSERT_SETTINGS)
        if deduplication_token:
            settings["insert_deduplication_token"] = deduplication_token
        await self._run(
            self._writes,
            lambda client, marks: client.raw_insert(
                table, list(columns), payload, settings={**marks, **settings}, fmt="TSV"
            ),
            None,
        )

    def exchanging(self) -> AbstractAsyncContextManager[None]:
        """Keep everybody else's questions waiting for the block: rows are exchanged, half of them would lie.

        It begins when the questions under way have ended. Inserts go on. Of this process only.
        """
        return self._gate.exchanging()

    async def reload_people(self) -> None:
        """Read ``person_alias`` into the dictionary that maps people to their canonical id."""
        await self.command(f"SYSTEM RELOAD DICTIONARY `{self.settings.database}`.person_canonical")

    async def ping(self) -> bool:
        """Tell whether the warehouse answers."""
        try:
            await self.query("SELECT 1", limits=QueryLimits(threads=1, time_s=self.settings.connect_limit_s))
        except WarehouseUnavailable:
            return False
        return True

    async def run_without_database(self, sql: str) -> list[tuple[Any, ...]]:
        """Run an administrative statement outside our database, such as creating it; return its rows."""

        def call(client: Client) -> list[tuple[Any, ...]]:
            previous, client.database = client.database, None
            try:
                return _rows(client.query(sql).result_rows)
            finally:
                client.database = previous

        return await self._kills.run(call)

    async def close(self) -> None:
        """Wait for running statements and close every client."""
        await asyncio.gather(*self._killing, return_exceptions=True)
        for lane in (self._reads, self._writes, self._kills):
            await asyncio.to_thread(lane.close)

    async def _select(self, call: Callable[[Client, dict[str, Any]], T], limits: QueryLimits | None) -> T:
        used = limits or self.settings.limits
        async with self._gate.reading(wait_s=used.wait_s or used.time_s):
            return await self._run(self._reads, call, limits)

    async def _run(
        self, lane: _Lane, call: Callable[[Client, dict[str, Any]], T], limits: QueryLimits | None
    ) -> T:
        """Run a statement; when whoever asked goes away, kill it instead of letting it work for nobody."""
        await self.prepare()
        used = limits or self.settings.limits
        mark = secrets.token_hex(8)
        settings = statement_settings(self.settings, threads=used.threads, time_s=used.time_s)
        settings["log_comment"] = mark
        if used.memory_bytes:
            settings["max_memory_usage"] = used.memory_bytes
        if used.rows:
            settings["limit"] = used.rows
        if used.only_where:
            settings["additional_table_filters"] = table_filters(self.settings.database, used.only_where)

        wanted = _Wanted()

        def work(client: Client) -> T:
            with wanted.working():
                client.database = self.settings.database
                return call(client, settings)

        try:
            async with asyncio.timeout(used.wait_s):
                return await lane.run(work)
        except asyncio.CancelledError:
            self._give_up(mark, wanted)
            raise
        except TimeoutError as error:
            self._give_up(mark, wanted)
            raise WarehouseUnavailable(
                f"The warehouse did not answer within {used.wait_s} s.",
                message_zh=f"数据仓库未能在 {used.wait_s} 秒内答复。",
            ) from error

    def _give_up(self, mark: str, wanted: "_Wanted") -> None:
        """Kill a statement beside everything else: a server that does not answer does not kill either."""
        wanted.give_up()
        killing = asyncio.create_task(self._kill(mark, wanted))
        self._killing.add(killing)
        killing.add_done_callback(self._killing.discard)

    async def _kill(self, mark: str, wanted: "_Wanted") -> None:
        """Kill a statement. Again and again for a while: the engine may not have begun it yet."""
        statement = f"KILL QUERY WHERE Settings['log_comment'] = '{mark}' ASYNC"
        # Its own time limit ends it where all of this fails.
        with suppress(WarehouseUnavailable, TimeoutError):
            async with asyncio.timeout(KILL_LIMIT_S):
                while wanted.is_working:
                    await self._kills.run(lambda client: client.query(statement))
                    await asyncio.sleep(KILL_PAUSE_S)


class TenantWarehouse:
    """The gate of one brand: binds ``{tenant:UInt32}`` and lets nothing pass that does not use it."""

    def __init__(self, warehouse: Warehouse, tenant_id: TenantId) -> None:
        self._warehouse = warehouse
        self.tenant_id = tenant_id

    async def query(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT.

        Raises:
            MissingTenantFilter: the statement does not mention ``{tenant:UInt32}``.
        """
        return await self._warehouse.query(sql, self._bound(sql, parameters), limits=limits)

    async def query_columns(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> Columns:
        """Return the columns of a SELECT; as ``query``."""
        return await self._warehouse.query_columns(sql, self._bound(sql, parameters), limits=limits)

    async def query_file(
        self, sql: str, parameters: Parameters | None = None, *, fmt: str, limits: QueryLimits | None = None
    ) -> bytes:
        """Return the rows of a SELECT as a file; as ``query``."""
        return await self._warehouse.query_file(sql, self._bound(sql, parameters), fmt=fmt, limits=limits)

    async def command(
        self, sql: str, parameters: Parameters | None = None, *, limits: QueryLimits | None = None
    ) -> None:
        """Run a statement without rows; as ``query``."""
        await self._warehouse.command(sql, self._bound(sql, parameters), limits=limits)

    def _bound(self, sql: str, parameters: Parameters | None) -> Parameters:
        if TENANT_PARAMETER not in sql:
            raise MissingTenantFilter(f"A statement at a brand's gate must filter by {TENANT_PARAMETER}.")
        return {**(parameters or {}), "tenant": int(self.tenant_id)}
