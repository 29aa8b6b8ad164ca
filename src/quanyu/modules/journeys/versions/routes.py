"""HTTP routes of versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.journeys.contracts import JourneyView
from quanyu.modules.journeys.versions.contracts import JourneyVersions, VersionDifference
from quanyu.modules.journeys.versions.service import Versions

_Number = Annotated[int, Query(ge=0, lt=2**31)]


def router(versions: Versions) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/journeys", tags=["journeys"], dependencies=[permits.JOURNEYS])

    @routes.get("/{journey_id}/versions")
    async def list_versions(journey_id: str, uow: RequestUow) -> JourneyVersions:
        """List what was published, by whom, and who is on the way in it."""
        return await versions.list_of(uow, decode_id("jrn", journey_id))

    @routes.get("/{journey_id}/versions/difference")
    async def compare_versions(
        journey_id: str, uow: RequestUow, before: _Number, after: _Number = 0
    ) -> VersionDifference:
        """Tell what differs between two versions; 0 is the draft."""
        return await versions.differences(uow, decode_id("jrn", journey_id), before=before, after=after)

    @routes.post("/{journey_id}/versions/{version}/restore")
    async def restore_version(
        journey_id: str,
        version: Annotated[int, Path(ge=1, lt=2**31)],
        caller: CurrentCaller,
        uow: RequestUow,
    ) -> JourneyView:
        """Make an earlier version the draft."""
        return await versions.restore(uow, decode_id("jrn", journey_id), version, by=caller.name)

    return routes
