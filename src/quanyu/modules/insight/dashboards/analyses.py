"""Saved analyses: questions under a name, asked anew whenever they are opened."""

from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.insight.behaviour.askable import check_askable
from quanyu.modules.insight.dashboards import queries
from quanyu.modules.insight.dashboards.contracts import SaveAnalysis, SavedAnalysis
from quanyu.modules.insight.dashboards.errors import AnalysisNotFound, TooMuchKept

ANALYSES_MAX: Final = 500


class SavedQuestions:
    """Keeps funnels, retention tables, trends, distributions and paths of one brand."""

    async def list_all(self, uow: UnitOfWork) -> tuple[SavedAnalysis, ...]:
        """Return every kept analysis, by name."""
        return await queries.list_analyses(uow)

    async def get(self, uow: UnitOfWork, analysis: str) -> SavedAnalysis:
        """Return a kept analysis.

        Raises:
            AnalysisNotFound: there is none of this id.
        """
        found = await queries.find_analysis(uow, analysis)
        if found is None:
            raise _missing()
        return found

    async def save(
        self, uow: UnitOfWork, analysis: str | None, command: SaveAnalysis, *, by: str
    ) -> SavedAnalysis:
        """Keep an analysis, or replace one.

        Raises:
            InvalidAnalysis: it asks what is sealed.
            AnalysisNotFound: there is none to replace.
            TooMuchKept: the brand keeps ``ANALYSES_MAX`` already.
        """
        check_askable(command.asked.question)
        if analysis is None and len(await queries.list_analyses(uow)) >= ANALYSES_MAX:
            raise TooMuchKept(
                f"at most {ANALYSES_MAX} analyses are kept; delete one first",
                message_zh=f"最多保存 {ANALYSES_MAX} 个分析，请先删除一些",
            )
        # Of what was asked only the question is kept, never the instant: it runs on today's data.
        question = command.asked.question.model_copy(update={"as_of": None})
        timeless = command.model_copy(
            update={"asked": command.asked.model_copy(update={"question": question})}
        )
        kept = await queries.put_analysis(uow, analysis, timeless, by=by)
        if kept is None:
            raise _missing()
        return await self.get(uow, kept)

    async def drop(self, uow: UnitOfWork, analysis: str) -> None:
        """Keep an analysis no longer; cards pinned from it stay. Idempotent."""
        await queries.drop_analysis(uow, analysis)


def _missing() -> AnalysisNotFound:
    return AnalysisNotFound("there is no such saved analysis", message_zh="没有这个已保存的分析")
