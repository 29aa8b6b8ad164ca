"""Wiring of staff: who works at the brand, whom they serve, and what hangs on both."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.flows.pipeline.react import Subscriber
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.people.service import People
from quanyu.modules.staff.customers import routes as customer_routes
from quanyu.modules.staff.customers.service import Customers
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.directory import routes as directory_routes
from quanyu.modules.staff.directory.service import Directory
from quanyu.modules.staff.directory.subscribers import DirectorySubscriber
from quanyu.modules.staff.inheritance import routes as inheritance_routes
from quanyu.modules.staff.inheritance.service import InheritanceDesk
from quanyu.modules.staff.inheritance.subscribers import InheritanceSubscriber
from quanyu.modules.staff.inheritance.worker import InheritanceWorker
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffServices:
    """The use cases of staff, what they hear of the log, and their loops."""

    directory: Directory
    customers: Customers
    inheritances: InheritanceDesk
    subscribers: Sequence[Subscriber]
    per_brand: Sequence[BrandLoop]


def build_staff(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    tenants: Tenants,
    people: People,
    corps: Corps,
    clients: CorpClients,
) -> StaffServices:
    """Build everything of staff."""
    directory = Directory(corps)
    customers = Customers(keyring, people, directory, tenants)
    directory.count_with(customers.figures)
    return StaffServices(
        directory=directory,
        customers=customers,
        inheritances=InheritanceDesk(uows, keyring, clients),
        subscribers=[DirectorySubscriber(), CustomerSubscriber(), InheritanceSubscriber()],
        per_brand=[InheritanceWorker(uows, keyring, clients).run],
    )


def staff_routers(staff: StaffServices) -> tuple[APIRouter, ...]:
    """Return the routes of staff."""
    return (
        directory_routes.router(staff.directory),
        customer_routes.router(staff.customers),
        inheritance_routes.router(staff.inheritances),
    )
