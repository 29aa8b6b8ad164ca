"""Who stands above whom, as a whole: small enough to be looked at in memory."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from quanyu.modules.people.companies.contracts import DEPTH_MAX, CompanyId
from quanyu.modules.people.companies.errors import ImpossibleHierarchy

_STEPS_MAX: Final = 64  # More than a tree can have: a guard, should it ever hold a circle.


class Tree:
    """Parents of companies, both as they are known today."""

    def __init__(self, parents: Mapping[CompanyId, CompanyId]) -> None:
        self._parents: dict[CompanyId, CompanyId] = {}
        self._children: dict[CompanyId, set[CompanyId]] = defaultdict(set)
        for company, parent in parents.items():
            self.place(company, parent)

    def place(self, company: CompanyId, parent: CompanyId | None) -> None:
        """Put a company below another, or at the top."""
        before = self._parents.pop(company, None)
        if before is not None:
            self._children[before].discard(company)
        if parent is not None:
            self._parents[company] = parent
            self._children[parent].add(company)

    def above(self, company: CompanyId) -> list[CompanyId]:
        """Return those above a company, nearest first."""
        found: list[CompanyId] = []
        at: CompanyId | None = self._parents.get(company)
        while at is not None and len(found) < _STEPS_MAX:
            found.append(at)
            at = self._parents.get(at)
        return found

    def below(self, company: CompanyId) -> list[tuple[CompanyId, int]]:
        """Return a company and all below it with their depth, each followed by what is below it."""
        found: list[tuple[CompanyId, int]] = []
        waiting = [(company, 0)]
        while waiting:
            at, depth = waiting.pop()
            found.append((at, depth))
            if depth < _STEPS_MAX:
                waiting += [(child, depth + 1) for child in sorted(self._children.get(at, ()), reverse=True)]
        return found

    def problem_with(self, company: CompanyId, parent: CompanyId) -> ImpossibleHierarchy | None:
        """Return why a company cannot stand below another, if so."""
        above = [parent, *self.above(parent)]
        if company in above:
            return ImpossibleHierarchy(
                "a company cannot stand above itself",
                message_zh="企业不能成为自己的上级（包括间接上级）",
            )
        if len(above) + 1 + max(depth for _, depth in self.below(company)) > DEPTH_MAX:
            return ImpossibleHierarchy(
                f"a tree of companies has at most {DEPTH_MAX} levels",
                message_zh=f"企业层级最多 {DEPTH_MAX} 层",
            )
        return None
