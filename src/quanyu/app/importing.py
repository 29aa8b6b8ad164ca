"""Wiring of imports: the worker, the wizard of the console, and the tags that lists state."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from quanyu.app.workers import BrandLoop
from quanyu.flows.imports import routes
from quanyu.flows.imports.comparing import PeopleComparison
from quanyu.flows.imports.jobs import ImportWorker
from quanyu.flows.imports.service import Imports
from quanyu.flows.imports.tagging import ImportedTags
from quanyu.flows.imports.undo import routes as undo_routes
from quanyu.flows.imports.undo.chores import UndoChores
from quanyu.flows.imports.undo.service import ImportUndos
from quanyu.flows.imports.wizard import routes as wizard_routes
from quanyu.flows.imports.wizard.service import ImportDesk
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportServices:
    """The use cases of imports, their doors, their loop and what they hear."""

    imports: Imports
    desk: ImportDesk
    worker: ImportWorker
    subscriber: ImportedTags
    undos: ImportUndos
    per_brand: tuple[BrandLoop, ...]

    def routers(self, tenants: Tenants, uows: UnitOfWorkFactory) -> tuple[APIRouter, ...]:
        """Return the routes; those of the wizard first, as their paths are the longer ones."""
        return (
            wizard_routes.router(self.desk),
            routes.router(self.imports, tenants, uows),
            undo_routes.router(self.undos),
        )


def build_imports(
    uows: UnitOfWorkFactory,
    keyring: KeyRing,
    intake: Intake,
    database: Database,
    tags: PersonTags,
    warehouse: Warehouse,
    *,
    directory: Path,
) -> ImportServices:
    """Build everything of imports."""
    worker = ImportWorker(
        uows,
        intake,
        connect=database.connect_system,
        directory=directory,
        comparison=PeopleComparison(uows, keyring),
    )
    imports = Imports(worker)
    undos = ImportUndos(uows, warehouse, keyring)
    return ImportServices(
        imports=imports,
        desk=ImportDesk(uows, imports, WorkPool(processes=2), directory=directory),
        worker=worker,
        subscriber=ImportedTags(tags),
        undos=undos,
        per_brand=(UndoChores(undos).run,),
    )
