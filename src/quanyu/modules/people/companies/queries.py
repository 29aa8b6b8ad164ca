"""Statements on ``company``. Rows that were taken into another stay, and say whose they are: ``known_as``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.companies.contracts import CompanyId
from quanyu.modules.people.companies.rules import Own, Saying

_LOCK: Final = 7_301  # Of the advisory locks, the one of companies.


@dataclass(slots=True, kw_only=True)
class KeptCompany:
    """A row. ``own`` is what was said of this very company; the rest counts where ``id`` is ``known_as``."""

    id: CompanyId
    known_as: CompanyId
    external_id: str | None
    own: Own
    name: str
    created_at: datetime
    updated_at: datetime
    created_by: str
    domain: str = ""
    parent_id: CompanyId | None = None
    owner: str = ""
    attributes: Mapping[str, Any]


_COLUMNS: Final = (
    "id, known_as, external_id, own, name, domain, parent_id, owner, attributes, "
    "created_at, updated_at, created_by"
)
# A CTE ``below (root, id, depth)``: each root with all that is below it, itself at depth 0.
BELOW: Final = """
WITH RECURSIVE below (root, id, depth) AS (
    SELECT id, id, 0 FROM company WHERE tenant_id = :tenant AND id = ANY(CAST(:roots AS bigint[]))
    UNION ALL
    SELECT b.root, c.id, b.depth + 1 FROM below b
    JOIN company m ON m.tenant_id = :tenant AND m.known_as = b.id
    JOIN company c ON c.tenant_id = :tenant AND c.parent_id = m.id AND c.known_as = c.id
    WHERE b.depth < 64
)
"""
_SAVE: Final = f"""
INSERT INTO company (tenant_id, {_COLUMNS}) VALUES (:tenant, :id, :known_as, :external_id,
    CAST(:own AS jsonb), :name, :domain, :parent_id, :owner, CAST(:attributes AS jsonb),
    :created_at, :updated_at, :created_by)
ON CONFLICT (tenant_id, id) DO UPDATE SET known_as = excluded.known_as,
    external_id = excluded.external_id, own = excluded.own, name = excluded.name,
    domain = excluded.domain, parent_id = excluded.parent_id, owner = excluded.owner,
    attributes = excluded.attributes, updated_at = excluded.updated_at
