"""Putting together what the person page shows: attributes with their history, and what other modules know."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.channels import follows
from quanyu.modules.community.groups import of_person
from quanyu.modules.insight import person_orders
from quanyu.modules.insight.person_orders import OrdersOfPeople
from quanyu.modules.journeys import passages
from quanyu.modules.people.profile import routes as profile_routes
from quanyu.modules.people.profile.chores import ProfileChores
from quanyu.modules.people.profile.service import Profiles
from quanyu.modules.people.reveal import routes as reveal_routes
from quanyu.modules.people.reveal.service import Reveals
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class ProfileServices:
    """What the person page and changes by hand need."""

    profiles: Profiles
    routers: Sequence[APIRouter]
    per_brand: Sequence[BrandLoop]


def build_profiles(
    uows: UnitOfWorkFactory, keyring: KeyRing, people: People, warehouse: Warehouse
) -> ProfileServices:
    """Build them; nothing of it needs closing."""
    profiles = Profiles(keyring, people)
    orders = OrdersOfPeople(uows, warehouse, people, Tenants())
    return ProfileServices(
        profiles=profiles,
        routers=(
            profile_routes.router(profiles),
            reveal_routes.router(Reveals(keyring)),
            person_orders.router(orders),
            passages.router(),
            of_person.router(),
            follows.router(),
        ),
        per_brand=(ProfileChores(uows, profiles).run,),
    )
