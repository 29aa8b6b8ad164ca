"""The door of the review queue."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.people.matching.cases import CaseDesk
from quanyu.modules.people.matching.contracts import (
    IdentityCases,
    MatchDecision,
    MatchPage,
    MatchState,
    MatchSummary,
    RollbackPreview,
    RollbackRun,
    SaveMatching,
    SettleCase,
    StartedRun,
)
from quanyu.modules.people.matching.finder import RUN_PREFIX
from quanyu.modules.people.matching.runs import MatchRuns
from quanyu.modules.people.matching.service import MATCH_PREFIX, MatchDesk


def router(desk: MatchDesk, runs: MatchRuns, cases: CaseDesk, uows: UnitOfWorkFactory) -> APIRouter:
    """Build the routes. What hangs on people is in many places: what moves it acts as the platform."""
    routes = APIRouter(prefix="/api/v1/people/matches", tags=["people"], dependencies=[permits.PEOPLE])
    _suggestions(routes, desk, uows)
    _runs(routes, runs)
    _cases(routes, cases)
    return routes


def _suggestions(routes: APIRouter, desk: MatchDesk, uows: UnitOfWorkFactory) -> None:
    @routes.get("")
    async def list_matches(
        uow: RequestUow,
        state: MatchState = MatchState.OPEN,
        field: Annotated[str, Query(max_length=20, pattern=r"^[a-z_]*$")] = "",
        at_least: Annotated[float, Query(ge=0, le=1)] = 0,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 20,
    ) -> MatchPage:
        """List who may be the same person; ``field`` keeps pairs that agree in it."""
        return await desk.list_matches(
            uow, state=state, field=field, at_least=at_least, cursor=cursor, limit=limit
        )

    @routes.post("/{match}/accept")
    async def accept_match(caller: CurrentCaller, match: str) -> MatchDecision:
        """Make the two one person; everything that is theirs follows."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.accept(uow, decode_id(MATCH_PREFIX, match), actor=caller.name)

    @routes.post("/{match}/refuse")
    async def refuse_match(uow: RequestUow, caller: CurrentCaller, match: str) -> MatchDecision:
        """Keep that these are two people: they are not suggested again."""
        return await desk.refuse(uow, decode_id(MATCH_PREFIX, match), actor=caller.name)

    @routes.post("/{match}/undo")
    async def undo_match(caller: CurrentCaller, match: str) -> MatchDecision:
        """Take a decision about a suggestion back."""
        async with uows.system(caller.tenant_id) as uow:
            return await desk.undo(uow, decode_id(MATCH_PREFIX, match), actor=caller.name)


def _runs(routes: APIRouter, runs: MatchRuns) -> None:
    @routes.get("/summary")
    async def get_match_summary(uow: RequestUow) -> MatchSummary:
        """Return what waits for review, how far comparing is, and the latest runs."""
        return await runs.summary(uow)

    @routes.put("/settings", status_code=status.HTTP_204_NO_CONTENT)
    async def save_match_settings(uow: RequestUow, caller: CurrentCaller, command: SaveMatching) -> None:
        """Set whether people are compared, and from which score on they are joined without asking."""
        await runs.save(uow, command, actor=caller.name)

    @routes.post("/runs", status_code=status.HTTP_202_ACCEPTED)
    async def start_match_run(uow: RequestUow, caller: CurrentCaller) -> StartedRun:
        """Compare everybody once more, in the background."""
        return StartedRun(id=await runs.start(uow, actor=caller.name))

    @routes.post("/runs/{run}/rollback/preview")
    @permits.reads
    async def preview_match_rollback(uow: RequestUow, run: str, command: RollbackRun) -> RollbackPreview:
        """Count the edges that rolling a run back would delete; nothing changes."""
        return await runs.preview_rollback(uow, decode_id(RUN_PREFIX, run), command)

    @routes.post("/runs/{run}/rollback", status_code=status.HTTP_202_ACCEPTED)
    async def roll_back_match_run(
        uow: RequestUow, caller: CurrentCaller, run: str, command: RollbackRun
    ) -> StartedRun:
        """Delete the edges a run made, in the background; nobody is joined unasked from now on."""
        await runs.ask_rollback(uow, decode_id(RUN_PREFIX, run), command, actor=caller.name)
        return StartedRun(id=run)


def _cases(routes: APIRouter, cases: CaseDesk) -> None:
    @routes.get("/cases")
    async def list_identity_cases(uow: RequestUow) -> IdentityCases:
        """List values that joined nobody because a limit refused, or because they tangle people together."""
        return await cases.list_cases(uow)

    @routes.post("/cases/settle", status_code=status.HTTP_204_NO_CONTENT)
    async def settle_identity_case(uow: RequestUow, caller: CurrentCaller, command: SettleCase) -> None:
        """Leave a case as it is; it comes back when there is more of the same."""
        await cases.settle(uow, command.identity, actor=caller.name)
