"""Companies that may be one, for somebody to decide; and what was decided against."""

import asyncio
from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.companies.contracts import CompanyId, Likeness, Likenesses, TellApart
from quanyu.modules.people.companies.errors import ImpossibleMerge
from quanyu.modules.people.companies.likeness import Alike, Candidate, alike_pairs
from quanyu.modules.people.companies.service import Companies, read_company_id, show_company_id

_SHOWN: Final = 100


class Resemblances:
    """Suggests which companies may be one. Nothing is merged unasked."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    async def suggest(self, uow: UnitOfWork, company_id: CompanyId | None = None) -> Likenesses:
        """Return the likeliest pairs, of one company or of all; those told apart are left out.

        Raises:
            CompanyNotFound: this brand has no such company.
        """
        of = None if company_id is None else (await self._companies.find(uow, company_id)).id
        candidates = await self._candidates(uow)
        # Names of thousands of companies take a second: others go on meanwhile.
        pairs = await asyncio.to_thread(alike_pairs, candidates)
        apart = await self._apart(uow)
        wanted = [
            one for one in pairs if (one.a, one.b) not in apart and (of is None or of in (one.a, one.b))
        ]
        return Likenesses(items=await self._views(uow, wanted[:_SHOWN]), is_cut=len(wanted) > _SHOWN)

    async def tell_apart(self, uow: UnitOfWork, command: TellApart, *, actor: str) -> None:
        """Keep that two companies are not one. Idempotent.

        Raises:
            CompanyNotFound, ImpossibleMerge.
        """
        pair = [await self._companies.find(uow, read_company_id(one)) for one in (command.a, command.b)]
        a, b = sorted(one.id for one in pair)
        if a == b:
            raise ImpossibleMerge("they are one already", message_zh="两者已经是同一家企业")
        await uow.execute(
            "INSERT INTO company_apart (tenant_id, a, b, actor, said_at) VALUES (:tenant, :a, :b, :actor, "
            ":now) ON CONFLICT DO NOTHING",
            {"tenant": uow.tenant_id, "a": a, "b": b, "actor": actor, "now": uow.clock.now()},
        )

    async def _candidates(self, uow: UnitOfWork) -> list[Candidate]:
        rows = await uow.execute(
            "SELECT c.id, c.name, c.domain, p.known_as AS above FROM company c LEFT JOIN company p "
            "ON p.tenant_id = c.tenant_id AND p.id = c.parent_id "
            "WHERE c.tenant_id = :tenant AND c.known_as = c.id ORDER BY c.id",
            {"tenant": uow.tenant_id},
        )
        return [Candidate(CompanyId(row.id), row.name, row.domain, row.above) for row in rows]

    async def _apart(self, uow: UnitOfWork) -> set[tuple[CompanyId, CompanyId]]:
        rows = await uow.execute(
            "SELECT a, b FROM company_apart WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
        )
        return {(CompanyId(row.a), CompanyId(row.b)) for row in rows}

    async def _views(self, uow: UnitOfWork, pairs: Sequence[Alike]) -> tuple[Likeness, ...]:
        wanted = sorted({company for one in pairs for company in (one.a, one.b)})
        rows = {row.id: row for row in await self._companies.rows(uow, wanted)}
        return tuple(
            Likeness(
                a=rows[show_company_id(one.a)], b=rows[show_company_id(one.b)],
                score=one.score, same_domain=one.same_domain,
            )
            for one in pairs
        )  # fmt: skip
