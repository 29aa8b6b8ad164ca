"""Wiring of company accounts: the book, who looks after companies, and what calls say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import InvalidId
from quanyu.modules.people.companies import routes
from quanyu.modules.people.companies.calls import GroupSubscriber
from quanyu.modules.people.companies.resembling import Resemblances
from quanyu.modules.people.companies.rollup import CompanyHistory
from quanyu.modules.people.companies.service import Companies
from quanyu.modules.people.service import People
from quanyu.modules.segments.accounts import routes as account_routes
from quanyu.modules.segments.accounts.service import AccountSegmentDesk
from quanyu.modules.segments.service import Segments
from quanyu.modules.staff.directory.contracts import MemberId
from quanyu.modules.staff.directory.service import Directory, read_member_id


class StaffOwners:
    """``people.companies.ports.Owners``: members of staff look after companies."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def names(self, uow: UnitOfWork, owners: Sequence[str]) -> Mapping[str, str]:
        """Return what to call each, those who left too; ids nobody has are left out."""
        numbers = {owner: number for owner in owners if (number := _number(owner)) is not None}
        members = await self._directory.by_ids(uow, list(numbers.values()))
        return {owner: members[one].shown_name for owner, one in numbers.items() if one in members}


def _number(owner: str) -> MemberId | None:
    try:
        return read_member_id(owner)
    except InvalidId:
        return None


@dataclass(frozen=True, slots=True)
class CompanyServices:
    """Company accounts, ready to be called."""

    companies: Companies
    subscriber: GroupSubscriber
    routers: Sequence[APIRouter]


def account_segment_routers(
    uows: UnitOfWorkFactory, warehouse: Warehouse, companies: Companies, segments: Segments
) -> tuple[APIRouter, ...]:
    """Return the doors to segments of companies."""
    return (account_routes.router(AccountSegmentDesk(uows, warehouse, companies, segments)),)


def build_companies(people: People, directory: Directory, warehouse: Warehouse) -> CompanyServices:
    """Build them; nothing of it needs closing."""
    companies = Companies(people, StaffOwners(directory))
    history = CompanyHistory(companies, people, warehouse)
    return CompanyServices(
        companies=companies,
        subscriber=GroupSubscriber(),
        routers=(routes.router(companies, history, Resemblances(companies)),),
    )
