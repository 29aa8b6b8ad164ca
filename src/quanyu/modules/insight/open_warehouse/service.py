"""The open warehouse: a brand's own questions in SQL, and files of their answers."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from quanyu.infra.spreadsheet import write_csv
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Columns, QueryLimits, Warehouse
from quanyu.infra.warehouse.errors import WarehouseRefused
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.open_warehouse import queries
from quanyu.modules.insight.open_warehouse.asking import (
    check_syntax,
    check_tables,
    not_understood,
    with_views,
    wrap,
)
from quanyu.modules.insight.open_warehouse.contracts import (
    AnswerColumn,
    ColumnView,
    FileFormat,
    Limits,
    OpenWarehouse,
    SavedQuery,
    SaveQuery,
    SqlAnswer,
    WarehouseView,
)
from quanyu.modules.insight.open_warehouse.errors import (
    SavedQueryNotFound,
    TooManySavedQueries,
)
from quanyu.modules.insight.open_warehouse.functions import CATEGORIES, Functions
from quanyu.modules.insight.open_warehouse.views import TABLES, View, views
from quanyu.modules.tenants.service import Tenants

ROWS_MAX: Final = 1_000
FILE_ROWS_MAX: Final = 1_000_000
TIME_S: Final = 25.0  # Shorter than a browser waits for an answer, so that the reason arrives.
MEMORY_BYTES: Final = 2 * 1024**3
SAVED_MAX: Final = 500
_JSON_SAFE: Final = 2**53
_FUNCTIONS: Final = """
SELECT name, case_insensitive, is_aggregate FROM system.functions AS listed
WHERE is_aggregate OR hasAny(splitByString(', ', if(alias_to = '', listed.categories,
    (SELECT any(one.categories) FROM system.functions AS one WHERE one.name = listed.alias_to))),
    {categories:Array(String)})
