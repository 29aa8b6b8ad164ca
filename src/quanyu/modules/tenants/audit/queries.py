"""Every statement on ``audit_entry``. Nothing here changes what an entry says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from quanyu.infra.auditing import Deed
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.tenants.audit.chain import START, Entry, Sealed
from quanyu.modules.tenants.audit.contracts import AuditFilter

_ENTRIES: Final = (
    "SELECT id, at, user_id, actor, role, address, method, path, action, permission, objects, fields, said, "
    "number, digest FROM audit_entry"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry as lists show it; ``number`` is open until it is sealed."""

    entry: Entry
    number: int | None
    digest: bytes


class AuditQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, deed: Deed) -> None:
        """Write a deed, to be chained once it is committed."""
        await self._run(
            "INSERT INTO audit_entry (tenant_id, id, at, user_id, actor, role, address, method, path, "
            "action, permission, objects, fields, said) "
            "VALUES (:tenant, :id, :at, :user, :actor, :role, :address, :method, :path, :action, "
            ":permission, CAST(:objects AS jsonb), CAST(:fields AS text[]), CAST(:said AS jsonb))",
            id=new_id(),
            at=deed.at,
            user=deed.user_id,
            actor=deed.actor,
            role=deed.role,
            address=deed.address,
            method=deed.method,
            path=deed.path,
            action=deed.action,
            permission=deed.permission,
            objects=msgspec.json.encode(deed.objects).decode(),
            fields=list(deed.fields),
            said=msgspec.json.encode(deed.said).decode(),
        )

    async def lock_chain(self) -> None:
        """Let one sealer at a time extend the brand's chain, until the end of the transaction."""
        await self._run(
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"audit:{self._uow.tenant_id}"
        )

    async def head(self) -> tuple[int, bytes]:
        """Return the number and digest of the chain's last entry; 0 and nothing before the first."""
        found = await self._run(
            "SELECT number, digest FROM audit_entry WHERE tenant_id = :tenant AND number IS NOT NULL "
            "ORDER BY number DESC LIMIT 1"
        )
        row = found.first()
        return (row.number, row.digest) if row else (0, START)

    async def unsealed(self, limit: int) -> list[Entry]:
        """Return entries that are in no chain yet, oldest first."""
        rows = await self._run(
            f"{_ENTRIES} WHERE tenant_id = :tenant AND number IS NULL ORDER BY id LIMIT :limit",
            limit=limit,
        )
        return [_entry(row) for row in rows]

    async def count_unsealed(self) -> int:
        """Return how many entries are in no chain yet."""
        found = await self._run(
            "SELECT count(*) FROM audit_entry WHERE tenant_id = :tenant AND number IS NULL"
        )
        return int(found.scalar_one())

    async def put_in_chain(self, sealed: Sequence[Sealed]) -> None:
        """Write the places of entries."""
        await self._run(
            "UPDATE audit_entry SET number = s.number, digest = s.digest FROM unnest(CAST(:ids AS bigint[]), "
            "CAST(:numbers AS bigint[]), CAST(:digests AS bytea[])) AS s (id, number, digest) "
            "WHERE tenant_id = :tenant AND audit_entry.id = s.id AND audit_entry.number IS NULL",
            ids=[one.entry.id for one in sealed],
            numbers=[one.number for one in sealed],
            digests=[one.digest for one in sealed],
        )

    async def sealed_after(self, number: int, limit: int) -> list[Sealed]:
        """Return chained entries behind ``number``, in their order."""
        rows = await self._run(
            f"{_ENTRIES} WHERE tenant_id = :tenant AND number > :number ORDER BY number LIMIT :limit",
            number=number,
            limit=limit,
        )
        return [Sealed(entry=_entry(row), number=row.number, digest=row.digest) for row in rows]

    async def find(self, number: int) -> bytes | None:
        """Return the digest of the entry at ``number``."""
        found = await self._run(
            "SELECT digest FROM audit_entry WHERE tenant_id = :tenant AND number = :number", number=number
        )
        digest: bytes | None = found.scalar()
        return digest

    async def list_page(self, wanted: AuditFilter, *, before: int | None, limit: int) -> list[Listed]:
        """Return entries as asked, newest first, behind the one whose id is ``before``."""
        conditions, params = _conditions(wanted)
        if before is not None:
            conditions.append("id < :before")
            params["before"] = before
        asked = " AND ".join(["tenant_id = :tenant", *conditions])
        rows = await self._run(
            f"{_ENTRIES} WHERE {asked} ORDER BY id DESC LIMIT :limit", limit=limit, **params
        )
        return [Listed(entry=_entry(row), number=row.number, digest=row.digest or b"") for row in rows]

    async def _run(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id} | params)


def _conditions(wanted: AuditFilter) -> tuple[list[str], dict[str, Any]]:
    """Return conditions and their parameters; texts are compared as they are, without patterns."""
    offered: Mapping[str, tuple[str, Any]] = {
        "member": ("position(lower(:member) in lower(actor)) > 0", wanted.member),
        "area": ("starts_with(permission, :area)", f"{wanted.area}." if wanted.area else None),
        "object": (
            "EXISTS (SELECT FROM jsonb_each_text(objects) o WHERE o.value = :object)",
            wanted.object,
        ),
        "since": ("at >= :since", wanted.since),
        "until": ("at < :until", wanted.until),
    }
    chosen = {name: one for name, one in offered.items() if one[1] is not None}
    return [condition for condition, _ in chosen.values()], {name: one[1] for name, one in chosen.items()}


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        user_id=row.user_id,
        actor=row.actor,
        role=row.role,
        address=row.address,
        method=row.method,
        path=row.path,
        action=row.action,
        permission=row.permission,
        objects=row.objects,
        fields=tuple(row.fields),
        said=row.said,
    )
