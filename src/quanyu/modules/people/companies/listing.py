"""Statements that read companies for lists: search, filters, how many people and children each has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.companies.contracts import CompanyId
from quanyu.modules.people.companies.queries import BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFilter:
    """Which companies are wanted; empty is "any"."""

    q: str = ""  # Part of a name, domain or external id, of whatever was taken into it too.
    owner: str = ""
    parent: int | None = None
    is_top: bool = False  # Without a parent.
    has_contacts: bool | None = None
    attribute: str = ""
    value: str = ""
    within: Sequence[int] | None = None


# Those who are contacts now, by who each company is known as.
CONTACTS_NOW: Final = """
SELECT m.known_as AS company_id, count(DISTINCT t.person_id) AS people
FROM company_contact t JOIN company m ON m.tenant_id = t.tenant_id AND m.id = t.company_id
WHERE t.tenant_id = :tenant AND (t.until IS NULL OR t.until > :now)
"""
_WHERE: Final = {
    "q": "EXISTS (SELECT FROM company m WHERE m.tenant_id = :tenant AND m.known_as = c.id AND ("
    "m.name ILIKE :q OR m.domain ILIKE :q OR m.external_id ILIKE :q))",
    "owner": "c.owner = :owner",
    "parent": "EXISTS (SELECT FROM company p WHERE p.tenant_id = :tenant AND p.id = c.parent_id "
    "AND p.known_as = :parent)",
    "attribute": "c.attributes ->> :attribute IS NOT NULL",
    "value": "c.attributes ->> :attribute = :value",
    "within": "c.id = ANY(CAST(:within AS bigint[]))",
}
_HAS_CONTACTS: Final = (
    "EXISTS (SELECT FROM company_contact t JOIN company m ON m.tenant_id = t.tenant_id "
    "AND m.id = t.company_id WHERE t.tenant_id = :tenant AND m.known_as = c.id "
    "AND (t.until IS NULL OR t.until > :now))"
)


class CompanyLists:
    """Lists of companies."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def page(
        self, wanted: CompanyFilter, *, before: int | None, limit: int
    ) -> tuple[list[CompanyId], int]:
        """Return companies, the newest first, and how many there are in all."""
        tests, params = ["c.tenant_id = :tenant", "c.known_as = c.id"], self._params()
        for name, test in _WHERE.items():
            asked = getattr(wanted, name)
            if asked not in ("", None):
                tests.append(test)
                params[name] = _pattern(asked) if name == "q" else asked
        if wanted.is_top:
            tests.append("c.parent_id IS NULL")
        if wanted.has_contacts is not None:
            tests.append(_HAS_CONTACTS if wanted.has_contacts else f"NOT {_HAS_CONTACTS}")
        where = " AND ".join(tests)
        total = await self._uow.execute(f"SELECT count(*) FROM company c WHERE {where}", params)  # noqa: S608
        rows = await self._uow.execute(
            f"SELECT c.id FROM company c WHERE {where} "  # noqa: S608
            "AND (CAST(:before AS bigint) IS NULL OR c.id < :before) ORDER BY c.id DESC LIMIT :limit",
            {**params, "before": before, "limit": limit},
        )
        return [CompanyId(row.id) for row in rows], int(total.scalar_one())

    async def contacts_of(self, companies: Sequence[int]) -> dict[int, int]:
        """Return how many people are contacts of each now."""
        rows = await self._uow.execute(
            f"{CONTACTS_NOW} AND m.known_as = ANY(CAST(:ids AS bigint[])) GROUP BY m.known_as",
            {**self._params(), "ids": list(companies)},
        )
        return {row.company_id: row.people for row in rows}

    async def children_of(self, companies: Sequence[int]) -> dict[int, int]:
        """Return how many companies stand right below each."""
        rows = await self._uow.execute(
            "SELECT p.known_as, count(*) AS n FROM company p JOIN company c ON c.tenant_id = p.tenant_id "
            "AND c.parent_id = p.id AND c.known_as = c.id WHERE p.tenant_id = :tenant "
            "AND p.known_as = ANY(CAST(:ids AS bigint[])) GROUP BY p.known_as",
            {**self._params(), "ids": list(companies)},
        )
        return {row.known_as: row.n for row in rows}

    async def everybody_of(self, company_id: int) -> int:
        """Return how many people are contacts of a company or of one below it."""
        rows = await self._uow.execute(
            f"{BELOW} SELECT count(DISTINCT t.person_id) FROM below b "  # noqa: S608
            "JOIN company m ON m.tenant_id = :tenant AND m.known_as = b.id "
            "JOIN company_contact t ON t.tenant_id = :tenant AND t.company_id = m.id "
            "WHERE t.until IS NULL OR t.until > :now",
            {**self._params(), "roots": [company_id]},
        )
        return int(rows.scalar_one())

    async def accounts(self) -> dict[CompanyId, dict[str, Any]]:
        """Return what every company says of itself; what is empty is left out."""
        rows = await self._uow.execute(
            "SELECT id, name, domain, owner, external_id, attributes FROM company "
            "WHERE tenant_id = :tenant AND known_as = id",
            self._params(),
        )
        return {CompanyId(row.id): {**row.attributes, **_standing(row)} for row in rows}

    async def mark(self) -> str:
        """Return a text that differs whenever companies, what they say or their tree do."""
        rows = await self._uow.execute(
            "SELECT count(*), coalesce(bit_xor(hashtextextended((id, known_as, parent_id, name, domain, "
            "owner, external_id, attributes)::text, 0)), 0) FROM company WHERE tenant_id = :tenant",
            self._params(),
        )
        return "{}:{}".format(*rows.one())

    async def attribute_keys(self, limit: int) -> list[str]:
        """Return the attributes companies have, the commonest first."""
        rows = await self._uow.execute(
            "SELECT key, count(*) AS n FROM company c, jsonb_object_keys(c.attributes) AS key "
            "WHERE c.tenant_id = :tenant AND c.known_as = c.id GROUP BY key ORDER BY n DESC, key "
            "LIMIT :limit",
            {**self._params(), "limit": limit},
        )
        return [row.key for row in rows]

    def _params(self) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "now": self._uow.clock.now()}


def _standing(row: Any) -> dict[str, str]:
    said = {"name": row.name, "domain": row.domain, "owner": row.owner, "external_id": row.external_id}
    return {key: value for key, value in said.items() if value}


def _pattern(q: str) -> str:
    escaped = q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
