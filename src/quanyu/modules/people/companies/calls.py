"""What ``group`` calls, and imported rows of companies, say: taken in batches, in the order accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.contracts import EventKind, LogEvent
from quanyu.modules.people.companies import rules
from quanyu.modules.people.companies.contact_queries import ContactQueries, ContactRow
from quanyu.modules.people.companies.contracts import CompanyId
from quanyu.modules.people.companies.errors import CompanyInUse
from quanyu.modules.people.companies.keeping import Book
from quanyu.modules.people.companies.queries import CompanyQueries, KeptCompany
from quanyu.modules.people.companies.rules import GroupCall

_log = get_logger("companies")
GROUP_EVENT: Final = "Group"  # The name under which the doors keep every group call.


@dataclass(frozen=True, slots=True)
class _Said:
    call: GroupCall
    at: datetime
    source: str
    origin_id: PersonId | None
    person_id: PersonId | None


class GroupSubscriber:
    """React subscriber ``people.companies``; idempotent: what is known already is known again."""

    name: Final = "people.companies"
    after: Final[Sequence[str]] = ()

    def wants(self, event_name: str) -> bool:
        """Only group calls."""
        return event_name == GROUP_EVENT

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: None) -> None:
        """Keep the companies and their contacts."""
        said = [_said(one) for one in events if one.kind == EventKind.GROUP]
        await GroupCalls(uow).take([one for one in said if one is not None])


class GroupCalls:
    """Calls of one brand, inside one transaction."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._queries, self._book = CompanyQueries(uow), Book(uow)
        self._known: dict[str, KeptCompany] = {}
        self._changed: dict[CompanyId, KeptCompany] = {}

    async def take(self, said: Sequence[_Said]) -> None:
        """Take them all, then tell what counts of each company they were about."""
        if not said:
            return
        await self._queries.lock()
        named = {one.call.external_id for one in said} | {one.call.parent for one in said if one.call.parent}
        self._known = await self._queries.by_external_ids(sorted(named))
        for one in said:
            await self._tell(one)
        await self._book.save(self._changed.values())
        await self._book.settle(one.known_as for one in self._changed.values())
        await ContactQueries(self._uow).say(self._contacts(said))

    async def _tell(self, said: _Said) -> None:
        call = said.call
        company = await self._company(call.external_id, said)
        if company is None:
            return
        told = dict(call.told)
        if call.parent is not None:
            parent = await self._company(call.parent, said) if call.parent else None
            told[rules.PARENT] = None if parent is None else parent.id
        own = rules.tell(company.own, told, at=said.at, source=said.source)
        if own != company.own:
            company.own = own
            self._changed[company.id] = company

    async def _company(self, external_id: str, said: _Said) -> KeptCompany | None:
        if external_id not in self._known:
            try:
                made = await self._book.make({}, external_id=external_id, actor=said.source)
            except CompanyInUse:
                _log.warning("companies.too_many", tenant_id=self._uow.tenant_id)
                return None
            self._known[external_id] = made
            self._changed[made.id] = made
        return self._known[external_id]

    def _contacts(self, said: Sequence[_Said]) -> list[ContactRow]:
        return [
            ContactRow(
                company_id=self._known[one.call.external_id].id,
                origin_id=one.origin_id or one.person_id,
                person_id=one.person_id,
                roles=one.call.roles,
                is_primary=one.call.is_primary,
                at=one.at,
                ended=one.call.ended,
                source=one.source,
            )
            for one in said
            if one.person_id is not None and one.call.external_id in self._known
        ]


def _said(event: LogEvent) -> _Said | None:
    call = rules.read_group_call(event.properties)
    if call is None:
        return None
    return _Said(call, event.occurred_at, event.source, event.stamped_id, event.person_id)
