"""Wiring of consent: the ledger, who hears what people say, and what follows from time."""

from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.people.consent import pages as consent_pages
from quanyu.modules.people.consent import routes as consent_routes
from quanyu.modules.people.consent.chores import ConsentChores
from quanyu.modules.people.consent.links import PreferenceLinks
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.consent.subscribers import ConsentSubscriber
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class ConsentServices:
    """Consent, its door, and what it gives to others."""

    consent: Consent
    for_messages: LedgerConsent
    links: PreferenceLinks
    subscriber: ConsentSubscriber
    per_brand: tuple[BrandLoop, ...]
    routers: tuple[APIRouter, ...]


def build_consents(
    uows: UnitOfWorkFactory, keyring: KeyRing, tenants: Tenants, *, public_url: str
) -> ConsentServices:
    """Build consent."""
    consent, links = Consent(), PreferenceLinks(keyring, public_url)
    return ConsentServices(
        consent=consent,
        for_messages=LedgerConsent(consent),
        subscriber=ConsentSubscriber(consent),
        per_brand=(ConsentChores(uows, consent).run,),
        links=links,
        routers=(
            consent_routes.router(consent, links),
            consent_pages.router(consent, links, tenants, uows),
        ),
    )
