"""Putting together what is known of people: attributes, their history and policies."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.people.profile import routes as profile_routes
from quanyu.modules.people.profile.chores import ProfileChores
from quanyu.modules.people.profile.service import Profiles
from quanyu.modules.people.service import People


@dataclass(frozen=True, slots=True)
class ProfileServices:
    """What the person page and changes by hand need."""

    profiles: Profiles
    routers: Sequence[APIRouter]
    per_brand: Sequence[BrandLoop]


def build_profiles(uows: UnitOfWorkFactory, keyring: KeyRing, people: People) -> ProfileServices:
    """Build them; nothing of it needs closing."""
    profiles = Profiles(keyring, people)
    return ProfileServices(
        profiles=profiles,
        routers=(profile_routes.router(profiles),),
        per_brand=(ProfileChores(uows, profiles).run,),
    )
