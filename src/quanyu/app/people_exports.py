"""Wiring of exports of people: sealed files, their door and the loop that writes and removes them."""

import asyncio
from pathlib import Path

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.infra.crypto import KeyRing
from quanyu.infra.sealed_files import SealedFiles
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.bulk.service import PeopleJobDesk
from quanyu.modules.people.export import routes
from quanyu.modules.people.export.rows import ExportRows
from quanyu.modules.people.export.service import PeopleExports
from quanyu.modules.people.listing.columns import ChosenColumns
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


def build_people_exports(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    warehouse: Warehouse,
    people: People,
    tenants: Tenants,
    desk: PeopleJobDesk,
    *,
    directory: Path,
) -> tuple[PeopleExports, APIRouter, BrandLoop]:
    """Build exports, their door and the loop of one brand."""
    files = SealedFiles(directory, keyring, purpose="people-export")
    exports = PeopleExports(uows, tenants, desk, files, ExportRows(warehouse, people, ChosenColumns(keyring)))

    async def run(tenant_id: TenantId, stopping: asyncio.Event) -> None:
        await work_until(stopping, lambda: exports.run_once(tenant_id), failed="people.exports_failed")

    return exports, routes.router(exports), run
