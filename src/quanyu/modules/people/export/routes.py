"""/api/v1/people-exports: files of people and the register of who took them."""

from urllib.parse import quote

from fastapi import APIRouter, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.people.export.access import require_reveal
from quanyu.modules.people.export.contracts import ExportRegister, ExportView, StartExport
from quanyu.modules.people.export.service import PeopleExports


class ExportStarted(BaseModel):
    """The export that was asked for."""

    id: str


def router(exports: PeopleExports) -> APIRouter:
    """Return the routes of exports."""
    routes = APIRouter(prefix="/api/v1/people-exports", tags=["people"], dependencies=[permits.EXPORTS])

    @routes.get("")
    async def list_people_exports(uow: RequestUow) -> ExportRegister:
        """The register: who exported whom, why, and who took the file; newest first."""
        return await exports.register(uow)

    @routes.post("", status_code=status.HTTP_202_ACCEPTED)
    async def start_people_export(caller: CurrentCaller, command: StartExport) -> ExportStarted:
        """Write people into a file in the background, masked unless asked for and allowed otherwise."""
        if command.unmasked:
            require_reveal(caller)
        return ExportStarted(id=await exports.start(caller.tenant_id, command, actor=caller.name))

    @routes.get("/{export}")
    async def get_people_export(uow: RequestUow, export: str) -> ExportView:
        return await exports.get(uow, export)

    @routes.get("/{export}/file", response_class=StreamingResponse)
    @permits.noted
    async def fetch_people_export(uow: RequestUow, caller: CurrentCaller, export: str) -> StreamingResponse:
        """Download the file; the register notes it."""
        if (await exports.get(uow, export)).unmasked:
            require_reveal(caller)
        file = await exports.fetch(uow, export, actor=caller.name)
        plain = f"{export}.{file.name.rpartition('.')[2]}"
        named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}"
        return StreamingResponse(
            file.pieces,
            media_type=file.media_type,
            headers={"content-disposition": named, "cache-control": "no-store"},
        )

    @routes.post("/{export}/stop")
    async def stop_people_export(uow: RequestUow, export: str) -> ExportView:
        return await exports.stop(uow, export)

    @routes.post("/{export}/resume")
    async def resume_people_export(uow: RequestUow, export: str) -> ExportView:
        return await exports.resume(uow, export)

    @routes.delete("/{export}/file")
    async def remove_people_export(uow: RequestUow, caller: CurrentCaller, export: str) -> ExportView:
        """Delete the file now; its entry in the register stays."""
        return await exports.remove(uow, export, actor=caller.name)

    return routes
