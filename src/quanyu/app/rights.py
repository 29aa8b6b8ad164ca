"""Wiring of rights requests: the desk, its door, and the worker that erases."""

from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.consenting import ConsentServices
from quanyu.app.settings import Settings
from quanyu.app.workers import BrandLoop
from quanyu.flows.intake import Intake
from quanyu.flows.rights import routes as rights_routes
from quanyu.flows.rights.again import ErasuresAgain
from quanyu.flows.rights.erasure import Erasure
from quanyu.flows.rights.remembered import ErasureRegister
from quanyu.flows.rights.service import RightsDesk
from quanyu.flows.rights.tombstones import Tombstones
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.events.archive.redaction import ArchiveRedaction
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class RightsServices:
    """What the application opens and runs."""

    tombstones: Tombstones
    again: ErasuresAgain
    routers: tuple[APIRouter, ...]
    per_brand: tuple[BrandLoop, ...]


def build_rights(
    settings: Settings,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    keyring: KeyRing,
    tenants: Tenants,
    intake: Intake,
    consents: ConsentServices,
) -> RightsServices:
    """Build the desk and its worker."""
    desk = RightsDesk(uows, warehouse, keyring, tenants, consents.consent)
    archive = ArchiveRedaction(uows, database, settings.archive)
    remembered = ErasureRegister(settings.data.erasures, keyring)
    erasure = Erasure(uows, warehouse, archive, intake, keyring, remembered, settings.data.imports)
    return RightsServices(
        tombstones=Tombstones(),
        again=ErasuresAgain(uows, erasure, remembered),
        routers=(rights_routes.router(desk),),
        per_brand=(erasure.run,),
    )
