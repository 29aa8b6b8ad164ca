"""Wiring of the page beside chats: its door, its desk, and what others tell it."""

from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers.contracts import StateNames
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.inheritance.service import InheritanceDesk
from quanyu.modules.staff.sidebar import callers, routes
from quanyu.modules.staff.sidebar.callers import StaffCallers
from quanyu.modules.staff.sidebar.contracts import ShownMessage, StaffCaller, StaffTask
from quanyu.modules.staff.sidebar.ports import CustomerTags
from quanyu.modules.staff.sidebar.records import SidebarRecords
from quanyu.modules.staff.sidebar.service import SidebarDesk
from quanyu.modules.staff.sidebar.signing_in import SidebarDoor
from quanyu.modules.tenants.service import Tenants


class MessagesOfPerson:
    """``sidebar.ports.PersonMessages`` from messaging."""

    def __init__(self, messaging: Messaging) -> None:
        self._messaging = messaging

    async def latest(self, uow: UnitOfWork, person_id: PersonId, *, limit: int) -> tuple[ShownMessage, ...]:
        """Return the latest messages to somebody."""
        page = await self._messaging.list_messages(uow, person_id=person_id, limit=limit)
        return tuple(
            ShownMessage(
                id=one.id,
                channel=one.channel,
                state=one.state,
                reason="" if one.reason_text is None else one.reason_text.zh,
                body=one.body or "",
                at=one.planned_at,
            )
            for one in page.items
        )


class InheritanceErrands:
    """``sidebar.ports.Errands`` from inheritance: customers on their way to a member."""

    def __init__(self, inheritances: InheritanceDesk) -> None:
        self._inheritances = inheritances

    async def of(self, uow: UnitOfWork, caller: StaffCaller, *, limit: int) -> tuple[StaffTask, ...]:
        """Return who comes, the soonest first."""
        coming = await self._inheritances.coming_to(uow, caller.corp_id, caller.userid, limit=limit)
        return tuple(
            StaffTask(
                kind="customer_coming",
                customer=one.token.hex(),
                name=one.name,
                from_name=one.handover_name,
                due_at=one.due_at,
            )
            for one in coming
        )


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The page beside chats, ready to be mounted."""

    callers: StaffCallers
    routers: tuple[APIRouter, ...]

    def install(self, app: FastAPI) -> None:
        """Give ``app`` its way to know members."""
        callers.install(app, self.callers)


def build_sidebar(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    clients: CorpClients,
    people: People,
    tenants: Tenants,
    messaging: Messaging,
    directory: Directory,
    inheritances: InheritanceDesk,
    *,
    public_url: str,
    tags: CustomerTags | None = None,
    state_names: StateNames | None = None,
) -> Sidebar:
    """Build the page."""
    door = SidebarDoor(uows, keyring, clients, public_url=public_url)
    desk = SidebarDesk(
        uows,
        keyring,
        clients,
        directory,
        people,
        tenants,
        public_url=public_url,
        messages=MessagesOfPerson(messaging),
        errands=InheritanceErrands(inheritances),
        tags=tags,
        state_names=state_names,
    )
    records = SidebarRecords(keyring, public_url=public_url)
    secure = public_url.startswith("https:")
    return Sidebar(
        StaffCallers(door, public_url=public_url),
        (routes.router(door, desk, secure=secure), routes.records_router(records)),
    )
