"""What pages show of companies, made from what is kept."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.people.companies import rules
from quanyu.modules.people.companies.contracts import (
    COMPANY_PREFIX,
    MERGE_PREFIX,
    CompanyAttribute,
    CompanyId,
    CompanyMergeView,
    CompanyName,
    CompanyOwner,
    CompanyRow,
    TreeNode,
)
from quanyu.modules.people.companies.listing import CompanyLists
from quanyu.modules.people.companies.merging import KeptMerge
from quanyu.modules.people.companies.ports import Owners
from quanyu.modules.people.companies.queries import CompanyQueries, KeptCompany
from quanyu.modules.people.companies.rules import Saying
from quanyu.modules.people.companies.tree import Tree


async def rows_of(uow: UnitOfWork, companies: Sequence[CompanyId], owners: Owners) -> tuple[CompanyRow, ...]:
    """Return list rows in the order given; unknown ids, and those taken into others, are left out."""
    queries, lists = CompanyQueries(uow), CompanyLists(uow)
    kept = await queries.many(companies)
    parents = await queries.known_as([one.parent_id for one in kept.values() if one.parent_id is not None])
    names = await queries.many(sorted(set(parents.values())))
    people, children = await lists.contacts_of(companies), await lists.children_of(companies)
    staff = await owners.names(uow, sorted({one.owner for one in kept.values() if one.owner}))
    return tuple(
        CompanyRow(
            id=encode_id(COMPANY_PREFIX, one.id),
            external_id=one.external_id or "",
            name=one.name,
            domain=one.domain,
            parent=_parent(one, parents, names),
            owner=CompanyOwner(id=one.owner, name=staff.get(one.owner, "")) if one.owner else None,
            contacts=people.get(one.id, 0),
            children=children.get(one.id, 0),
            created_at=one.created_at,
            updated_at=one.updated_at,
        )
        for company in companies
        if (one := kept.get(company)) is not None and one.known_as == one.id
    )


def _parent(
    company: KeptCompany, parents: Mapping[int, CompanyId], names: Mapping[CompanyId, KeptCompany]
) -> CompanyName | None:
    parent = None if company.parent_id is None else parents.get(company.parent_id)
    if parent is None:
        return None
    return CompanyName(id=encode_id(COMPANY_PREFIX, parent), name=names[parent].name)


def attributes_of(counted: Mapping[str, Saying]) -> tuple[CompanyAttribute, ...]:
    """Return what counts of a company, by key."""
    return tuple(
        CompanyAttribute(key=key, value=one.value, source=one.source, told_at=one.at)
        for key, one in sorted(counted.items())
        if key not in rules.STANDING
    )


def merge_view(merge: KeptMerge) -> CompanyMergeView:
    """Return a merge as it is shown with the company it made."""
    return CompanyMergeView(
        id=encode_id(MERGE_PREFIX, merge.id),
        other=CompanyName(id=encode_id(COMPANY_PREFIX, merge.from_id), name=merge.name),
        reason=merge.reason,
        actor=merge.actor,
        merged_at=merge.merged_at,
    )


def tree_nodes(
    standing: Sequence[tuple[CompanyId, int]],
    tree: Tree,
    kept: Mapping[CompanyId, KeptCompany],
    contacts: Mapping[int, int],
) -> tuple[TreeNode, ...]:
    """Return a tree's companies in the order given."""
    nodes = []
    for company, depth in standing:
        above = tree.above(company)
        nodes.append(
            TreeNode(
                id=encode_id(COMPANY_PREFIX, company),
                name=kept[company].name,
                depth=depth,
                parent=encode_id(COMPANY_PREFIX, above[0]) if above else None,
                contacts=contacts.get(company, 0),
            )
        )
    return tuple(nodes)
