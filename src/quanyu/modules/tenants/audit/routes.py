"""/api/v1/audit: what people did, as a list, as a file, and whether the chain is whole."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.tenants.audit.contracts import AuditFilter, AuditPage, ChainReport, Link
from quanyu.modules.tenants.audit.service import AuditLog

Digest = Annotated[str, Query(pattern="^[0-9a-fA-F]{64}$")]


class AuditQuery(AuditFilter):
    """A page of entries."""

    cursor: Annotated[str | None, Query(max_length=400)] = None
    limit: Annotated[int | None, Query(ge=1, le=200)] = None


def router(audit: AuditLog) -> APIRouter:
    """Return the routes of the audit log."""
    routes = APIRouter(prefix="/api/v1/audit", tags=["audit"], dependencies=[permits.AUDIT])

    @routes.get("")
    async def list_audit_entries(uow: RequestUow, query: Annotated[AuditQuery, Query()]) -> AuditPage:
        """List changes, opened profiles, identifiers shown in full and files taken; newest first."""
        return await audit.list_entries(uow, query, cursor=query.cursor, limit=query.limit)

    @routes.get("/file", response_class=StreamingResponse)
    @permits.noted
    async def export_audit_entries(
        caller: CurrentCaller, query: Annotated[AuditFilter, Query()]
    ) -> StreamingResponse:
        """Download entries as CSV, newest first; the download is noted itself."""
        return StreamingResponse(
            audit.export(caller.tenant_id, query),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="audit.csv"', "cache-control": "no-store"},
        )

    @routes.get("/chain")
    async def check_audit_chain(
        caller: CurrentCaller,
        number: Annotated[int | None, Query(ge=1)] = None,
        digest: Digest | None = None,
    ) -> ChainReport:
        """Read the whole chain and say whether it is what was sealed.

        ``number`` and ``digest`` are of an entry noted elsewhere earlier: a chain written anew differs there.
        """
        anchor = Link(number=number, digest=digest) if number is not None and digest is not None else None
        return await audit.verify(caller.tenant_id, anchor)

    return routes