"""  # noqa: S608 - the columns are ours.


class CompanyQueries:
    """Companies of one brand."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self) -> None:
        """Let one transaction at a time change companies: a tree is only whole as a whole."""
        await self._uow.execute(
            "SELECT pg_advisory_xact_lock(:name, :tenant)", {"name": _LOCK, "tenant": self._uow.tenant_id}
        )

    async def find(self, company_id: int) -> KeptCompany | None:
        """Return who a company is today: itself, or whom it was taken into."""
        rows = await self._uow.execute(
            f"SELECT {_prefixed('k')} FROM company c JOIN company k ON k.tenant_id = c.tenant_id "  # noqa: S608
            "AND k.id = c.known_as WHERE c.tenant_id = :tenant AND c.id = :id",
            {"tenant": self._uow.tenant_id, "id": company_id},
        )
        row = rows.one_or_none()
        return None if row is None else _kept(row)

    async def many(self, companies: Sequence[int]) -> dict[CompanyId, KeptCompany]:
        """Return rows by id; unknown ids are left out."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM company WHERE tenant_id = :tenant "  # noqa: S608
            "AND id = ANY(CAST(:ids AS bigint[]))",
            {"tenant": self._uow.tenant_id, "ids": list(companies)},
        )
        return {kept.id: kept for kept in map(_kept, rows)}

    async def families(self, known_as: Sequence[int]) -> list[KeptCompany]:
        """Return all that are known as some companies, those themselves last."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM company WHERE tenant_id = :tenant "  # noqa: S608
            "AND known_as = ANY(CAST(:ids AS bigint[])) ORDER BY (id = known_as), id",
            {"tenant": self._uow.tenant_id, "ids": list(known_as)},
        )
        return [_kept(row) for row in rows]

    async def known_as(self, companies: Sequence[int]) -> dict[int, CompanyId]:
        """Return who companies are known as; unknown ids are left out."""
        return {one.id: one.known_as for one in (await self.many(companies)).values()} if companies else {}

    async def parents(self) -> dict[CompanyId, CompanyId]:
        """Return who stands right below whom, both as they are known today."""
        rows = await self._uow.execute(
            "SELECT c.id, p.known_as FROM company c JOIN company p ON p.tenant_id = c.tenant_id "
            "AND p.id = c.parent_id WHERE c.tenant_id = :tenant AND c.known_as = c.id",
            {"tenant": self._uow.tenant_id},
        )
        return {CompanyId(row.id): CompanyId(row.known_as) for row in rows}

    async def by_external_ids(self, external_ids: Sequence[str]) -> dict[str, KeptCompany]:
        """Return the very rows that have these ids of the brand's own."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM company WHERE tenant_id = :tenant "  # noqa: S608
            "AND external_id = ANY(CAST(:ids AS text[]))",
            {"tenant": self._uow.tenant_id, "ids": list(external_ids)},
        )
        return {kept.external_id or "": kept for kept in map(_kept, rows)}

    async def count(self) -> int:
        """Return how many companies the brand has, those taken into others too."""
        rows = await self._uow.execute(
            "SELECT count(*) FROM company WHERE tenant_id = :tenant", {"tenant": self._uow.tenant_id}
        )
        return int(rows.scalar_one())

    async def below(self, roots: Sequence[int]) -> list[tuple[CompanyId, CompanyId, int]]:
        """Return (root, company, depth) of each root and all below it."""
        rows = await self._uow.execute(
            f"{BELOW} SELECT root, id, depth FROM below ORDER BY depth, id",  # noqa: S608
            {"tenant": self._uow.tenant_id, "roots": list(roots)},
        )
        return [(CompanyId(row.root), CompanyId(row.id), row.depth) for row in rows]

    async def save(self, companies: Sequence[KeptCompany]) -> None:
        """Write what companies are now, new ones too."""
        if companies:
            await self._uow.execute_many(_SAVE, [self._values(one) for one in companies])

    async def rename_family(self, companies: Sequence[int], known_as: CompanyId) -> None:
        """Let companies be known as another one."""
        await self._uow.execute(
            "UPDATE company SET known_as = :known_as WHERE tenant_id = :tenant "
            "AND id = ANY(CAST(:ids AS bigint[]))",
            {"tenant": self._uow.tenant_id, "known_as": known_as, "ids": list(companies)},
        )

    async def delete(self, companies: Sequence[int]) -> None:
        """Delete companies; their contacts and merges go with them."""
        await self._uow.execute(
            "DELETE FROM company WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[]))",
            {"tenant": self._uow.tenant_id, "ids": list(companies)},
        )

    def _values(self, company: KeptCompany) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "id": company.id,
            "known_as": company.known_as,
            "external_id": company.external_id,
            "own": _dump_own(company.own),
            "name": company.name,
            "domain": company.domain,
            "parent_id": company.parent_id,
            "owner": company.owner,
            "attributes": json.dumps(dict(company.attributes), ensure_ascii=False),
            "created_at": company.created_at,
            "updated_at": company.updated_at,
            "created_by": company.created_by,
        }


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in _COLUMNS.split(","))


def _dump_own(own: Own) -> str:
    told = {key: [one.value, one.at.isoformat(), one.source] for key, one in own.items()}
    return json.dumps(told, ensure_ascii=False)


def _kept(row: Any) -> KeptCompany:
    return KeptCompany(
        id=CompanyId(row.id),
        known_as=CompanyId(row.known_as),
        external_id=row.external_id,
        own={key: Saying(told[0], datetime.fromisoformat(told[1]), told[2]) for key, told in row.own.items()},
        name=row.name,
        domain=row.domain,
        parent_id=None if row.parent_id is None else CompanyId(row.parent_id),
        owner=row.owner,
        attributes=row.attributes,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
    )
