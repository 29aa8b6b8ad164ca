"""Writing the ledger: what many welcomes have to say at a time goes into one commit."""

import asyncio
from collections.abc import Callable
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.staff.welcomes.ledger import Grip, Hand, LedgerQueries, Settlement
from quanyu.modules.staff.welcomes.ports import SuspectTags

_log = get_logger("staff.welcomes")
_ROWS_MAX: Final = 500

Entry = Hand | Settlement
FactOf = Callable[[Settlement], Fact]


class LedgerWriter:
    """Commits hand-overs and outcomes of one brand. While one commit waits for the disk the next gathers."""

    def __init__(
        self, uows: UnitOfWorkFactory, tenant_id: TenantId, fact_of: FactOf, suspects: SuspectTags
    ) -> None:
        self._uows = uows
        self._tenant_id = tenant_id
        self._fact_of = fact_of
        self._suspects = suspects
        self._offers: list[tuple[Entry, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, entry: Entry) -> bool:
        """Commit an entry; return whether the welcome was still ours. Returning means durable."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._offers.append((entry, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit_all())
        return await answer

    async def _commit_all(self) -> None:
        while self._offers:
            offers, self._offers = self._offers[:_ROWS_MAX], self._offers[_ROWS_MAX:]
            try:
                written = await self._commit([entry for entry, _ in offers])
            except Exception as error:
                _log.warning("staff.welcomes.commit_failed", error=type(error).__name__)
                _answer(offers, error)
                continue
            for entry, answer in offers:
                if not answer.done():
                    answer.set_result(entry.claimed.grip in written)

    async def _commit(self, entries: list[Entry]) -> frozenset[Grip]:
        hands = [entry for entry in entries if isinstance(entry, Hand)]
        settled = [entry for entry in entries if isinstance(entry, Settlement)]
        async with self._uows.system(self._tenant_id) as uow:
            queries = LedgerQueries(uow)
            handed = await queries.hand(hands)
            done = await queries.settle(settled)
            for one in settled:
                if one.claimed.grip in done:
                    uow.publish(self._fact_of(one))
                    await self._mark(uow, one)
        return handed | done

    async def _mark(self, uow: UnitOfWork, one: Settlement) -> None:
        if one.suspect_tag:
            who = one.claimed
            await self._suspects.give(uow, who.corp_id, who.userid, who.customer_token, one.suspect_tag)


def _answer(offers: list[tuple[Entry, asyncio.Future[bool]]], error: Exception) -> None:
    for _, answer in offers:
        if not answer.done():
            answer.set_exception(error)
