"""Every query of lookalikes on PostgreSQL."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.segments.lookalike.contracts import LookalikeState

_COLUMNS: Final = (
    "list_id, segment_id, search, state, version, card, error, wanted_by, wanted_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class LookalikeRow:
    """A row of ``segment_lookalike``."""

    list_id: int
    segment_id: int
    search: dict[str, Any]
    state: str
    version: int | None
    card: dict[str, Any] | None
    error: str | None
    wanted_by: str
    wanted_at: datetime
    finished_at: datetime | None


class LookalikeQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def want(self, list_id: int, segment_id: int, search: dict[str, Any], by: str) -> None:
        """Ask for a search, in place of the one before."""
        await self._do(
            "INSERT INTO segment_lookalike "
            "(tenant_id, list_id, segment_id, search, state, wanted_by, wanted_at) "
            "VALUES (:tenant, :list, :segment, CAST(:search AS jsonb), 'wanted', :by, :now) "
            "ON CONFLICT (tenant_id, list_id) DO UPDATE SET search = excluded.search, state = 'wanted', "
            "version = NULL, card = NULL, error = NULL, wanted_by = excluded.wanted_by, "
            "wanted_at = excluded.wanted_at, finished_at = NULL",
            list=list_id,
            segment=segment_id,
            search=json.dumps(search, ensure_ascii=False),
            by=by,
            now=self._uow.clock.now(),
        )

    async def find(self, list_id: int, *, lock: bool = False) -> LookalikeRow | None:
        """Return the search of a list, held until the end of the transaction if asked."""
        found = await self._do(
            f"SELECT {_COLUMNS} FROM segment_lookalike WHERE tenant_id = :tenant "  # noqa: S608
            f"AND list_id = :list{' FOR UPDATE' if lock else ''}",
            list=list_id,
        )
        row = found.first()
        return None if row is None else LookalikeRow(*row)

    async def take(self) -> LookalikeRow | None:
        """Return the search wanted for longest, as running."""
        found = await self._do(
            "UPDATE segment_lookalike SET state = 'running' WHERE tenant_id = :tenant AND list_id = ("  # noqa: S608
            "SELECT l.list_id FROM segment_lookalike l JOIN segment s ON s.tenant_id = l.tenant_id "
            "AND s.id = l.segment_id AND s.deleted_at IS NULL "
            "WHERE l.tenant_id = :tenant AND l.state = 'wanted' "
            f"ORDER BY l.wanted_at, l.list_id LIMIT 1 FOR UPDATE OF l SKIP LOCKED) RETURNING {_COLUMNS}"
        )
        row = found.first()
        return None if row is None else LookalikeRow(*row)

    async def want_again(self) -> None:
        """Begin again what was cut off when the program ended."""
        await self._do(
            "UPDATE segment_lookalike SET state = 'wanted' WHERE tenant_id = :tenant AND state = 'running'"
        )

    async def settle(
        self,
        list_id: int,
        state: LookalikeState,
        *,
        version: int | None = None,
        card: str | None = None,
        error: str | None = None,
    ) -> None:
        """Say what became of a search; what is not given stays."""
        await self._do(
            "UPDATE segment_lookalike SET state = :state, "
            "version = coalesce(CAST(:version AS int), version), "
            "card = coalesce(CAST(:card AS jsonb), card), error = :error, finished_at = :now "
            "WHERE tenant_id = :tenant AND list_id = :list",
            list=list_id,
            state=state.value,
            version=version,
            card=card,
            error=error,
            now=self._uow.clock.now(),
        )

    async def _do(self, sql: str, **values: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **values})
