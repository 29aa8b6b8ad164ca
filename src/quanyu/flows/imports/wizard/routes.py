"""/api/v1/imports/files and /mappings: the wizard of the console."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import StringConstraints

from quanyu.flows.imports.contracts import ImportView
from quanyu.flows.imports.wizard.contracts import (
    FileChoice,
    FileExamined,
    ImportMappingList,
    ImportPlan,
    ImportPreview,
    PlanKind,
    SaveImportMapping,
    StartFileImport,
)
from quanyu.flows.imports.wizard.service import ImportDesk
from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow

_FileName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]*$"), Query()]
_Option = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$"), Query()]


def router(desk: ImportDesk) -> APIRouter:
    """Return the routes of the wizard; they stand before those of imports."""
    routes = APIRouter(prefix="/api/v1/imports", tags=["imports"], dependencies=[permits.IMPORTS])

    @routes.post("/files", status_code=status.HTTP_201_CREATED)
    async def upload_file(request: Request, caller: CurrentCaller, name: _FileName) -> FileExamined:
        """Upload a file, CSV, Excel or Parquet, packed with gzip or not: the body is the file."""
        return await desk.receive(caller.tenant_id, name, request.stream(), actor=caller.name)

    @routes.get("/files/{file_id}")
    async def examine_file(
        caller: CurrentCaller,
        file_id: str,
        encoding: _Option = "",
        delimiter: _Option = "",
        sheet: _Option = "",
        skip_rows: Annotated[int, Query(ge=0, le=1000)] = 0,
        kind: PlanKind | None = None,
    ) -> FileExamined:
        """Look at an uploaded file; what is left out of the choices is found."""
        choice = FileChoice(encoding=encoding, delimiter=delimiter[:10], sheet=sheet, skip_rows=skip_rows)
        return await desk.examine(caller.tenant_id, file_id, choice, kind)

    @routes.post("/files/{file_id}/preview")
    async def preview_file(caller: CurrentCaller, file_id: str, plan: ImportPlan) -> ImportPreview:
        """The first rows as they would become; nothing is written."""
        return await desk.preview(caller.tenant_id, file_id, plan)

    @routes.post("/files/{file_id}/start", status_code=status.HTTP_202_ACCEPTED)
    async def start_file(
        caller: CurrentCaller, uow: RequestUow, file_id: str, command: StartFileImport
    ) -> ImportView:
        """Try a plan on the whole file, which writes nothing, or run it."""
        return await desk.start(uow, file_id, command, actor=caller.name)

    @routes.get("/mappings")
    async def list_mappings(uow: RequestUow) -> ImportMappingList:
        return await desk.mappings(uow)

    @routes.put("/mappings")
    async def save_mapping(
        caller: CurrentCaller, uow: RequestUow, command: SaveImportMapping
    ) -> ImportMappingList:
        """Keep a mapping under a name, for files of the same columns."""
        return await desk.save_mapping(uow, command, actor=caller.name)

    @routes.delete("/mappings/{mapping_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def drop_mapping(uow: RequestUow, mapping_id: str) -> None:
        await desk.drop_mapping(uow, mapping_id)

    return routes
