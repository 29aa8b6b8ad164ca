"""The quarantine: events that were not as planned, beside the log until somebody decides.

Each lies there since the commit that accepted it, and leaves in the commit that appends it to the log, so a
crash loses none and doubles none. Its key stays claimed: the same event sent again is a duplicate.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.events.contracts import EventKind
from quanyu.modules.events.plan.book import PlanBooks
from quanyu.modules.events.plan.contracts import PlanMode, Violation
from quanyu.modules.events.plan.rules import Book

CHUNK: Final = 500  # Events of one transaction.
RELEASE_MAX: Final = 10_000  # Of one call.


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An event beside the log. What it holds is sealed; ``violations`` tell what is not as planned."""

    id: int
    source: str
    message_id: str
    kind: str
    name: str
    occurred_at: datetime
    received_at: datetime
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """What came of letting events in: those not as planned today either stay."""

    released: int
    kept: int
    pending: int  # Everything that still lies there, also what this call did not reach.


class Quarantine:
    """Look at what was kept aside, let it in, or throw it away."""

    def __init__(self, uows: UnitOfWorkFactory, intake: Intake, books: PlanBooks) -> None:
        self._uows = uows
        self._intake = intake
        self._books = books

    async def list_events(
        self,
        tenant_id: TenantId,
        *,
        name: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Quarantined]:
        """Return what lies there, oldest first."""
        (after,) = decode_cursor(cursor, int) if cursor else (0,)
        size = clamp_limit(limit)
        async with self._uows.app(tenant_id) as uow:
            rows = await uow.execute(
                "SELECT id, source, message_id, kind, name, occurred_at, received_at, violations "
                f"{_LYING} AND id > :after ORDER BY id LIMIT :limit",
                {"tenant": tenant_id, "name": name, "after": after, "limit": size + 1},
            )
            found = [_quarantined(row._asdict()) for row in rows]
        items = tuple(found[:size])
        return Page(items, encode_cursor(items[-1].id) if len(found) > size else None)

    async def release(
        self, tenant_id: TenantId, *, name: str | None = None, anyway: bool = False
    ) -> Released:
        """Append what is as planned today, or ``anyway`` all of it, to the log; oldest first.

        Up to ``RELEASE_MAX`` events a call. An event keeps the time it happened and counts as heard now.
        Idempotent: what was let in is not there any more.
        """
        self._books.forget(tenant_id)
        book = await self._books.find(tenant_id)
        after = seen = released = 0
        while seen < RELEASE_MAX:
            async with self._uows.system(tenant_id) as uow:
                rows = await self._lock(uow, name, after)
                if not rows:
                    break
                after, seen = rows[-1][0], seen + len(rows)
                released += await self._let_in(uow, book, rows, anyway=anyway)
        return Released(released, seen - released, await self._count(tenant_id, name))

    async def discard(self, tenant_id: TenantId, *, name: str | None = None, ids: Sequence[int] = ()) -> int:
        """Throw away what lies there, of one name or of those ids alone; return how many. For good."""
        async with self._uows.app(tenant_id) as uow:
            gone = await uow.execute(
                "DELETE FROM event_quarantine WHERE tenant_id = :tenant "
                "AND (name = :name OR CAST(:name AS text) IS NULL) "
                "AND (id = ANY(:ids) OR cardinality(CAST(:ids AS bigint[])) = 0)",
                {"tenant": tenant_id, "name": name, "ids": list(ids)},
            )
            return gone.rowcount

    async def _lock(self, uow: UnitOfWork, name: str | None, after: int) -> Sequence[tuple[int, bytes]]:
        rows = await uow.execute(
            f"SELECT id, sealed {_LYING} AND id > :after ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED",
            {"tenant": uow.tenant_id, "name": name, "after": after, "limit": CHUNK},
        )
        return [(row.id, row.sealed) for row in rows]

    async def _let_in(
        self, uow: UnitOfWork, book: Book, rows: Sequence[tuple[int, bytes]], *, anyway: bool
    ) -> int:
        opened = [(row_id, self._intake.open_aside(sealed)) for row_id, sealed in rows]
        let_in = [(row_id, event) for row_id, event in opened if anyway or _passes(book, event)]
        if let_in:
            await self._intake.release(uow, [event for _, event in let_in])
            await uow.execute(
                "DELETE FROM event_quarantine WHERE tenant_id = :tenant AND id = ANY(:ids)",
                {"tenant": uow.tenant_id, "ids": [row_id for row_id, _ in let_in]},
            )
        return len(let_in)

    async def _count(self, tenant_id: TenantId, name: str | None) -> int:
        async with self._uows.app(tenant_id) as uow:
            found = await uow.execute(f"SELECT count(*) {_LYING}", {"tenant": tenant_id, "name": name})
            return int(found.scalar_one())


_LYING: Final = (
    "FROM event_quarantine WHERE tenant_id = :tenant AND (name = :name OR CAST(:name AS text) IS NULL)"
)


def _passes(book: Book, event: IntakeEvent) -> bool:
    properties = event.traits if event.kind == EventKind.IDENTIFY else event.properties
    mode, found = book.judge(source=event.source, kind=event.kind, name=event.name, properties=properties)
    return not found or mode in (PlanMode.OFF, PlanMode.WARN)


def _quarantined(row: dict[str, Any]) -> Quarantined:
    told = row["violations"]
    violations = json.loads(told) if isinstance(told, str) else told
    return Quarantined(**{**row, "violations": tuple(Violation.model_validate(one) for one in violations)})
