"""Replays: ask for one, look at it, stop it, and the loop that runs them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.modules.journeys.definition import Definition, RequestEntry, dump_definition, read_definition
from quanyu.modules.journeys.replay.contracts import (
    JourneyReplay,
    JourneyReplayList,
    JourneyReplayState,
    ReplayPeople,
    ReplayPerson,
    ReplayReport,
    StartJourneyReplay,
)
from quanyu.modules.journeys.replay.errors import NothingToReplay, ReplayNotFound, ReplayNotWanted
from quanyu.modules.journeys.replay.queries import ReplayQueries, ReplayRow
from quanyu.modules.journeys.replay.running import Order, Replayer, Tell
from quanyu.modules.people.service import People

PREFIX: Final = "rpl"
_log = get_logger("journeys.replay")

# Reads a journey's draft; refuses one that cannot be followed.
DraftOf = Callable[[UnitOfWork, int], Awaitable[Definition]]


class Replays:
    """The use cases of replays."""

    def __init__(
        self, uows: UnitOfWorkFactory, draft_of: DraftOf, people: People, replayer: Replayer
    ) -> None:
        self._uows = uows
        self._draft_of = draft_of
        self._people = people
        self._replayer = replayer
        self._begun: set[TenantId] = set()

    async def start(
        self, uow: UnitOfWork, journey_id: int, command: StartJourneyReplay, *, actor: str
    ) -> JourneyReplay:
        """Ask for a replay of the draft as it is now; it waits for its turn.

        Raises:
            JourneyNotFound: this brand has no such journey.
            InvalidJourney: the draft cannot be followed; its findings say where.
            NothingToReplay: people enter by request alone, and nobody asked then.
        """
        definition = await self._draft_of(uow, journey_id)
        if isinstance(definition.entry, RequestEntry):
            raise NothingToReplay(
                "people enter this journey by request alone; the past holds no such requests to replay",
                message_zh="该旅程只按请求进入，历史中没有这样的请求，无法重放",
            )
        replay_id = new_id()
        await ReplayQueries(uow).add(
            replay_id, journey_id, dump_definition(definition), days=command.days, actor=actor
        )
        return await self.get(uow, journey_id, replay_id)

    async def list_of(self, uow: UnitOfWork, journey_id: int) -> JourneyReplayList:
        """Return a journey's latest replays, newest first, without their reports."""
        return JourneyReplayList(
            items=tuple(_view(row, whole=False) for row in await ReplayQueries(uow).list_of(journey_id))
        )

    async def get(self, uow: UnitOfWork, journey_id: int, replay_id: int) -> JourneyReplay:
        """Return a replay, with its report once it is done.

        Raises:
            ReplayNotFound
        """
        return _view(await self._row(uow, journey_id, replay_id), whole=True)

    async def cancel(self, uow: UnitOfWork, journey_id: int, replay_id: int) -> JourneyReplay:
        """Stop a replay that waits or runs; nothing of it is kept. Idempotent.

        Raises:
            ReplayNotFound
        """
        await self._row(uow, journey_id, replay_id)
        await ReplayQueries(uow).settle(replay_id, JourneyReplayState.CANCELLED)
        return await self.get(uow, journey_id, replay_id)

    async def people(self, uow: UnitOfWork, journey_id: int, replay_id: int, name: str) -> ReplayPeople:
        """Return some of the people behind a figure, as they are known today.

        Raises:
            ReplayNotFound
        """
        await self._row(uow, journey_id, replay_id)
        kept = await ReplayQueries(uow).sample(replay_id, name)
        canonical = await self._people.canonical_ids(uow, [PersonId(one) for one in kept])
        rows = await self._people.rows(uow, list(dict.fromkeys(canonical.values())))
        return ReplayPeople(
            items=tuple(ReplayPerson(id=row.id, name=row.display_name) for row in rows), kept=len(kept)
        )

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Run what is asked for, one after the other, until ``stopping`` is set."""
        await work_until(
            stopping, lambda: self.run_next(tenant_id, stopping), failed="journeys.replay_failed"
        )

    async def run_next(self, tenant_id: TenantId, stopping: asyncio.Event | None = None) -> int:
        """Run the replay that waits longest; return 0 if none does."""
        async with self._uows.system(tenant_id) as uow:
            queries = ReplayQueries(uow)
            if tenant_id not in self._begun:  # What ran when the program ended last begins anew.
                await queries.wait_again()
                self._begun.add(tenant_id)
            row = await queries.take()
        if row is None:
            return 0
        await self._run(tenant_id, row, stopping or asyncio.Event())
        return 1

    async def _run(self, tenant_id: TenantId, row: ReplayRow, stopping: asyncio.Event) -> None:
        order = Order(
            tenant_id=tenant_id,
            journey_id=row.journey_id,
            definition=read_definition(dict(row.definition)),
            since=row.created_at - timedelta(days=row.days),
            until=row.created_at,
        )
        try:
            report, samples = await self._replayer.run(order, self._teller(tenant_id, row.id, stopping))
        except ReplayNotWanted:
            return
        except AppError as error:
            await self._fail(tenant_id, row.id, error.message, error.message_zh or error.message)
        except Exception as error:
            _log.error("journeys.replay_failed", replay=encode_id(PREFIX, row.id), exc_info=error)
            await self._fail(
                tenant_id,
                row.id,
                "the replay failed inside the platform; its log says why",
                "重放在平台内部出错，详情见平台日志",
            )
        else:
            await self._keep(tenant_id, row.id, report, samples)

    def _teller(self, tenant_id: TenantId, replay_id: int, stopping: asyncio.Event) -> Tell:
        async def tell(step: str, progress: float) -> None:
            if stopping.is_set():
                raise ReplayNotWanted  # It stays as running, and begins anew at the next start.
            async with self._uows.system(tenant_id) as uow:
                if not await ReplayQueries(uow).tell(replay_id, step, progress):
                    raise ReplayNotWanted

        return tell

    async def _keep(
        self,
        tenant_id: TenantId,
        replay_id: int,
        report: ReplayReport,
        samples: Mapping[str, Sequence[int]],
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            await ReplayQueries(uow).settle(
                replay_id, JourneyReplayState.DONE, report=report.model_dump_json(), samples=samples
            )

    async def _fail(self, tenant_id: TenantId, replay_id: int, error: str, error_zh: str) -> None:
        async with self._uows.system(tenant_id) as uow:
            await ReplayQueries(uow).settle(replay_id, JourneyReplayState.FAILED, error=(error, error_zh))

    async def _row(self, uow: UnitOfWork, journey_id: int, replay_id: int) -> ReplayRow:
        row = await ReplayQueries(uow).find(journey_id, replay_id)
        if row is None:
            shown = encode_id(PREFIX, replay_id)
            raise ReplayNotFound(
                f"this journey has no replay {shown}", message_zh=f"该旅程没有这次历史重放：{shown}"
            )
        return row


def _view(row: ReplayRow, *, whole: bool) -> JourneyReplay:
    report: Mapping[str, Any] | None = row.report if whole else None
    return JourneyReplay(
        id=encode_id(PREFIX, row.id),
        journey_id=encode_id("jrn", row.journey_id),
        days=row.days,
        state=JourneyReplayState(row.state),
        progress=row.progress,
        step=row.step,
        actor=row.actor,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        error_zh=row.error_zh,
        report=ReplayReport.model_validate(report) if report else None,
    )
