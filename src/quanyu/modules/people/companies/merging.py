"""Two companies that turn out to be one, and come apart again: nothing moves but whom they are known as."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.kernel.ids import encode_id, new_id
from quanyu.modules.people.companies.contracts import (
    COMPANY_PREFIX,
    MERGE_PREFIX,
    CompanyId,
    CompanyMergeId,
)
from quanyu.modules.people.companies.errors import ImpossibleMerge
from quanyu.modules.people.companies.keeping import Book
from quanyu.modules.people.companies.queries import CompanyQueries, KeptCompany


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMerge:
    """A merge that counts; ``members`` go back with ``from_id``."""

    id: CompanyMergeId
    from_id: CompanyId
    into_id: CompanyId
    members: Sequence[int]
    reason: str
    actor: str
    merged_at: datetime
    name: str  # Of whom it took.


class Merging:
    """Merges of one brand, inside one transaction."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._queries, self._book = CompanyQueries(uow), Book(uow)

    async def merge(self, into: KeptCompany, other: KeptCompany, *, reason: str, actor: str) -> None:
        """Let ``other`` be known as ``into``, with all that hangs on it.

        Attributes of both count, the newest of each key; names of both find it. Publishes
        ``people.companies_merged``.

        Raises:
            ImpossibleMerge: they are one already, or ``into`` stands below ``other``.
        """
        if into.id == other.id:
            raise ImpossibleMerge("they are one already", message_zh="两者已经是同一家企业")
        if other.id in (await self._book.tree()).above(into.id):
            raise ImpossibleMerge(
                "the other company stands above this one: merge this one into it instead",
                message_zh="对方是本企业的上级：请改为把本企业并入对方",
            )
        members = [one.id for one in await self._queries.families([other.id])]
        merge_id, now = CompanyMergeId(new_id()), self._uow.clock.now()
        await self._uow.execute(
            "INSERT INTO company_merge (tenant_id, id, from_id, into_id, members, reason, actor, merged_at) "
            "VALUES (:tenant, :id, :from, :into, :members, :reason, :actor, :now)",
            {
                "tenant": self._uow.tenant_id, "id": merge_id, "from": other.id, "into": into.id,
                "members": members, "reason": reason, "actor": actor, "now": now,
            },
        )  # fmt: skip
        await self._queries.rename_family(members, into.id)
        self._book.forget_tree()
        await self._book.settle([into.id])
        self._uow.publish(
            company_fact("people.companies_merged", merge_id, into.id, other.id, actor, reason, now)
        )

    async def undo(self, merge_id: CompanyMergeId, *, actor: str) -> CompanyId:
        """Let the company that was taken be itself again, with its own contacts and those since.

        Return it. Publishes ``people.companies_parted``.

        Raises:
            ImpossibleMerge: there is no such merge, it was undone, or a later one must be undone first.
        """
        merge = await self._lock(merge_id)
        taken = await self._queries.many([merge.from_id])
        if taken[merge.from_id].known_as != merge.into_id:
            raise ImpossibleMerge(
                "the company went into another one since: undo that merge first",
                message_zh="合并之后又并入了其他企业：请先撤销后来的合并",
            )
        now = self._uow.clock.now()
        await self._uow.execute(
            "UPDATE company_merge SET undone_at = :now, undone_by = :actor "
            "WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": merge_id, "now": now, "actor": actor},
        )
        await self._queries.rename_family(merge.members, merge.from_id)
        self._book.forget_tree()
        await self._book.settle([merge.from_id, merge.into_id])
        self._uow.publish(
            company_fact(
                "people.companies_parted", merge_id, merge.into_id, merge.from_id, actor, merge.reason, now
            )
        )
        return merge.from_id

    async def standing(self, into: CompanyId) -> list[KeptMerge]:
        """Return the merges that made a company what it is, the latest first."""
        return await self._read("AND g.into_id = :company", {"company": into})

    async def _lock(self, merge_id: CompanyMergeId) -> KeptMerge:
        found = await self._read("AND g.id = :merge", {"merge": merge_id})
        if not found:
            raise ImpossibleMerge(
                "there is no such merge, or it was undone", message_zh="没有这次合并，或已经撤销"
            )
        return found[0]

    async def _read(self, which: str, params: dict[str, Any]) -> list[KeptMerge]:
        rows = await self._uow.execute(
            "SELECT g.id, g.from_id, g.into_id, g.members, g.reason, g.actor, g.merged_at, c.name "  # noqa: S608
            "FROM company_merge g JOIN company c ON c.tenant_id = g.tenant_id AND c.id = g.from_id "
            f"WHERE g.tenant_id = :tenant AND g.undone_at IS NULL {which} ORDER BY g.id DESC LIMIT 200",
            {"tenant": self._uow.tenant_id, **params},
        )
        return [
            KeptMerge(
                id=CompanyMergeId(row.id), from_id=CompanyId(row.from_id), into_id=CompanyId(row.into_id),
                members=row.members, reason=row.reason, actor=row.actor, merged_at=row.merged_at,
                name=row.name,
            )
            for row in rows
        ]  # fmt: skip


def company_fact(
    name: str,
    merge_id: CompanyMergeId,
    into: CompanyId,
    other: CompanyId,
    actor: str,
    reason: str,
    at: datetime,
) -> Fact:
    """Return the fact of a merge, or of its end."""
    merge = encode_id(MERGE_PREFIX, merge_id)
    return Fact(
        name=name,
        message_id=f"{name}:{merge}",
        occurred_at=at,
        properties={
            "merge": merge,
            "company": encode_id(COMPANY_PREFIX, into),
            "other": encode_id(COMPANY_PREFIX, other),
            "actor": actor,
            "note": reason,
        },
    )
