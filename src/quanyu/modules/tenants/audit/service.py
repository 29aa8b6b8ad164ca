"""Keeping, sealing, listing and checking what people did."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from quanyu.infra.auditing import Deed
from quanyu.infra.spreadsheet import csv_lines, write_csv
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.kernel.permissions import Permission
from quanyu.modules.tenants.audit.chain import START, Break, find_break, seal
from quanyu.modules.tenants.audit.contracts import AuditFilter, AuditPage, ChainReport, Link, LoggedDeed
from quanyu.modules.tenants.audit.queries import AuditQueries, Listed

_SLICE: Final = 2_000
_HEAD: Final = (
    "number", "at", "actor", "role", "address", "action", "method", "path", "permission", "objects", "fields",
    "said", "digest",
)  # fmt: skip


class AuditLog:
    """The audit log of every brand."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows

    async def note(self, uow: UnitOfWork, deed: Deed) -> None:
        """Write a deed; it stands if ``uow`` commits, and is chained within seconds."""
        await AuditQueries(uow).add(deed)

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Chain what was written, until ``stopping`` is set."""
        await work_until(stopping, lambda: self.seal(tenant_id), failed="audit_sealing_failed")

    async def seal(self, tenant_id: TenantId) -> int:
        """Chain some entries that wait, in the order in which they became visible; return how many."""
        async with self._uows.system(tenant_id) as uow:
            queries = AuditQueries(uow)
            if not await queries.count_unsealed():
                return 0
            await queries.lock_chain()
            waiting = await queries.unsealed(_SLICE)
            number, digest = await queries.head()
            sealed = list(seal(waiting, after=number, previous=digest))
            await queries.put_in_chain(sealed)
        return len(sealed)

    async def list_entries(
        self, uow: UnitOfWork, wanted: AuditFilter, *, cursor: str | None, limit: int | None
    ) -> AuditPage:
        """Return entries as asked, newest first.

        Raises:
            InvalidCursor
        """
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        found = await AuditQueries(uow).list_page(wanted, before=before, limit=size + 1)
        more = len(found) > size
        return AuditPage(
            items=tuple(_view(one) for one in found[:size]),
            next_cursor=encode_cursor(found[size - 1].entry.id) if more else None,
        )

    async def export(self, tenant_id: TenantId, wanted: AuditFilter) -> AsyncIterator[bytes]:
        """Yield entries as asked as CSV, newest first; each part is read by a transaction of its own."""
        before: int | None = None
        yield write_csv(_HEAD, ())
        while True:
            async with self._uows.app(tenant_id) as uow:
                found = await AuditQueries(uow).list_page(wanted, before=before, limit=_SLICE)
            yield csv_lines(_cells(one) for one in found)
            if len(found) < _SLICE:
                return
            before = found[-1].entry.id

    async def verify(self, tenant_id: TenantId, anchor: Link | None = None) -> ChainReport:
        """Read the whole chain and compare every entry with its digest, and ``anchor`` with its place.

        What is sealed meanwhile may or may not be covered.
        """
        number, digest = 0, START
        broken: Break | None = None
        while broken is None:
            async with self._uows.app(tenant_id) as uow:
                part = await AuditQueries(uow).sealed_after(number, _SLICE)
                unsealed = await AuditQueries(uow).count_unsealed()
            if not part:
                break
            broken = await asyncio.to_thread(find_break, part, after=number, previous=digest)
            if broken is None:
                number, digest = part[-1].number, part[-1].digest
        broken = broken or await self._against(tenant_id, anchor)
        return ChainReport(
            intact=broken is None,
            entries=number,
            unsealed=unsealed,
            head_number=number,
            head_digest=digest.hex(),
            broken_at=broken.number if broken else None,
            reason=broken.reason if broken else "",
            reason_zh=broken.reason_zh if broken else "",
        )

    async def _against(self, tenant_id: TenantId, anchor: Link | None) -> Break | None:
        """Return how the chain differs from a place of it that was noted elsewhere."""
        if anchor is None:
            return None
        async with self._uows.app(tenant_id) as uow:
            found = await AuditQueries(uow).find(anchor.number)
        if found is not None and found.hex() == anchor.digest.lower():
            return None
        return Break(
            number=anchor.number,
            reason=f"entry {anchor.number} has another digest than the one noted, or is gone: "
            "the chain was written anew",
            reason_zh=f"第 {anchor.number} 条的摘要与留存的不同或已不存在：整条链被重写过",
        )


def _view(one: Listed) -> LoggedDeed:
    entry = one.entry
    return LoggedDeed(
        id=encode_id("aud", entry.id),
        number=one.number,
        digest=one.digest.hex(),
        at=entry.at,
        actor=entry.actor,
        role=entry.role,
        address=entry.address,
        action=entry.action,
        method=entry.method,
        path=entry.path,
        permission=_permission(entry.permission),
        objects=dict(entry.objects),
        fields=entry.fields,
        said=dict(entry.said),
    )


def _permission(name: str) -> Permission | None:
    """Return a permission by name; one that later releases no longer have is none."""
    return Permission(name) if name in set(Permission) else None


def _cells(one: Listed) -> tuple[object, ...]:
    entry = one.entry
    return (
        one.number,
        entry.at.isoformat(),
        entry.actor,
        entry.role,
        entry.address,
        entry.action,
        entry.method,
        entry.path,
        entry.permission,
        " ".join(f"{key}={value}" for key, value in entry.objects.items()),
        " ".join(entry.fields),
        " ".join(f"{key}={value}" for key, value in entry.said.items()),
        one.digest.hex(),
    )
