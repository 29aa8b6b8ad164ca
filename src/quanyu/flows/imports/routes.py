"""/api/v1/imports: starting imports from the command line of this machine, watching and cancelling them."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import StreamingResponse

from quanyu.flows.imports.contracts import ImportDetail, ImportPage, ImportView, StartImport
from quanyu.flows.imports.service import Imports
from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, LocalCaller, local_caller
from quanyu.modules.tenants.service import Tenants

BrandKey = Annotated[str | None, Query(description="Another brand's key; local command line only.")]


def router(imports: Imports, tenants: Tenants, uows: UnitOfWorkFactory) -> APIRouter:
    """Return the routes of imports."""
    routes = APIRouter(prefix="/api/v1/imports", tags=["imports"], dependencies=[permits.IMPORTS])

    async def brand_uow(caller: CurrentCaller, brand: BrandKey = None) -> AsyncIterator[UnitOfWork]:
        tenant_id = caller.tenant_id
        if brand is not None:
            await local_caller(caller)
            tenant_id = (await tenants.brand_by_key(uows, brand)).tenant_id
        async with uows.app(tenant_id) as uow:
            yield uow

    # The function scope commits before the answer is sent.
    uow_dependency = Depends(brand_uow, scope="function")

    @routes.post("/local", status_code=status.HTTP_202_ACCEPTED)
    async def start_local(
        _: LocalCaller, command: StartImport, uow: UnitOfWork = uow_dependency
    ) -> ImportView:
        """Import a file of this machine; only its own command line may name paths."""
        return await imports.start(uow, command)

    @routes.get("")
    async def list_imports(
        cursor: str | None = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
        uow: UnitOfWork = uow_dependency,
    ) -> ImportPage:
        return await imports.list_imports(uow, cursor=cursor, limit=limit)

    @routes.get("/{import_id}")
    async def get_import(import_id: str, uow: UnitOfWork = uow_dependency) -> ImportDetail:
        return await imports.get(uow, import_id)

    @routes.get("/{import_id}/rejects", response_class=StreamingResponse)
    @permits.noted
    async def download_rejects(import_id: str, uow: UnitOfWork = uow_dependency) -> StreamingResponse:
        """The rows that were refused, each with its reason, as CSV; corrected, upload it as it is."""
        blocks = await imports.rejects(uow, import_id)
        return StreamingResponse(
            blocks,
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="rejects-{import_id}.csv"'},
        )

    @routes.post("/{import_id}/cancel")
    async def cancel_import(import_id: str, uow: UnitOfWork = uow_dependency) -> ImportView:
        return await imports.cancel(uow, import_id)

    return routes
