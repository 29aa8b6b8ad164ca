"""Learning who opens a form in WeChat, through the brand's corp (``staff.visitors``)."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.service import People
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.staff.visitors.routes import lead_away, visit_of


class WayToWeChat:
    """Sends browsers in WeChat to the corp's app and back, where that can tell who they are."""

    def __init__(self, uows: UnitOfWorkFactory, corps: Corps, recognition: Recognition) -> None:
        self._uows = uows
        self._corps = corps
        self._recognition = recognition

    async def lead(self, tenant_id: TenantId, request: Request) -> Response | None:
        """Return the way out, or ``None`` where nothing can be learned there."""
        visit = visit_of(request)
        async with self._uows.system(tenant_id) as uow:
            for corp in await self._corps.list(uow):
                way = await self._recognition.way(uow, corp.id, visit)
                if way is not None:
                    return lead_away(request, way)
        return None


class KnownVisitors:
    """``answering.Visitors`` from tickets in links and cookies, and people's identifiers."""

    def __init__(self, recognition: Recognition, people: People) -> None:
        self._recognition = recognition
        self._people = people

    async def person(self, uow: UnitOfWork, ticket: str, cookies: Mapping[str, str]) -> PersonId | None:
        """Return who a link was made for, else who was recognised in this browser."""
        found = self._recognition.tickets.read(uow.tenant_id, ticket) if ticket else None
        if found is None:
            return await self._recognition.person(uow, cookies)
        return (await self._people.canonical_ids(uow, [found])).get(found)

    async def locate(self, uow: UnitOfWork, person_id: PersonId, namespace: str) -> Sequence[Identifier]:
        """Return a person's identifiers of one kind."""
        return await self._people.locate(uow, person_id, namespace)
