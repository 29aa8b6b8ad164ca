"""Company accounts: who they are, whose contacts work there, and how they hang together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import InvalidId, PersonId, decode_id, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people.companies import rules
from quanyu.modules.people.companies.contact_queries import ContactQueries, Place
from quanyu.modules.people.companies.contracts import (
    COMPANY_PREFIX,
    MERGE_PREFIX,
    CompaniesOfPerson,
    Company,
    CompanyId,
    CompanyMergeId,
    CompanyName,
    CompanyOfPerson,
    CompanyPage,
    CompanyRow,
    CompanyTree,
    Contact,
    ContactPage,
    MergeCompanies,
    SaveCompany,
    SaveContact,
)
from quanyu.modules.people.companies.errors import (
    CompanyInUse,
    ExternalIdTaken,
    PersonalAttribute,
    UnknownOwner,
)
from quanyu.modules.people.companies.keeping import Book, company_not_found
from quanyu.modules.people.companies.listing import CompanyFilter, CompanyLists
from quanyu.modules.people.companies.merging import Merging
from quanyu.modules.people.companies.ports import NoOwners, Owners
from quanyu.modules.people.companies.queries import CompanyQueries, KeptCompany
from quanyu.modules.people.companies.tree import Tree
from quanyu.modules.people.companies.views import attributes_of, merge_view, rows_of, tree_nodes
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People

_TREE_SHOWN: int = 500
_OF_PERSON_MAX: int = 100
_KEYS_SHOWN: int = 200


@dataclass(frozen=True, slots=True)
class Accounts:
    """All companies of a brand at once: what each says, (company, person, roles) of contacts, the tree."""

    companies: Mapping[CompanyId, Mapping[str, Any]]
    contacts: Sequence[tuple[CompanyId, PersonId, Sequence[str]]]
    tree: Tree


class Companies:
    """The use cases of company accounts."""

    def __init__(self, people: People, owners: Owners | None = None) -> None:
        self._people = people
        self._owners = owners or NoOwners()

    async def page(
        self, uow: UnitOfWork, wanted: CompanyFilter, *, cursor: str | None = None, limit: int | None = None
    ) -> CompanyPage:
        """Return a page of companies, the newest first."""
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        found, total = await CompanyLists(uow).page(wanted, before=before, limit=size + 1)
        return CompanyPage(
            items=await self.rows(uow, found[:size]),
            next_cursor=encode_cursor(found[size - 1]) if len(found) > size else None,
            total=total,
        )

    async def rows(self, uow: UnitOfWork, companies: Sequence[CompanyId]) -> tuple[CompanyRow, ...]:
        """Return list rows in the order given; unknown ids, and those taken into others, are left out."""
        return await rows_of(uow, companies, self._owners)

    async def get(self, uow: UnitOfWork, company_id: CompanyId) -> Company:
        """Return everything known of a company; one that was taken into another answers with that one.

        Raises:
            CompanyNotFound: this brand has no such company.
        """
        kept = await self.find(uow, company_id)
        family = await CompanyQueries(uow).families([kept.id])
        above = (await Book(uow).tree()).above(kept.id)
        names = await CompanyQueries(uow).many(above)
        return Company(
            row=(await self.rows(uow, [kept.id]))[0],
            path=tuple(_name_of(names[one]) for one in reversed(above)),
            attributes=attributes_of(rules.fold(one.own for one in family)),
            merged=tuple(merge_view(one) for one in await Merging(uow).standing(kept.id)),
            everybody=await CompanyLists(uow).everybody_of(kept.id),
        )

    async def find(self, uow: UnitOfWork, company_id: CompanyId) -> KeptCompany:
        """Return who a company is today.

        Raises:
            CompanyNotFound: this brand has no such company.
        """
        kept = await CompanyQueries(uow).find(company_id)
        if kept is None:
            raise company_not_found(show_company_id(company_id))
        return kept

    async def with_all_below(self, uow: UnitOfWork, company_id: CompanyId) -> tuple[CompanyId, ...]:
        """Return a company and all below it."""
        return tuple(one for _, one, _ in await CompanyQueries(uow).below([company_id]))

    async def create(self, uow: UnitOfWork, command: SaveCompany, *, actor: str) -> CompanyId:
        """Add a company and return its id.

        Raises:
            ExternalIdTaken, ImpossibleHierarchy, UnknownOwner, PersonalAttribute, CompanyInUse.
        """
        queries, book = CompanyQueries(uow), Book(uow)
        await queries.lock()
        company = await book.make({}, external_id=None, actor=actor)
        await self._say(uow, book, company, command)
        return company.id

    async def save(self, uow: UnitOfWork, company_id: CompanyId, command: SaveCompany) -> None:
        """Replace what is said of a company by hand; calls told later count again.

        Raises:
            CompanyNotFound, ExternalIdTaken, ImpossibleHierarchy, UnknownOwner, PersonalAttribute.
        """
        await CompanyQueries(uow).lock()
        await self._say(uow, Book(uow), await self.find(uow, company_id), command)

    async def _say(self, uow: UnitOfWork, book: Book, company: KeptCompany, command: SaveCompany) -> None:
        told = await self._told(uow, book, company, command)
        family = await CompanyQueries(uow).families([company.id])
        counted = rules.fold(one.own for one in family)
        # What was told of a company that was taken in counts as well, until somebody says otherwise.
        own = {**{key: one for key, one in counted.items() if key not in company.own}, **company.own}
        own = {**own, **{key: one for key, one in counted.items() if one.at >= own[key].at}}
        after = rules.replace_by_hand(own, told, at=uow.clock.now(), source="console")
        external_id = command.external_id or None
        if external_id != company.external_id and external_id is not None:
            holder = (await CompanyQueries(uow).by_external_ids([external_id])).get(external_id)
            if holder is not None:
                raise ExternalIdTaken(
                    f"another company has the id {external_id[:40]}",
                    message_zh=f"外部编号「{external_id[:40]}」已属于其他企业",
                    company=show_company_id(holder.known_as),
                )
        await book.save([replace(company, own=after, external_id=external_id)])
        await book.settle([company.id])

    async def _told(
        self, uow: UnitOfWork, book: Book, company: KeptCompany, command: SaveCompany
    ) -> dict[str, Any]:
        told: dict[str, Any] = {
            key: value
            for key, value in command.attributes.items()
            if key not in rules.STANDING and value is not None and value != ""
        }
        if personal := rules.personal_keys(told):
            raise PersonalAttribute(
                f"this says who somebody is: {', '.join(personal)}; keep it with a contact",
                message_zh=f"这些属性涉及个人信息，请记录在联系人身上：{'、'.join(personal)}",
                keys=personal,
            )
        told |= {rules.NAME: command.name, rules.DOMAIN: rules.domain_of(command.domain) or None}
        if command.owner is not None and not await self._owners.names(uow, [command.owner]):
            raise UnknownOwner(f"nobody has the id {command.owner}", message_zh="没有这位员工")
        told[rules.OWNER] = command.owner
        told[rules.PARENT] = None
        if command.parent is not None:
            parent = await self.find(uow, read_company_id(command.parent))
            problem = (await book.tree()).problem_with(company.id, parent.id)
            if problem is not None:
                raise problem
            told[rules.PARENT] = parent.id
        return told

    async def delete(self, uow: UnitOfWork, company_id: CompanyId) -> None:
        """Delete a company and those taken into it; its contacts stay people.

        Raises:
            CompanyNotFound: this brand has no such company.
            CompanyInUse: companies stand below it.
        """
        queries = CompanyQueries(uow)
        await queries.lock()
        kept = await self.find(uow, company_id)
        if await CompanyLists(uow).children_of([kept.id]):
            raise CompanyInUse(
                "companies stand below it: move or delete them first",
                message_zh="该企业还有下级企业：请先移动或删除它们",
            )
        await queries.delete([one.id for one in await queries.families([kept.id])])

    async def merge(
        self, uow: UnitOfWork, company_id: CompanyId, command: MergeCompanies, *, actor: str
    ) -> None:
        """Take another company into this one; ``undo_merge`` takes it back.

        Raises:
            CompanyNotFound, ImpossibleMerge.
        """
        await CompanyQueries(uow).lock()
        into = await self.find(uow, company_id)
        other = await self.find(uow, read_company_id(command.other))
        await Merging(uow).merge(into, other, reason=command.reason, actor=actor)

    async def undo_merge(self, uow: UnitOfWork, merge_id: CompanyMergeId, *, actor: str) -> CompanyId:
        """Let a company that was taken into another be itself again; return it.

        Raises:
            ImpossibleMerge: there is no such merge, or a later one must be undone first.
        """
        await CompanyQueries(uow).lock()
        return await Merging(uow).undo(merge_id, actor=actor)

    async def tree_of(self, uow: UnitOfWork, company_id: CompanyId) -> CompanyTree:
        """Return the whole tree a company stands in.

        Raises:
            CompanyNotFound: this brand has no such company.
        """
        kept = await self.find(uow, company_id)
        tree = await Book(uow).tree()
        top = [kept.id, *tree.above(kept.id)][-1]
        standing = tree.below(top)
        shown = standing[:_TREE_SHOWN]
        ids = [one for one, _ in shown]
        nodes = tree_nodes(
            shown, tree, await CompanyQueries(uow).many(ids), await CompanyLists(uow).contacts_of(ids)
        )
        return CompanyTree(items=nodes, is_cut=len(standing) > _TREE_SHOWN)

    async def contacts(
        self,
        uow: UnitOfWork,
        company_id: CompanyId,
        *,
        with_below: bool = False,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ContactPage:
        """Return the people of a company, or of all below it too.

        Raises:
            CompanyNotFound: this brand has no such company.
        """
        kept = await self.find(uow, company_id)
        size, offset = clamp_limit(limit), decode_cursor(cursor, int)[0] if cursor else 0
        wanted = await self.with_all_below(uow, kept.id) if with_below else (kept.id,)
        places, total = await ContactQueries(uow).of_companies(wanted, offset=offset, limit=size)
        names = await self._people.display_names(uow, [one.person_id for one in places])
        companies = await CompanyQueries(uow).many([one.company_id for one in places])
        return ContactPage(
            items=tuple(
                Contact(
                    person=encode_id("per", one.person_id), name=names.get(one.person_id, ""),
                    roles=one.roles, is_primary=one.is_primary, since=one.since, until=one.until,
                    company=_name_of(companies[one.company_id]),
                )
                for one in places
            ),
            next_cursor=encode_cursor(offset + size) if offset + size < total else None,
            total=total,
        )  # fmt: skip

    async def set_contact(
        self, uow: UnitOfWork, company_id: CompanyId, person_id: PersonId, command: SaveContact
    ) -> None:
        """Make somebody a contact of a company, or say anew what they are there. Idempotent.

        The primary contact is one at most: who was it before is not any more.

        Raises:
            CompanyNotFound, PersonNotFound.
        """
        await CompanyQueries(uow).lock()
        kept, who = await self.find(uow, company_id), await self._person(uow, person_id)
        contacts = ContactQueries(uow)
        before = await contacts.find(kept.id, who)
        since: datetime = command.since or (before.since if before else uow.clock.now())
        place = Place(
            company_id=kept.id,
            person_id=who,
            roles=tuple(dict.fromkeys(command.roles)),
            is_primary=command.is_primary,
            since=since,
            until=command.until,
        )
        await contacts.replace(place, source="console")
        if command.is_primary:
            await contacts.keep_one_primary(kept.id, who)

    async def remove_contact(self, uow: UnitOfWork, company_id: CompanyId, person_id: PersonId) -> None:
        """Forget that somebody was a contact of a company: for what was never true. Idempotent.

        Raises:
            CompanyNotFound, PersonNotFound.
        """
        kept, who = await self.find(uow, company_id), await self._person(uow, person_id)
        await ContactQueries(uow).remove(kept.id, who)

    async def of_person(self, uow: UnitOfWork, person_id: PersonId) -> CompaniesOfPerson:
        """Return the companies somebody is, or was, a contact of.

        Raises:
            PersonNotFound: this brand has no such person.
        """
        who = await self._person(uow, person_id)
        places = await ContactQueries(uow).of_person(who, _OF_PERSON_MAX)
        companies: Mapping[CompanyId, KeptCompany] = await CompanyQueries(uow).many(
            [one.company_id for one in places]
        )
        return CompaniesOfPerson(
            items=tuple(
                CompanyOfPerson(
                    company=_name_of(companies[one.company_id]),
                    roles=one.roles,
                    is_primary=one.is_primary,
                    since=one.since,
                    until=one.until,
                )
                for one in places
            )
        )

    @staticmethod
    async def accounts(uow: UnitOfWork) -> Accounts:
        """Return all companies with what they are, who is a contact of them now, and their tree."""
        companies = await CompanyLists(uow).accounts()
        return Accounts(companies, await ContactQueries(uow).now(), await Book(uow).tree())

    @staticmethod
    async def accounts_mark(uow: UnitOfWork) -> str:
        """Return a text that differs whenever ``accounts`` would."""
        return f"{await CompanyLists(uow).mark()} {await ContactQueries(uow).mark_of_now()}"

    async def attribute_keys(self, uow: UnitOfWork) -> tuple[str, ...]:
        """Return the attributes the brand's companies have, the commonest first."""
        return tuple(await CompanyLists(uow).attribute_keys(_KEYS_SHOWN))

    async def _person(self, uow: UnitOfWork, person_id: PersonId) -> PersonId:
        canonical = await self._people.canonical_ids(uow, [person_id])
        if person_id not in canonical:
            shown = encode_id("per", person_id)
            raise PersonNotFound(f"there is no person {shown}", message_zh=f"没有这个客户：{shown}")
        return canonical[person_id]


def _name_of(company: KeptCompany) -> CompanyName:
    return CompanyName(id=show_company_id(company.id), name=company.name)


def read_company_id(text: str) -> CompanyId:
    """Read an id as shown outside (``com_…``).

    Raises:
        CompanyNotFound: it is none.
    """
    try:
        return CompanyId(decode_id(COMPANY_PREFIX, text))
    except InvalidId as error:
        raise company_not_found(text) from error


def read_merge_id(text: str) -> CompanyMergeId:
    """Read the id of a merge.

    Raises:
        InvalidId: it is none.
    """
    return CompanyMergeId(decode_id(MERGE_PREFIX, text))


def show_company_id(company_id: CompanyId) -> str:
    """Write an id as it is shown outside."""
    return encode_id(COMPANY_PREFIX, company_id)
