"""The door of company accounts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, status
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.people.companies.contracts import (
    CompaniesOfPerson,
    Company,
    CompanyOrders,
    CompanyPage,
    CompanyTimeline,
    CompanyTree,
    ContactPage,
    Likenesses,
    MergeCompanies,
    SaveCompany,
    SaveContact,
    TellApart,
)
from quanyu.modules.people.companies.listing import CompanyFilter
from quanyu.modules.people.companies.resembling import Resemblances
from quanyu.modules.people.companies.rollup import CompanyHistory
from quanyu.modules.people.companies.service import Companies, read_company_id, read_merge_id, show_company_id

_NOBODY: Final = PersonId(0)
_Text = Annotated[str, Query(max_length=200)]
_Cursor = Annotated[str | None, Query(max_length=400)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]
_Below = Annotated[bool, Query(description="With the people of all companies below it.")]


class MadeCompany(BaseModel):
    """The id of the company that was made, or is itself again."""

    id: str


class CompanyAttributeKeys(BaseModel):
    """The attributes the brand's companies have, the commonest first."""

    items: tuple[str, ...]


def router(companies: Companies, history: CompanyHistory, resemblances: Resemblances) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["companies"], dependencies=[permits.PEOPLE])
    _merging(routes, companies, resemblances)  # First: its words are no ids.
    _book(routes, companies)
    _contacts(routes, companies)
    _history(routes, history)
    return routes


def _book(routes: APIRouter, companies: Companies) -> None:
    @routes.get("/companies")
    async def list_companies(
        uow: RequestUow,
        q: _Text = "",
        owner: _Text = "",
        parent: _Text = "",
        is_top: bool = False,
        has_contacts: bool | None = None,
        attribute: _Text = "",
        value: _Text = "",
        cursor: _Cursor = None,
        limit: _Limit = 50,
    ) -> CompanyPage:
        """List companies, the newest first: by part of a name, domain or id, and by what they are."""
        wanted = CompanyFilter(
            q=q.strip(), owner=owner, parent=read_company_id(parent) if parent else None, is_top=is_top,
            has_contacts=has_contacts, attribute=attribute, value=value if attribute else "",
        )  # fmt: skip
        return await companies.page(uow, wanted, cursor=cursor, limit=limit)

    @routes.post("/companies", status_code=status.HTTP_201_CREATED)
    async def create_company(uow: RequestUow, caller: CurrentCaller, command: SaveCompany) -> MadeCompany:
        """Add a company."""
        return MadeCompany(id=show_company_id(await companies.create(uow, command, actor=caller.name)))

    @routes.get("/companies/{company}")
    async def get_company(uow: RequestUow, company: str) -> Company:
        """Everything known of a company; one that was taken into another answers with that one."""
        return await companies.get(uow, read_company_id(company))

    @routes.put("/companies/{company}")
    async def save_company(uow: RequestUow, company: str, command: SaveCompany) -> Company:
        """Replace what is said of a company by hand."""
        number = read_company_id(company)
        await companies.save(uow, number, command)
        return await companies.get(uow, number)

    @routes.delete("/companies/{company}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_company(uow: RequestUow, company: str) -> None:
        """Delete a company without companies below it; its contacts stay people."""
        await companies.delete(uow, read_company_id(company))

    @routes.get("/companies/{company}/tree")
    async def tree_of_company(uow: RequestUow, company: str) -> CompanyTree:
        """The whole tree a company stands in."""
        return await companies.tree_of(uow, read_company_id(company))


def _merging(routes: APIRouter, companies: Companies, resemblances: Resemblances) -> None:
    @routes.get("/companies/attributes")
    async def list_company_attributes(uow: RequestUow) -> CompanyAttributeKeys:
        """List the attributes the brand's companies have."""
        return CompanyAttributeKeys(items=await companies.attribute_keys(uow))

    @routes.get("/companies/alike")
    async def list_companies_alike(uow: RequestUow, company: _Text = "") -> Likenesses:
        """List companies that may be one, by likeness of names and domains; of one company, or of all."""
        return await resemblances.suggest(uow, read_company_id(company) if company else None)

    @routes.post("/companies/apart", status_code=status.HTTP_204_NO_CONTENT)
    async def tell_companies_apart(uow: RequestUow, caller: CurrentCaller, command: TellApart) -> None:
        """Say that two companies are not one: they are not suggested again."""
        await resemblances.tell_apart(uow, command, actor=caller.name)

    @routes.post("/companies/{company}/merge")
    async def merge_companies(
        uow: RequestUow, caller: CurrentCaller, company: str, command: MergeCompanies
    ) -> Company:
        """Take another company into this one, with its contacts and what stands below it."""
        number = read_company_id(company)
        await companies.merge(uow, number, command, actor=caller.name)
        return await companies.get(uow, number)

    @routes.post("/company-merges/{merge}/undo")
    async def undo_company_merge(uow: RequestUow, caller: CurrentCaller, merge: str) -> MadeCompany:
        """Let a company that was taken into another be itself again; it is the one returned."""
        number = await companies.undo_merge(uow, read_merge_id(merge), actor=caller.name)
        return MadeCompany(id=show_company_id(number))


def _contacts(routes: APIRouter, companies: Companies) -> None:
    @routes.get("/companies/{company}/contacts")
    async def list_contacts(
        uow: RequestUow, company: str, below: _Below = False, cursor: _Cursor = None, limit: _Limit = 50
    ) -> ContactPage:
        """List the people of a company: those who are contacts now first."""
        number = read_company_id(company)
        return await companies.contacts(uow, number, with_below=below, cursor=cursor, limit=limit)

    @routes.put("/companies/{company}/contacts/{person}", status_code=status.HTTP_204_NO_CONTENT)
    async def save_contact(uow: RequestUow, company: str, person: str, command: SaveContact) -> None:
        """Make somebody a contact, or say anew what they are there."""
        await companies.set_contact(uow, read_company_id(company), _person(person), command)

    @routes.delete("/companies/{company}/contacts/{person}", status_code=status.HTTP_204_NO_CONTENT)
    async def remove_contact(uow: RequestUow, company: str, person: str) -> None:
        """Forget that somebody was ever a contact; one who left is given an end instead."""
        await companies.remove_contact(uow, read_company_id(company), _person(person))

    @routes.get("/people/{person}/companies")
    async def list_companies_of_person(uow: RequestUow, person: str) -> CompaniesOfPerson:
        """List the companies somebody is, or was, a contact of."""
        return await companies.of_person(uow, _person(person))


def _history(routes: APIRouter, history: CompanyHistory) -> None:
    @routes.get("/companies/{company}/timeline")
    async def timeline_of_company(
        uow: RequestUow,
        company: str,
        below: _Below = False,
        name: _Text = "",
        cursor: _Cursor = None,
        limit: _Limit = 20,
    ) -> CompanyTimeline:
        """What the company's people did, newest first."""
        number = read_company_id(company)
        return await history.timeline(uow, number, with_below=below, name=name, cursor=cursor, limit=limit)

    @routes.get("/companies/{company}/orders")
    async def orders_of_company(uow: RequestUow, company: str, below: _Below = False) -> CompanyOrders:
        """What the company's people bought, for each currency apart."""
        return await history.orders(uow, read_company_id(company), with_below=below)


def _person(text: str) -> PersonId:
    number = decode_id("per", text)
    return PersonId(number) if number < 2**31 else _NOBODY
