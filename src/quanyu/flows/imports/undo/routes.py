"""/api/v1/imports/{import_id}/undo: taking an import of people back."""

from fastapi import APIRouter, status

from quanyu.flows.imports.undo.contracts import UndoAnswer, UndoPreview
from quanyu.flows.imports.undo.service import ImportUndos
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller


def router(undos: ImportUndos) -> APIRouter:
    """Return the routes of undos."""
    routes = APIRouter(prefix="/api/v1/imports", tags=["imports"], dependencies=[permits.IMPORTS])

    @routes.get("/{import_id}/undo")
    async def get_import_undo(caller: CurrentCaller, import_id: str) -> UndoAnswer:
        """How far the undo is; where there is none, whether one may be asked for."""
        return await undos.get(caller.tenant_id, import_id)

    @routes.get("/{import_id}/undo/preview")
    async def preview_import_undo(caller: CurrentCaller, import_id: str) -> UndoPreview:
        """What taking the import back would do; nothing is written."""
        return await undos.preview(caller.tenant_id, import_id)

    @routes.post("/{import_id}/undo", status_code=status.HTTP_202_ACCEPTED)
    async def undo_import(caller: CurrentCaller, import_id: str) -> UndoAnswer:
        """Take the import back in the background; what is newer stays."""
        return await undos.start(caller.tenant_id, import_id, actor=caller.name)

    @routes.post("/{import_id}/undo/stop")
    async def stop_import_undo(caller: CurrentCaller, import_id: str) -> UndoAnswer:
        """Stop; what was taken back stays so, and it can be resumed."""
        return await undos.stop(caller.tenant_id, import_id)

    @routes.post("/{import_id}/undo/resume")
    async def resume_import_undo(caller: CurrentCaller, import_id: str) -> UndoAnswer:
        """Go on where it was stopped."""
        return await undos.resume(caller.tenant_id, import_id)

    return routes
