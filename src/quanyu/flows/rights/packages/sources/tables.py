"""Tables of PostgreSQL, as ``holdings`` lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights import tables
from quanyu.flows.rights.holdings import HOLDINGS, Fate, Holding
from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.sources.base import Asked, Page, Tools
from quanyu.infra.crypto import CannotOpen
from quanyu.kernel.ids import TenantId
from quanyu.modules.messaging.sealing import Sealer

_PAGE: Final = 1_000
# Told by sources of their own, which say more than the rows do.
TOLD_ELSEWHERE: Final = frozenset({"form_answer", "segment_list_entry"})
_CONTEXTS: Final = {"raw_callback": b"channels.raw_callback"}
# What a number stands for: by table and column, where its name is.
_NAMED: Final[Mapping[tuple[str, str], str]] = {
    ("person_tag_claim", "tag_id"): "person_tag",
    ("segment_member", "segment_id"): "segment",
    ("enrolment", "journey_id"): "journey",
    ("awaited_event", "journey_id"): "journey",
    ("experiment_exposure", "experiment_id"): "experiment",
    ("company_contact", "company_id"): "company",
    ("group_member", "group_id"): "customer_group",
    ("live_code_add", "code_id"): "live_code",
}


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one holding."""

    tools: Tools
    holding: Holding
    store: Store = Store.POSTGRES

    @property
    def section(self) -> str:
        """The table's name."""
        return self.holding.table

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return rows in the order of the table's key."""
        async with self.tools.uows.system(asked.tenant_id) as uow:
            found, last = await tables.page(uow, self.holding, asked.whom, after=after, limit=_PAGE)
        rows = [self._told(asked.tenant_id, row) for row in found]
        return Page(await self._named(asked.tenant_id, rows), last)

    def _told(self, tenant_id: TenantId, row: Mapping[str, Any]) -> dict[str, Any]:
        table = self.holding.table
        shown = self.tools.readable(row, _CONTEXTS.get(table, b""))
        if table == "message_intent" and row["sealed"]:
            shown |= self._message(tenant_id, row)
        return shown

    def _message(self, tenant_id: TenantId, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the words of a message: they open only as the message they were sealed for."""
        try:
            letter = Sealer(self.tools.keyring).open(tenant_id, row["id"], bytes(row["sealed"]))
        except CannotOpen:  # Its key is gone: that there was a message stays.
            return {}
        return {"words": letter.preview}

    async def _named(self, tenant_id: TenantId, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        for (table, column), named_in in _NAMED.items():
            if table == self.holding.table and rows:
                names = await self._names(tenant_id, named_in, [row[column] for row in rows if column in row])
                for row in rows:
                    if row.get(column) in names:
                        row[column.removesuffix("_id")] = names[row[column]]
        return rows

    async def _names(self, tenant_id: TenantId, table: str, ids: Sequence[int]) -> dict[int, str]:
        found = await self.tools.rows(
            tenant_id,
            f"SELECT id, name FROM {table} WHERE tenant_id = :tenant "  # noqa: S608 - a constant.
            "AND id = ANY(CAST(:ids AS bigint[]))",
            ids=list(set(ids)),
        )
        return {row["id"]: row["name"] for row in found}


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What somebody is recognised by."""

    tools: Tools
    section: str = "identifiers"
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return all of them."""
        found = await self.tools.rows(
            asked.tenant_id,
            "SELECT namespace, scope, sealed, first_seen_at FROM identity WHERE tenant_id = :tenant "
            "AND token = ANY(CAST(:tokens AS bytea[])) ORDER BY first_seen_at, namespace, token",
            tokens=list(asked.whom.tokens),
        )
        rows = [
            {
                "kind": row["namespace"],
                "scope": row["scope"],
                "value": self.tools.opened(bytes(row["sealed"])),
                "first_seen_at": row["first_seen_at"],
            }
            for row in found
        ]
        return Page(rows)


@dataclass(frozen=True, slots=True)
class OneSelect:
    """What one statement says in pages, behind the number it is ordered by."""

    tools: Tools
    section: str
    sql: str  # With :people, :tokens, :after and :limit; its last column "at" is what it is ordered by.
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the next rows."""
        values = {"people": list(asked.whom.people), "tokens": list(asked.whom.tokens)}
        values = {name: value for name, value in values.items() if f":{name}" in self.sql}
        found = await self.tools.rows(
            asked.tenant_id, self.sql, after=0 if after is None else after, limit=_PAGE, **values
        )
        last = found[-1]["at"] if found else None
        rows = [{name: value for name, value in row.items() if name != "at"} for row in found]
        return Page([self.tools.readable(row) for row in rows], last)


_REQUESTS: Final = """
SELECT kind, state, verified_how, outcome, received_at, due_on, closed_at, id AS at FROM rights_request
WHERE tenant_id = :tenant AND person_id = ANY(CAST(:people AS int[])) AND id > :after ORDER BY id LIMIT :limit
"""
_LISTS: Final = """
SELECT s.name AS list, e.version, v.origin, v.made_by, v.made_at, l.id AS at
FROM segment_list l
JOIN segment s ON s.tenant_id = :tenant AND s.id = l.segment_id
JOIN (
    SELECT DISTINCT list_id, version FROM segment_list_entry WHERE tenant_id = :tenant
        AND (person_id = ANY(CAST(:people AS int[])) OR entry_token = ANY(CAST(:tokens AS bytea[])))
) e ON e.list_id = l.id
JOIN segment_list_version v ON v.tenant_id = :tenant AND v.list_id = l.id AND v.version = e.version
WHERE l.tenant_id = :tenant AND l.id IN (
    SELECT n.list_id FROM segment_list_entry n WHERE n.tenant_id = :tenant AND n.list_id > :after
        AND (n.person_id = ANY(CAST(:people AS int[])) OR n.entry_token = ANY(CAST(:tokens AS bytea[])))
    GROUP BY n.list_id ORDER BY n.list_id LIMIT :limit
)
ORDER BY l.id, e.version
"""
_EXPORTS: Final = """
SELECT reason, actor, columns, is_unmasked, created_at, expires_at, removed, id AS at FROM people_export
WHERE tenant_id = :tenant AND people && CAST(:people AS int[]) AND id > :after ORDER BY id LIMIT :limit
"""


def from_tables(tools: Tools) -> list[Any]:
    """Return the sources that are tables, in the order of the package."""
    shown = [one for one in HOLDINGS if one.fate is not Fate.ELSEWHERE and one.table not in TOLD_ELSEWHERE]
    return [
        Identifiers(tools),
        *(TableRows(tools, one) for one in shown),
        OneSelect(tools, "lists", _LISTS),
        OneSelect(tools, "exports", _EXPORTS),
        OneSelect(tools, "rights_requests", _REQUESTS),
    ]
