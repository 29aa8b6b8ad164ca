"""The door of packages."""

from urllib.parse import quote

from fastapi import APIRouter, status
from fastapi.responses import StreamingResponse

from quanyu.flows.rights.packages.contracts import Packages, PackageView, StartPackage
from quanyu.flows.rights.packages.service import RightsPackages
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.permissions import Permission


def router(packages: RightsPackages) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/rights", tags=["rights"], dependencies=[permits.RIGHTS])

    @routes.get("/requests/{request}/packages")
    async def list_rights_packages(uow: RequestUow, request: str) -> Packages:
        """The packages made for a request: how far, what was found where, and who took them."""
        return await packages.of_request(uow, request)

    @routes.post("/requests/{request}/packages", status_code=status.HTTP_202_ACCEPTED)
    async def start_rights_package(
        uow: RequestUow, caller: CurrentCaller, request: str, command: StartPackage
    ) -> PackageView:
        """Gather everything held about the person in the background; one under way is returned as it is."""
        return await packages.start(uow, request, command, actor=caller.name)

    @routes.get("/packages/{package}/file", response_class=StreamingResponse)
    @permits.needs(Permission.RIGHTS_MANAGE)
    @permits.noted
    async def fetch_rights_package(uow: RequestUow, caller: CurrentCaller, package: str) -> StreamingResponse:
        """Download the package; its entry notes it."""
        file = await packages.fetch(uow, package, actor=caller.name)
        named = f"attachment; filename=\"{file.name}\"; filename*=UTF-8''{quote(file.name)}"
        return StreamingResponse(
            file.pieces,
            media_type="application/zip",
            headers={"content-disposition": named, "cache-control": "no-store"},
        )

    @routes.delete("/packages/{package}/file")
    async def remove_rights_package(uow: RequestUow, caller: CurrentCaller, package: str) -> PackageView:
        """Delete the file now, or give up gathering; the entry stays."""
        return await packages.remove(uow, package, actor=caller.name)

    return routes
