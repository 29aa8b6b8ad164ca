"""The door of the open warehouse."""

from fastapi import APIRouter, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.insight.open_warehouse.contracts import (
    AskSql,
    ExportSql,
    FileFormat,
    OpenWarehouse,
    SavedQueries,
    SaveQuery,
    SqlAnswer,
)
from quanyu.modules.insight.open_warehouse.service import OpenQuestions

_MEDIA = {FileFormat.PARQUET: "application/vnd.apache.parquet", FileFormat.CSV: "text/csv; charset=utf-8"}


def router(questions: OpenQuestions) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/warehouse", tags=["insight"], dependencies=[permits.WAREHOUSE])

    @routes.get("")
    async def describe_warehouse() -> OpenWarehouse:
        """Return the documented views and the limits of a question."""
        return questions.described()

    @routes.post("/ask")
    async def ask_sql(caller: CurrentCaller, command: AskSql) -> SqlAnswer:
        """Run one SELECT over the documented views and return its first rows."""
        return await questions.ask(caller.tenant_id, command.sql)

    @routes.post("/export", response_class=Response)
    async def export_sql(caller: CurrentCaller, command: ExportSql) -> Response:
        """Run one SELECT and return its rows as a file."""
        content = await questions.export(caller.tenant_id, command.sql, command.format)
        name = f'attachment; filename="answer.{command.format.value}"'
        headers = {"Content-Disposition": name}
        return Response(content, media_type=_MEDIA[command.format], headers=headers)

    @routes.get("/queries")
    async def list_saved_queries(uow: RequestUow) -> SavedQueries:
        """List the kept questions."""
        return SavedQueries(items=await questions.saved(uow))

    @routes.post("/queries", status_code=status.HTTP_201_CREATED)
    async def save_query(caller: CurrentCaller, uow: RequestUow, command: SaveQuery) -> dict[str, str]:
        """Keep a question; it need not run."""
        return {"id": await questions.save(uow, command, by=caller.name)}

    @routes.put("/queries/{query}", status_code=status.HTTP_204_NO_CONTENT)
    async def change_query(
        caller: CurrentCaller, uow: RequestUow, query: str, command: SaveQuery
    ) -> Response:
        """Replace a kept question."""
        await questions.change(uow, query, command, by=caller.name)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    @routes.delete("/queries/{query}", status_code=status.HTTP_204_NO_CONTENT)
    async def drop_query(uow: RequestUow, query: str) -> Response:
        """Keep a question no longer."""
        await questions.drop(uow, query)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    return routes
