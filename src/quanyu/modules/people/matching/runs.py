"""Runs of the model: what a brand wants of it, comparing everybody, and deleting what a bad run made."""

from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.matching import joining, views
from quanyu.modules.people.matching.cases import CaseQueries
from quanyu.modules.people.matching.contracts import (
    MatchSummary,
    RollbackPreview,
    RollbackRun,
    SaveMatching,
)
from quanyu.modules.people.matching.errors import MatchingIsOff, RunGoesOn, RunNotFound
from quanyu.modules.people.matching.finder import RUN_PREFIX
from quanyu.modules.people.matching.model import MODEL
from quanyu.modules.people.matching.queries import MatchQueries, Run, Setting
from quanyu.modules.people.matching.suggestion_queries import SuggestionQueries
from quanyu.modules.people.rules import edge_key
from quanyu.modules.people.separation.contracts import FollowsPeople
from quanyu.modules.people.service import identity_edited

ROLLBACK_SLICE: Final = 50  # Edges of one transaction.


class MatchRuns:
    """Start runs, follow them, and roll one back by deleting its edges."""

    def __init__(self, following: FollowsPeople) -> None:
        self._following = following

    async def summary(self, uow: UnitOfWork) -> MatchSummary:
        """Return what waits, how far comparing is, and the latest runs."""
        queries, suggestions = MatchQueries(uow), SuggestionQueries(uow)
        setting, runs = await queries.setting(), await queries.runs()
        edges = await suggestions.count_made_by([one.id for one in runs])
        nothing = (0, 0)
        return MatchSummary(
            open=await suggestions.count_open(),
            cases=await CaseQueries(uow).count(),
            waiting=await queries.count_pending(),
            compared=await queries.count_compared(),
            people=await profile_queries.count_people(uow),
            model=MODEL,
            is_on=setting.is_on,
            auto_min=setting.auto_min,
            runs=tuple(
                views.run(
                    one, automatic=edges.get(one.id, nothing)[0], accepted=edges.get(one.id, nothing)[1]
                )
                for one in runs
            ),
        )

    async def save(self, uow: UnitOfWork, command: SaveMatching, *, actor: str) -> None:
        """Replace what the brand wants. Suggestions that are open stay open; nothing is joined by this."""
        await MatchQueries(uow).save_setting(Setting(command.is_on, command.auto_min), actor=actor)

    async def start(self, uow: UnitOfWork, *, actor: str) -> str:
        """Compare everybody once more, in the background; return the id of the run.

        Raises:
            MatchingIsOff: the brand has switched comparing off.
            RunGoesOn: everybody is being compared already.
        """
        queries = MatchQueries(uow)
        if not (await queries.setting()).is_on:
            raise MatchingIsOff("comparing people is switched off", message_zh="已关闭客户比对，请先开启")
        if await queries.open_run("all") is not None:
            raise RunGoesOn("everybody is being compared already", message_zh="全量比对正在进行中")
        until = await queries.last_person()
        return encode_id(RUN_PREFIX, await queries.start_run("all", model=MODEL, actor=actor, until=until))

    async def preview_rollback(self, uow: UnitOfWork, run_id: int, command: RollbackRun) -> RollbackPreview:
        """Count what rolling a run back would delete.

        Raises:
            RunNotFound: there is no such run.
        """
        await self._lock(uow, run_id)
        made = await SuggestionQueries(uow).count_made_by([run_id])
        automatic, accepted = made.get(run_id, (0, 0))
        people = await SuggestionQueries(uow).count_people_of(run_id, accepted=command.accepted)
        return RollbackPreview(edges=automatic + (accepted if command.accepted else 0), people=people)

    async def ask_rollback(self, uow: UnitOfWork, run_id: int, command: RollbackRun, *, actor: str) -> None:
        """Have a run's edges deleted in the background, and join nobody unasked from now on.

        Raises:
            RunNotFound: there is no such run.
            RunGoesOn: it is being rolled back already.
        """
        run, queries = await self._lock(uow, run_id), MatchQueries(uow)
        if run.rollback_at is not None and run.rolled_back_at is None:
            raise RunGoesOn("this run is being rolled back already", message_zh="这次比对正在回滚")
        await queries.ask_rollback(run_id, actor=actor, accepted=command.accepted)
        setting = await queries.setting()
        await queries.save_setting(setting._replace(auto_min=None), actor=actor)

    async def roll_back_some(self, uow: UnitOfWork, *, size: int = ROLLBACK_SLICE) -> int:
        """Delete the next edges of a run that is to be rolled back; return how many, 0 when none is."""
        queries, suggestions = MatchQueries(uow), SuggestionQueries(uow)
        run = await queries.run_to_roll_back()
        if run is None:
            return 0
        made = await suggestions.made_by(run.id, accepted=run.rollback_accepted, limit=size)
        if made:
            edges = [edge_key(one.a, one.b, one.model) for one in made if one.a and one.b]
            result = await joining.part(uow, self._following, edges)
            await suggestions.reopen([one.id for one in made])
            await queries.wait(person for one in made for person in (one.person_a, one.person_b))
            source = encode_id(RUN_PREFIX, run.id)
            fact = identity_edited(
                "people.unlinked", result, actor=run.rollback_by, reason=source, at=uow.clock.now()
            )
            uow.publish(fact)
        await queries.rolled_back(run.id, edges=len(made), is_over=len(made) < size)
        return len(made)

    async def _lock(self, uow: UnitOfWork, run_id: int) -> Run:
        run = await MatchQueries(uow).lock_run(run_id)
        if run is None:
            raise RunNotFound("there is no such run", message_zh="没有这次比对")
        return run
