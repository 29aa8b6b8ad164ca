"""HTTP routes of migrations."""

from fastapi import APIRouter, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.journeys.migrating.contracts import (
    JourneyMigration,
    JourneyMigrations,
    MigrateJourney,
    MigrationPreview,
)
from quanyu.modules.journeys.migrating.service import Migrations


def router(migrations: Migrations) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/journeys", tags=["journeys"], dependencies=[permits.JOURNEYS])

    @routes.get("/{journey_id}/migrations")
    async def list_migrations(journey_id: str, uow: RequestUow) -> JourneyMigrations:
        """List a journey's latest migrations."""
        return await migrations.list_of(uow, decode_id("jrn", journey_id))

    @routes.post("/{journey_id}/migrations/preview")
    @permits.reads
    async def preview_migration(
        journey_id: str, command: MigrateJourney, uow: RequestUow
    ) -> MigrationPreview:
        """Tell what moving people to the present version would do; nothing is changed."""
        return await migrations.preview(uow, decode_id("jrn", journey_id), command)

    @routes.post("/{journey_id}/migrations", status_code=status.HTTP_202_ACCEPTED)
    async def start_migration(
        journey_id: str, command: MigrateJourney, caller: CurrentCaller, uow: RequestUow
    ) -> JourneyMigration:
        """Move everybody of an older version to the present one, in the background."""
        return await migrations.start(uow, decode_id("jrn", journey_id), command, actor=caller.name)

    return routes
