"""The doors of saved analyses, boards and notes about days."""

from datetime import date

from fastapi import APIRouter, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.insight.dashboards.analyses import SavedQuestions
from quanyu.modules.insight.dashboards.contracts import (
    Annotation,
    Annotations,
    Board,
    BoardDraft,
    BoardFilters,
    BoardList,
    ChangeBoard,
    SaveAnalysis,
    SavedAnalyses,
    SavedAnalysis,
    ShownBoard,
    WriteAnnotation,
)
from quanyu.modules.insight.dashboards.service import Dashboards


def router(boards: Dashboards, saved: SavedQuestions) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["insight"], dependencies=[permits.INSIGHT])
    _analyses(routes, saved)
    _boards(routes, boards)
    _annotations(routes, boards)
    return routes


def _analyses(routes: APIRouter, saved: SavedQuestions) -> None:
    @routes.get("/analyses")
    async def list_analyses(uow: RequestUow) -> SavedAnalyses:
        """List the kept analyses."""
        return SavedAnalyses(items=await saved.list_all(uow))

    @routes.post("/analyses", status_code=status.HTTP_201_CREATED)
    async def save_analysis(caller: CurrentCaller, uow: RequestUow, command: SaveAnalysis) -> SavedAnalysis:
        """Keep an analysis under a name."""
        return await saved.save(uow, None, command, by=caller.name)

    @routes.get("/analyses/{analysis}")
    async def get_analysis(uow: RequestUow, analysis: str) -> SavedAnalysis:
        """Return a kept analysis."""
        return await saved.get(uow, analysis)

    @routes.put("/analyses/{analysis}")
    async def replace_analysis(
        caller: CurrentCaller, uow: RequestUow, analysis: str, command: SaveAnalysis
    ) -> SavedAnalysis:
        """Rename a kept analysis, or change its question."""
        return await saved.save(uow, analysis, command, by=caller.name)

    @routes.delete("/analyses/{analysis}", status_code=status.HTTP_204_NO_CONTENT)
    async def drop_analysis(uow: RequestUow, analysis: str) -> Response:
        """Keep an analysis no longer."""
        await saved.drop(uow, analysis)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


def _boards(routes: APIRouter, boards: Dashboards) -> None:
    @routes.get("/dashboards")
    async def list_dashboards(uow: RequestUow) -> BoardList:
        """List the boards; those for boss, operator and staff are there from the start."""
        return BoardList(items=await boards.list_all(uow))

    @routes.post("/dashboards", status_code=status.HTTP_201_CREATED)
    async def add_dashboard(caller: CurrentCaller, uow: RequestUow, draft: BoardDraft) -> Board:
        """Keep a board."""
        return await boards.add(uow, draft, by=caller.name)

    @routes.get("/dashboards/{board}")
    async def get_dashboard(uow: RequestUow, board: str) -> ShownBoard:
        """Return a board with what its cards ask under the filters it opens with."""
        return await boards.shown(uow, board, None)

    @routes.post("/dashboards/{board}/show")
    async def show_dashboard(uow: RequestUow, board: str, filters: BoardFilters) -> ShownBoard:
        """Return a board with what its cards ask under other filters; nothing is changed."""
        return await boards.shown(uow, board, filters)

    @routes.put("/dashboards/{board}")
    async def change_dashboard(
        caller: CurrentCaller, uow: RequestUow, board: str, command: ChangeBoard
    ) -> Board:
        """Replace a board's name, cards and filters."""
        return await boards.change(uow, board, command, by=caller.name)

    @routes.delete("/dashboards/{board}", status_code=status.HTTP_204_NO_CONTENT)
    async def drop_dashboard(uow: RequestUow, board: str) -> Response:
        """Delete a board."""
        await boards.drop(uow, board)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


def _annotations(routes: APIRouter, boards: Dashboards) -> None:
    @routes.get("/annotations")
    async def list_annotations(uow: RequestUow, since: date | None = None) -> Annotations:
        """List what was noted about days."""
        return Annotations(items=await boards.annotations(uow, since=since))

    @routes.post("/annotations", status_code=status.HTTP_201_CREATED)
    async def annotate(caller: CurrentCaller, uow: RequestUow, command: WriteAnnotation) -> Annotation:
        """Note something about a day."""
        return await boards.annotate(uow, command, by=caller.name)

    @routes.delete("/annotations/{annotation}", status_code=status.HTTP_204_NO_CONTENT)
    async def drop_annotation(uow: RequestUow, annotation: str) -> Response:
        """Delete a note."""
        await boards.drop_annotation(uow, annotation)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
