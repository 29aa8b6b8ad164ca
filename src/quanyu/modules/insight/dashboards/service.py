"""Boards: cards in order, narrowed by the same filters, and notes about days."""

from datetime import date
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.insight.behaviour.askable import check_askable
from quanyu.modules.insight.behaviour.asker import KnownSegments
from quanyu.modules.insight.dashboards import queries
from quanyu.modules.insight.dashboards.contracts import (
    Annotation,
    AskedMetric,
    Board,
    BoardDraft,
    BoardFilters,
    BoardRow,
    ChangeBoard,
    ShownBoard,
    ShowNote,
    ShowRfm,
    WriteAnnotation,
)
from quanyu.modules.insight.dashboards.errors import BoardChanged, BoardNotFound, TooMuchKept
from quanyu.modules.insight.dashboards.rules import FIRST_BOARDS, check_board, shown_card
from quanyu.modules.insight.metrics.service import Metrics

BOARDS_MAX: Final = 200
ANNOTATIONS_MAX: Final = 2_000


class Dashboards:
    """Boards of one brand. Nothing is computed here: each card's question goes where questions go."""

    def __init__(self, metrics: Metrics, segments: KnownSegments | None = None) -> None:
        self._metrics = metrics
        self._segments = segments

    async def list_all(self, uow: UnitOfWork) -> tuple[BoardRow, ...]:
        """Return every board; a brand's first look makes those for its roles, once."""
        if await queries.roles_served(uow) < len(FIRST_BOARDS):
            await queries.add_first_boards(uow, FIRST_BOARDS)
        boards = await queries.list_boards(uow)
        order = list(FIRST_BOARDS)
        rows = sorted(
            boards,
            key=lambda one: (
                len(order) if one.role is None else order.index(one.role),
                one.draft.name,
                one.id,
            ),
        )
        return tuple(
            BoardRow(
                id=one.id,
                name=one.draft.name,
                role=one.role,
                cards=len(one.draft.cards),
                changed_by=one.changed_by,
                changed_at=one.changed_at,
            )
            for one in rows
        )

    async def get(self, uow: UnitOfWork, board: str) -> Board:
        """Return a board as it is kept.

        Raises:
            BoardNotFound: there is none of this id.
        """
        found = await queries.find_board(uow, board)
        if found is None:
            raise BoardNotFound("there is no such board", message_zh="没有这个看板")
        return found

    async def shown(self, uow: UnitOfWork, board: str, filters: BoardFilters | None) -> ShownBoard:
        """Return a board with what each card asks under filters; by default those it opens with.

        Raises:
            BoardNotFound, NotFound: there is no such board, or no such segment.
        """
        found = await self.get(uow, board)
        asked = found.draft.filters if filters is None else filters
        if filters is not None and filters.segment is not None and self._segments is not None:
            await self._segments.check(uow, filters.segment)
        return ShownBoard(
            board=found, filters=asked, cards=tuple(shown_card(card, asked) for card in found.draft.cards)
        )

    async def add(self, uow: UnitOfWork, draft: BoardDraft, *, by: str) -> Board:
        """Keep a board.

        Raises:
            InvalidBoard, InvalidAnalysis: two cards have one id, or one asks what is sealed.
            MetricNotFound: a card shows a metric that is none.
            TooMuchKept: the brand has ``BOARDS_MAX`` already.
        """
        await self._check(uow, draft)
        if len(await queries.list_boards(uow)) >= BOARDS_MAX:
            raise TooMuchKept(f"at most {BOARDS_MAX} boards", message_zh=f"最多 {BOARDS_MAX} 个看板")
        return await self.get(uow, await queries.add_board(uow, draft, by=by))

    async def change(self, uow: UnitOfWork, board: str, command: ChangeBoard, *, by: str) -> Board:
        """Replace a board; errors as ``add`` and ``get``.

        Raises:
            BoardChanged: ``version`` is no longer the newest.
        """
        await self._check(uow, command)
        await self.get(uow, board)
        if not await queries.change_board(uow, board, command, version=command.version, by=by):
            raise BoardChanged(
                "somebody else changed this board meanwhile; read it again",
                message_zh="其他人刚刚修改了这个看板，请重新打开",
            )
        return await self.get(uow, board)

    async def drop(self, uow: UnitOfWork, board: str) -> None:
        """Delete a board; one made for a role does not come back. Idempotent."""
        await queries.drop_board(uow, board)

    async def annotations(self, uow: UnitOfWork, *, since: date | None) -> tuple[Annotation, ...]:
        """Return what was noted about days, the latest first."""
        return await queries.list_annotations(uow, since=since, limit=ANNOTATIONS_MAX)

    async def annotate(self, uow: UnitOfWork, command: WriteAnnotation, *, by: str) -> Annotation:
        """Note something about a day.

        Raises:
            TooMuchKept: the brand has ``ANNOTATIONS_MAX`` already.
        """
        if len(await queries.list_annotations(uow, since=None, limit=ANNOTATIONS_MAX)) >= ANNOTATIONS_MAX:
            raise TooMuchKept(
                f"at most {ANNOTATIONS_MAX} notes", message_zh=f"最多 {ANNOTATIONS_MAX} 条日期备注"
            )
        return await queries.add_annotation(uow, command, by=by)

    async def drop_annotation(self, uow: UnitOfWork, annotation: str) -> None:
        """Delete a note; idempotent."""
        await queries.drop_annotation(uow, annotation)

    async def _check(self, uow: UnitOfWork, draft: BoardDraft) -> None:
        check_board(draft)
        metrics: set[str] = set()
        for card in draft.cards:
            if isinstance(card.shows, (ShowRfm, ShowNote)):
                continue
            if isinstance(card.shows, AskedMetric):
                metrics.add(card.shows.question.metric)
            else:
                check_askable(card.shows.question)
        await self._metrics.check_known(uow, metrics)