"""


class ViewNames(Protocol):
    """Names that history does not hold: it knows tags and segments by number."""

    async def tags(self, uow: UnitOfWork) -> Sequence[tuple[int, str, str]]:
        """Return number, name and group of every tag of the brand."""
        ...

    async def segments(self, uow: UnitOfWork) -> Sequence[tuple[int, str]]:
        """Return number and name of every segment of the brand."""
        ...


class OpenQuestions:
    """Asks the documented views for one brand at a time; nothing can be written through it."""

    def __init__(
        self, warehouse: Warehouse, tenants: Tenants, uows: UnitOfWorkFactory, names: ViewNames
    ) -> None:
        self._warehouse = warehouse
        self._tenants = tenants
        self._uows = uows
        self._names = names
        self._functions: Functions | None = None

    def described(self) -> OpenWarehouse:
        """Return every view with its columns, and the limits."""
        return OpenWarehouse(
            views=tuple(_described(view) for view in views().values()),
            limits=Limits(rows=ROWS_MAX, file_rows=FILE_ROWS_MAX, time_s=TIME_S, memory_bytes=MEMORY_BYTES),
        )

    async def ask(self, tenant_id: TenantId, sql: str) -> SqlAnswer:
        """Return the first ``ROWS_MAX`` rows of an answer.

        Raises:
            RefusedSql: not a SELECT over the views, or not understood; the message says what and where.
            WarehouseLimitExceeded: it took more time or memory than a question may.
            WarehouseUnavailable: history cannot be read now.
        """
        started = time.perf_counter()
        statement, bound = await self._prepared(tenant_id, sql)
        gate = self._warehouse.for_tenant(tenant_id)
        limits = _limits(tenant_id, rows=ROWS_MAX + 1)
        try:
            found = await gate.query_columns(statement, bound, limits=limits)
            if not found.names:  # The embedded engine names no columns where there are no rows.
                heads = await gate.query(f"DESCRIBE ({statement})", bound, limits=limits)
                found = Columns(tuple(one[0] for one in heads), (), tuple(one[1] for one in heads))
        except WarehouseRefused as error:
            raise not_understood(error.__cause__, views()) from error
        rows = list(zip(*found.values, strict=True))
        return SqlAnswer(
            columns=tuple(
                AnswerColumn(name=name, type=kind)
                for name, kind in zip(found.names, found.types, strict=True)
            ),
            rows=tuple(tuple(_shown(value) for value in row) for row in rows[:ROWS_MAX]),
            is_cut=len(rows) > ROWS_MAX,
            took_ms=round((time.perf_counter() - started) * 1000),
        )

    async def export(self, tenant_id: TenantId, sql: str, file_format: FileFormat) -> bytes:
        """Return an answer of at most ``FILE_ROWS_MAX`` rows as a file; errors as ``ask``."""
        statement, bound = await self._prepared(tenant_id, sql)
        gate = self._warehouse.for_tenant(tenant_id)
        limits = _limits(tenant_id, rows=FILE_ROWS_MAX)
        try:
            if file_format is FileFormat.PARQUET:
                return await gate.query_file(statement, bound, fmt="Parquet", limits=limits)
            found = await gate.query_columns(statement, bound, limits=limits)
        except WarehouseRefused as error:
            raise not_understood(error.__cause__, views()) from error
        # Names of events come from outside: no spreadsheet may compute them. Many rows: away from the loop.
        return await asyncio.to_thread(_csv, found)

    async def saved(self, uow: UnitOfWork) -> tuple[SavedQuery, ...]:
        """Return every kept question, by name."""
        return await queries.saved_queries(uow)

    async def save(self, uow: UnitOfWork, command: SaveQuery, *, by: str) -> str:
        """Keep a question; return its id.

        Raises:
            TooManySavedQueries: the brand keeps ``SAVED_MAX`` already.
        """
        if len(await queries.saved_queries(uow)) >= SAVED_MAX:
            raise TooManySavedQueries(
                f"at most {SAVED_MAX} queries are kept; delete one first",
                message_zh=f"最多保存 {SAVED_MAX} 个查询，请先删除一些",
            )
        return await queries.add_query(uow, command, by=by, now=uow.clock.now())

    async def change(self, uow: UnitOfWork, query: str, command: SaveQuery, *, by: str) -> None:
        """Replace a kept question.

        Raises:
            SavedQueryNotFound: there is none of this id.
        """
        if not await queries.change_query(uow, query, command, by=by, now=uow.clock.now()):
            raise SavedQueryNotFound("there is no such saved query", message_zh="没有这个已保存的查询")

    async def drop(self, uow: UnitOfWork, query: str) -> None:
        """Keep a question no longer; idempotent."""
        await queries.drop_query(uow, query)

    async def _prepared(self, tenant_id: TenantId, sql: str) -> tuple[str, dict[str, Any]]:
        """Check a text, and return the statement to run with what it binds."""
        wrapped = wrap(sql)
        known = views()
        # Every view is put before it: the text may name them where its tree does not show a table.
        statement = with_views(wrapped, known.values(), self._warehouse.settings.database)
        try:
            tree = await self._explained(tenant_id, f"EXPLAIN AST {wrapped}", {})
            check_syntax(tree, await self._known_functions(), known)
            bound = await self._bound(tenant_id)
            tree = await self._explained(tenant_id, f"EXPLAIN QUERY TREE {statement}", bound)
        except WarehouseRefused as error:
            raise not_understood(error.__cause__, views()) from error
        check_tables(tree, self._warehouse.settings.database, known)
        return statement, bound

    async def _explained(self, tenant_id: TenantId, sql: str, bound: dict[str, Any]) -> list[str]:
        # The bare text names no tenant, which a brand's gate would refuse; explaining reads no rows of it.
        marked = {**bound, "tenant": int(tenant_id)}
        rows = await self._warehouse.query(sql, marked, limits=_limits(tenant_id, rows=0))
        return [str(line) for (line,) in rows]

    async def _bound(self, tenant_id: TenantId) -> dict[str, Any]:
        async with self._uows.app(tenant_id) as uow:
            brand = await self._tenants.get_brand(uow)
            tags = list(await self._names.tags(uow))
            segments = list(await self._names.segments(uow))
        return {"zone": brand.time_zone, "tags": tags, "segments": segments}

    async def _known_functions(self) -> Functions:
        if self._functions is None:
            rows = await self._warehouse.query(_FUNCTIONS, {"categories": list(CATEGORIES)})
            self._functions = Functions(
                plain=frozenset(name for name, _, is_aggregate in rows if not is_aggregate),
                any_case=frozenset(name for name, free, is_aggregate in rows if free and not is_aggregate),
                aggregates=frozenset(name for name, _, is_aggregate in rows if is_aggregate),
            )
        return self._functions


def _csv(found: Columns) -> bytes:
    return write_csv(found.names, (map(_cell, row) for row in zip(*found.values, strict=True)))


def _cell(value: object) -> object:
    """Return what a cell shows: numbers and times as in JSON, lists and objects as JSON."""
    shown = _shown(value)
    return json.dumps(shown, ensure_ascii=False) if isinstance(shown, (list, dict)) else shown


def _limits(tenant_id: TenantId, *, rows: int) -> QueryLimits:
    return QueryLimits(
        time_s=TIME_S,
        memory_bytes=MEMORY_BYTES,
        rows=rows,
        only_where=dict.fromkeys(TABLES, f"tenant_id = {int(tenant_id)}"),
    )


def _described(view: View) -> WarehouseView:
    return WarehouseView(
        name=view.name,
        description=view.en,
        description_zh=view.zh,
        columns=tuple(
            ColumnView(name=one.name, type=one.type, description=one.en, description_zh=one.zh)
            for one in view.columns
        ),
    )


def _shown(value: object) -> object:
    """Return a value as JSON can show it without loss."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -_JSON_SAFE <= value <= _JSON_SAFE else str(value)
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            instant = value if value.tzinfo else value.replace(tzinfo=UTC)
            return instant.isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(key): _shown(one) for key, one in value.items()}
        case list() | tuple():
            return [_shown(one) for one in value]
        case _:
            return str(value)
