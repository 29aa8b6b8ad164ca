"""Wiring of rights requests: the desk, its doors, and the workers that gather and erase."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.app.consenting import ConsentServices
from quanyu.app.settings import Settings
from quanyu.app.workers import BrandLoop
from quanyu.flows.intake import Intake
from quanyu.flows.rights import routes as rights_routes
from quanyu.flows.rights.again import ErasuresAgain
from quanyu.flows.rights.erasure import Erasure
from quanyu.flows.rights.packages import routes as package_routes
from quanyu.flows.rights.packages.gathering import all_sources
from quanyu.flows.rights.packages.lock import PackageLock
from quanyu.flows.rights.packages.service import PackageFiles, RightsPackages
from quanyu.flows.rights.packages.sources.base import Tools
from quanyu.flows.rights.remembered import ErasureRegister
from quanyu.flows.rights.service import RightsDesk
from quanyu.flows.rights.tombstones import Tombstones
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.sealed_files import SealedFiles
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.reader import LogArchive
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
    packages = build_packages(settings, uows, database, warehouse, keyring, tenants, intake)
    desk = RightsDesk(uows, warehouse, tenants, consents.consent, packages)

    async def make_packages(tenant_id: TenantId, stopping: asyncio.Event) -> None:
        await work_until(stopping, lambda: packages.run_once(tenant_id), failed="rights.packages_failed")

    archive = ArchiveRedaction(uows, database, settings.archive)
    remembered = ErasureRegister(settings.data.erasures, keyring)
    erasure = Erasure(uows, warehouse, archive, intake, keyring, remembered, settings.data.imports)
    return RightsServices(
        tombstones=Tombstones(),
        again=ErasuresAgain(uows, erasure, remembered),
        routers=(rights_routes.router(desk), package_routes.router(packages)),
        per_brand=(erasure.run, make_packages),
    )


def build_packages(
    settings: Settings,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    keyring: KeyRing,
    tenants: Tenants,
    intake: Intake,
) -> RightsPackages:
    """Build what gathers everything held about somebody."""
    directory = settings.data.packages
    files = PackageFiles(
        gathered=SealedFiles(directory / "gathered", keyring, purpose="rights-gathered"),
        packed=SealedFiles(directory / "packed", keyring, purpose="rights-package"),
    )
    sources = all_sources(
        Tools(uows, keyring),
        warehouse=warehouse,
        archive=LogArchive(settings.archive),
        intake=intake,
        pool=WorkPool(),
        imports=settings.data.imports,
    )
    return RightsPackages(uows, keyring, tenants, files, sources, PackageLock(database))
