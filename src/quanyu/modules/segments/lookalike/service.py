"""The desk of lookalikes: searches wait in a table, one is done at a time, nobody is used before a yes."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId, decode_id
from quanyu.modules.segments.errors import SegmentNotFound
from quanyu.modules.segments.lists.contracts import ListOrigin
from quanyu.modules.segments.lists.service import KeptPeople, Lists
from quanyu.modules.segments.lookalike.contracts import (
    LookalikeCard,
    LookalikeList,
    LookalikeSearch,
    LookalikeState,
    LookalikeView,
    LookalikeWarning,
    SaveLookalike,
)
from quanyu.modules.segments.lookalike.errors import (
    LookalikeBusy,
    LookalikeDoubtful,
    NoLookalike,
    NothingProposed,
)
from quanyu.modules.segments.lookalike.queries import LookalikeQueries, LookalikeRow
from quanyu.modules.segments.lookalike.searching import LookalikeFinder
from quanyu.modules.segments.service import Segments

_log = get_logger("segments.lookalike")
_BUSY: Final = (LookalikeState.WANTED, LookalikeState.RUNNING)
_DOUBTFUL: Final = frozenset({LookalikeWarning.SEED_SMALL, LookalikeWarning.NOTHING_SEPARATES})


class Lookalikes:
    """The use cases of lookalikes, and the loop that searches."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        segments: Segments,
        lists: Lists,
        pool: WorkPool,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._segments = segments
        self._lists = lists
        self._pool = pool
        self._under_way: dict[int, tuple[str, float]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def create(self, tenant_id: TenantId, command: SaveLookalike, *, by: str) -> LookalikeList:
        """Make an empty list and have lookalikes looked for; they fill it once somebody says yes.

        Raises:
            SegmentNotFound: there is no such seed, or no such segment to leave out.
            SegmentNameTaken, TooManySegments: nothing was saved.
        """
        async with self._uows.app(tenant_id) as uow:
            await self._check(uow, command.search)
        segment_id, list_id = await self._lists.create_empty(tenant_id, command.name, command.description)
        async with self._uows.app(tenant_id) as uow:
            await LookalikeQueries(uow).want(list_id, segment_id, command.search.model_dump(mode="json"), by)
        return await self._whole(tenant_id, segment_id)

    async def find_again(
        self, tenant_id: TenantId, segment_id: int, search: LookalikeSearch, *, by: str
    ) -> LookalikeList:
        """Search anew, as of now; who is on the list stays until somebody accepts the others.

        Raises:
            SegmentNotFound, NotAList, NoLookalike
            LookalikeBusy: a search is under way.
        """
        async with self._uows.app(tenant_id) as uow:
            await self._check(uow, search)
            row = await self._locked(uow, segment_id)
            if row.state in _BUSY:
                raise _busy()
            if row.version is not None:
                await self._lists.discard(uow, row.list_id, row.version)
            await LookalikeQueries(uow).want(row.list_id, segment_id, search.model_dump(mode="json"), by)
        return await self._whole(tenant_id, segment_id)

    async def stop(self, tenant_id: TenantId, segment_id: int) -> LookalikeList:
        """Stop a search; nothing of it is kept. Idempotent.

        Raises:
            SegmentNotFound, NotAList, NoLookalike
        """
        async with self._uows.app(tenant_id) as uow:
            row = await self._locked(uow, segment_id)
            if row.state in _BUSY:
                await LookalikeQueries(uow).settle(row.list_id, LookalikeState.STOPPED)
        task = self._tasks.get(row.list_id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return await self._whole(tenant_id, segment_id)

    async def use(self, tenant_id: TenantId, segment_id: int, *, despite_warnings: bool) -> LookalikeList:
        """Put the people found on the list, in place of those before.

        Raises:
            SegmentNotFound, NotAList, NoLookalike
            NothingProposed: nobody waits for a yes.
            LookalikeDoubtful: the test speaks against them, and it was not said that this is known.
        """
        async with self._uows.app(tenant_id) as uow:
            row = await self._locked(uow, segment_id)
            if row.state != LookalikeState.PROPOSED or row.version is None:
                raise NothingProposed(
                    "nobody waits to be put on this list", message_zh="没有待采用的相似人群，请先重新查找"
                )
            warnings = LookalikeCard.model_validate(row.card).warnings
            if _DOUBTFUL.intersection(warnings) and not despite_warnings:
                raise LookalikeDoubtful(
                    "the test speaks against these people: say that you use them all the same",
                    message_zh="检验结果不支持使用这批人，请确认后再采用",
                    warnings=[one.value for one in warnings],
                )
            await self._lists.accept(uow, row.list_id, row.version)
            await LookalikeQueries(uow).settle(row.list_id, LookalikeState.USED)
        return await self._whole(tenant_id, segment_id)

    async def view(self, uow: UnitOfWork, segment_id: int) -> LookalikeList:
        """Return a list with its last search.

        Raises:
            SegmentNotFound, NotAList, NoLookalike
        """
        found = await self._lists.view(uow, segment_id)
        row = await LookalikeQueries(uow).find(await self._lists.list_of(uow, segment_id))
        if row is None:
            raise _none()
        search = LookalikeSearch.model_validate(row.search)
        step, share = self._under_way.get(row.list_id, ("waiting", 0.0))
        is_busy = row.state in _BUSY
        return LookalikeList(
            list=found,
            lookalike=LookalikeView(
                search=search,
                seed_name=await self._name(uow, search.seed),
                state=LookalikeState(row.state),
                step=step if is_busy else "",
                share=share if is_busy else 1.0,
                card=None if row.card is None else LookalikeCard.model_validate(row.card),
                error=row.error,
                wanted_at=row.wanted_at,
                finished_at=row.finished_at,
            ),
        )

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Search whatever waits until ``stopping`` is set; what was cut off before begins again."""
        async with self._uows.system(tenant_id) as uow:
            await LookalikeQueries(uow).want_again()
        await work_until(
            stopping, partial(self.run_once, tenant_id, stopping), failed="segments.lookalikes_failed"
        )

    async def run_once(self, tenant_id: TenantId, stopping: asyncio.Event | None = None) -> int:
        """Do the search that waits for longest; return 0 when none does.

        Where the program stops meanwhile it is cut off, and begins again with the next start.
        """
        async with self._uows.system(tenant_id) as uow:
            row = await LookalikeQueries(uow).take()
        if row is None:
            return 0
        task = self._tasks[row.list_id] = asyncio.create_task(self._search(tenant_id, row))
        ending = asyncio.create_task((stopping or asyncio.Event()).wait())
        try:
            await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            task.cancel()  # Cut off itself, it takes its work along.
            self._tasks.pop(row.list_id, None)
            self._under_way.pop(row.list_id, None)
        return 1

    async def _search(self, tenant_id: TenantId, row: LookalikeRow) -> None:
        try:
            await self._find(tenant_id, row)
        except AppError as error:
            await self._fail(tenant_id, row.list_id, f"{error.code}: {error.message}")
        except Exception as error:
            _log.error("segments.lookalike_failed", tenant=tenant_id, list=row.list_id, exc_info=error)
            await self._fail(tenant_id, row.list_id, "segments.lookalike_failed")

    async def _fail(self, tenant_id: TenantId, list_id: int, error: str) -> None:
        async with self._uows.system(tenant_id) as uow:
            await LookalikeQueries(uow).settle(list_id, LookalikeState.FAILED, error=error[:500])

    async def _find(self, tenant_id: TenantId, row: LookalikeRow) -> None:
        search = LookalikeSearch.model_validate(row.search)
        async with self._uows.app(tenant_id) as uow:
            await self._check(uow, search)
        at = await self._segments.evaluation(self._uows, tenant_id)

        def told(step: str, share: float) -> None:
            self._under_way[row.list_id] = (step, round(share, 3))

        finder = LookalikeFinder(self._warehouse, tenant_id, self._pool)
        found = await finder.find(search, at, told)
        version = None
        if found.card.refusal is None:
            told("writing", 0.0)
            kept = KeptPeople(
                people=found.people,
                origin=ListOrigin.LOOKALIKE,
                detail={"search": row.search, "seed_people": found.card.seed},
                as_of=at.as_of,
            )
            version = await self._lists.propose(tenant_id, row.list_id, kept, by=row.wanted_by)
        state = LookalikeState.REFUSED if version is None else LookalikeState.PROPOSED
        async with self._uows.system(tenant_id) as uow:
            queries = LookalikeQueries(uow)
            now = await queries.find(row.list_id, lock=True)
            if now is not None and now.state == LookalikeState.RUNNING:
                card = found.card.model_dump_json()
                await queries.settle(row.list_id, state, version=version, card=card)
            elif version is not None:
                await self._lists.discard(uow, row.list_id, version)

    async def _check(self, uow: UnitOfWork, search: LookalikeSearch) -> None:
        for one in (search.seed, *search.exclude):
            await self._segments.get(uow, decode_id("seg", one))

    async def _name(self, uow: UnitOfWork, segment: str) -> str | None:
        with suppress(SegmentNotFound):
            return (await self._segments.get(uow, decode_id("seg", segment))).name
        return None

    async def _locked(self, uow: UnitOfWork, segment_id: int) -> LookalikeRow:
        list_id = await self._lists.list_of(uow, segment_id)
        row = await LookalikeQueries(uow).find(list_id, lock=True)
        if row is None:
            raise _none()
        return row

    async def _whole(self, tenant_id: TenantId, segment_id: int) -> LookalikeList:
        async with self._uows.app(tenant_id) as uow:
            return await self.view(uow, segment_id)


def _none() -> NoLookalike:
    return NoLookalike("this list was not made by similarity", message_zh="该名单不是相似人群")


def _busy() -> LookalikeBusy:
    return LookalikeBusy("a search is under way; stop it first", message_zh="正在查找，请先停止")
