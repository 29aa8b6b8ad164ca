"""What counts of a company, told anew whenever anything is said of one of those it is made of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.people.companies import rules
from quanyu.modules.people.companies.contracts import COMPANIES_MAX, CompanyId
from quanyu.modules.people.companies.errors import CompanyInUse, CompanyNotFound
from quanyu.modules.people.companies.queries import CompanyQueries, KeptCompany
from quanyu.modules.people.companies.rules import Own
from quanyu.modules.people.companies.tree import Tree


class Book:
    """Companies as they are changed in one transaction; ``CompanyQueries.lock`` comes first."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._queries = CompanyQueries(uow)
        self._count: int | None = None
        self._tree: Tree | None = None
        self._known_as: Mapping[int, CompanyId] = {}

    async def make(self, own: Own, *, external_id: str | None, actor: str) -> KeptCompany:
        """Return a new company; it is kept with ``save``, and what counts of it is told by ``settle``.

        Raises:
            CompanyInUse: the brand has as many companies as it may.
        """
        if self._count is None:
            self._count = await self._queries.count()
        if self._count >= COMPANIES_MAX:
            raise CompanyInUse(
                f"a brand has at most {COMPANIES_MAX} companies",
                message_zh=f"一个品牌最多 {COMPANIES_MAX} 家企业",
            )
        self._count += 1
        now, number = self._uow.clock.now(), CompanyId(new_id())
        return KeptCompany(
            id=number, known_as=number, external_id=external_id, own=own, name=external_id or "",
            attributes={}, created_at=now, updated_at=now, created_by=actor,
        )  # fmt: skip

    async def save(self, companies: Iterable[KeptCompany]) -> None:
        """Keep what was said of companies."""
        await self._queries.save(list(companies))

    async def settle(self, known_as: Iterable[CompanyId]) -> None:
        """Write what counts of companies now; idempotent.

        A parent that would close a circle, or make a tree too deep, does not count: then the one told before.
        """
        wanted = list(dict.fromkeys(known_as))
        families: dict[CompanyId, list[KeptCompany]] = defaultdict(list)
        for one in await self._queries.families(wanted):
            families[one.known_as].append(one)
        told = {
            one.own[rules.PARENT].value
            for each in families.values()
            for one in each
            if rules.PARENT in one.own
        }
        self._known_as = await self._queries.known_as(sorted(told - {None}))
        settled = [await self._settle(families[one]) for one in wanted if one in families]
        await self._queries.save(settled)

    async def _settle(self, family: Sequence[KeptCompany]) -> KeptCompany:
        company = next(one for one in family if one.id == one.known_as)
        counts = rules.fold(one.own for one in family)
        said: Mapping[str, str] = {
            key: str(one.value)
            for key, one in counts.items()
            if key in (rules.NAME, rules.DOMAIN, rules.OWNER)
        }
        company.name = said.get(rules.NAME) or company.external_id or ""
        company.domain, company.owner = said.get(rules.DOMAIN, ""), said.get(rules.OWNER, "")
        company.attributes = {key: one.value for key, one in counts.items() if key not in rules.STANDING}
        company.parent_id = await self._parent(family, company.id)
        company.updated_at = self._uow.clock.now()
        return company

    async def _parent(self, family: Sequence[KeptCompany], company: CompanyId) -> CompanyId | None:
        sayings = [one.own[rules.PARENT] for one in family if rules.PARENT in one.own]
        if not sayings:
            return None
        tree = await self.tree()
        tree.place(company, None)
        for saying in sorted(sayings, key=lambda one: one.at, reverse=True):
            if saying.value is None:
                return None
            parent = self._known_as.get(saying.value)
            if parent is not None and tree.problem_with(company, parent) is None:
                tree.place(company, parent)
                return CompanyId(saying.value)
        return None

    async def tree(self) -> Tree:
        """Return who stands above whom; what ``settle`` changes shows in it."""
        if self._tree is None:
            self._tree = Tree(await self._queries.parents())
        return self._tree

    def forget_tree(self) -> None:
        """Read the tree anew when it is asked for: companies are known as others now."""
        self._tree = None


def company_not_found(text: str) -> CompanyNotFound:
    """Return the refusal of an id."""
    return CompanyNotFound(f"there is no company {text[:40]}", message_zh=f"没有这家企业：{text[:40]}")
