"""Wiring of staff: who works at the brand, whom they serve, and what hangs on both."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.adapters import JoinWaysOfGroups
from quanyu.app.corp_tags import CodeTags, carried_tags
from quanyu.app.live_codes import LiveCodeServices, build_live_codes
from quanyu.app.workers import BrandLoop
from quanyu.flows.pipeline.react import Subscriber
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.nightly import NightlySyncs
from quanyu.modules.channels.syncs.running import SyncRunner
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.people.service import People
from quanyu.modules.staff import syncs as sync_routes
from quanyu.modules.staff.customers import routes as customer_routes
from quanyu.modules.staff.customers.alerts import routes as alert_routes
from quanyu.modules.staff.customers.alerts.service import AlertDesk
from quanyu.modules.staff.customers.alerts.subscribers import AlertSubscriber
from quanyu.modules.staff.customers.alerts.worker import AlertTeller
from quanyu.modules.staff.customers.answers import AnswerKeeper
from quanyu.modules.staff.customers.contracts import TagObserver
from quanyu.modules.staff.customers.details import DetailsWorker
from quanyu.modules.staff.customers.service import Customers
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.customers.syncing import CustomerSync
from quanyu.modules.staff.directory import routes as directory_routes
from quanyu.modules.staff.directory.details import MemberWorker
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.directory.subscribers import DirectorySubscriber
from quanyu.modules.staff.directory.syncing import StaffSync
from quanyu.modules.staff.inheritance import routes as inheritance_routes
from quanyu.modules.staff.inheritance.service import InheritanceDesk
from quanyu.modules.staff.inheritance.subscribers import InheritanceSubscriber
from quanyu.modules.staff.inheritance.worker import InheritanceWorker
from quanyu.modules.staff.sidebar.queries import DeedQueries
from quanyu.modules.staff.tags import routes as tag_routes
from quanyu.modules.staff.tags.marking import CorpTagMarks
from quanyu.modules.staff.tags.service import CorpTagDesk
from quanyu.modules.staff.tags.subscribers import CorpTagSubscriber
from quanyu.modules.staff.tags.sync import TagListWorker
from quanyu.modules.staff.tags.worker import MarkWorker
from quanyu.modules.staff.visitors import routes as visitor_routes
from quanyu.modules.staff.visitors.recognition import Recognition
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffServices:
    """The use cases of staff, what they hear of the log, and their loops."""

    corps: Corps
    directory: Directory
    customers: Customers
    alerts: AlertDesk
    inheritances: InheritanceDesk
    codes: LiveCodeServices
    recognition: Recognition  # For public pages.
    tags: CorpTagDesk
    marks: CorpTagMarks  # For whoever gives tags: codes, journeys, the sidebar.
    subscribers: Sequence[Subscriber]
    per_brand: Sequence[BrandLoop]


def build_staff(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    people: People,
    corps: Corps,
    clients: CorpClients,
    warehouse: Warehouse,
    *,
    public_url: str,
) -> StaffServices:
    """Build everything of staff."""
    directory = Directory(corps)
    customers = Customers(keyring, people, directory, tenants)
    directory.count_with(customers.figures)
    customers.name_tags_with(carried_tags)
    marks = CorpTagMarks(corps)
    tag_observers: list[TagObserver] = [marks]
    keeper = AnswerKeeper(keyring, tag_observers)
    staff_sync = StaffSync(uows, keyring, clients)
    customer_sync = CustomerSync(uows, keyring, corps, clients, keeper)
    recognition = Recognition(uows, keyring, clients, people, _page_was_opened, public_url=public_url)
    codes = build_live_codes(
        uows,
        keyring,
        tenants,
        corps,
        clients,
        warehouse,
        public_url=public_url,
        recognition=recognition,
        tags=CodeTags(marks),
        join_ways=JoinWaysOfGroups(),
    )
    customers.name_states_with(codes.states.names)
    return StaffServices(
        corps=corps,
        directory=directory,
        customers=customers,
        alerts=AlertDesk(corps, people, directory, customers),
        inheritances=InheritanceDesk(uows, keyring, clients, tags=marks),
        codes=codes,
        recognition=recognition,
        tags=CorpTagDesk(uows, clients, corps, marks),
        marks=marks,
        subscribers=[
            DirectorySubscriber(),
            CustomerSubscriber(),
            AlertSubscriber(tenants),
            InheritanceSubscriber(),
            codes.subscriber,
            CorpTagSubscriber(corps),
        ],
        per_brand=[
            MemberWorker(uows, corps, clients).run,
            DetailsWorker(uows, keyring, corps, clients, keeper).run,
            AlertTeller(uows, keyring, tenants, clients).run,
            SyncRunner(uows, {SyncKind.DEPARTMENTS: staff_sync.step, SyncKind.STAFF: staff_sync.step}).run,
            SyncRunner(
                uows,
                {SyncKind.CUSTOMERS: customer_sync.step, SyncKind.CUSTOMER_LISTS: customer_sync.step},
            ).run,
            InheritanceWorker(uows, keyring, clients).run,
            TagListWorker(uows, clients, corps).run,
            MarkWorker(uows, keyring, clients, corps).run,
            NightlySyncs(uows, corps, tenants, sync_routes.NIGHTLY).run,
            *codes.per_brand,
        ],
    )


async def _page_was_opened(uow: UnitOfWork, corp_id: AccountId) -> bool:
    """``visitors.recognition.DomainProof``: the page beside chats needs the same trusted domain."""
    return await DeedQueries(uow).has_signed_in(corp_id)


def staff_routers(staff: StaffServices) -> tuple[APIRouter, ...]:
    """Return the routes of staff."""
    return (
        directory_routes.router(staff.directory),
        sync_routes.router(staff.corps, AccountSyncs()),
        customer_routes.router(staff.customers),
        alert_routes.router(staff.alerts),
        inheritance_routes.router(staff.inheritances),
        *staff.codes.routers,
        tag_routes.router(staff.tags),
        visitor_routes.router(staff.recognition),
    )
