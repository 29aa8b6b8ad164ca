"""The loop behind linked tags: people whose turn it is, comparisons of everybody, links that were removed."""

import asyncio
from datetime import timedelta
from typing import Final

from prometheus_client import Counter

from quanyu.flows.tag_mirroring.mirror import TagMirror
from quanyu.flows.tag_mirroring.places import everybody
from quanyu.flows.tag_mirroring.queries import LinkQueries, LinkRow
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.queries import SyncQueries
from quanyu.modules.channels.syncs.service import AccountSyncs

_COMPARED: Final = Counter("quanyu_tag_mirror_people_total", "People whose linked tags were compared")
PEOPLE: Final = 300  # Of one commit.
_SWEPT: Final = 20_000
_PURGED: Final = 5_000
_EVERY: Final = timedelta(hours=24)  # What no event told of is found by then.
_READ_EVERY: Final = timedelta(hours=1)  # For however many links of an account.
# Whoever the platform was not asked about yet is looked at again, ever later; then by the next comparison.
_AGAIN_FIRST: Final = timedelta(seconds=5)
_AGAIN_MAX: Final = 8


class MirrorWorker:
    """A loop of one brand; each step is a transaction of its own, so a crash costs at most that step."""

    def __init__(self, uows: UnitOfWorkFactory, mirror: TagMirror) -> None:
        self._uows = uows
        self._mirror = mirror

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="flows.tag_mirroring_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next part of everything that waits; return 0 when nothing does."""
        async with self._uows.system(tenant_id) as uow:
            done = await self._settle_some(uow)
        async with self._uows.system(tenant_id) as uow:
            done += await self._sweep(uow)
        async with self._uows.system(tenant_id) as uow:
            return done + await LinkQueries(uow).purge_some(_PURGED)

    async def _settle_some(self, uow: UnitOfWork) -> int:
        queries = LinkQueries(uow)
        turns = dict(await queries.take_turns(PEOPLE))
        if not turns:
            return 0
        early = await self._mirror.settle(uow, list(turns))
        _COMPARED.inc(len(turns))
        for attempts in sorted(set(turns.values())):
            waiting = [one for one in turns if one in early and turns[one] == attempts]
            if attempts < _AGAIN_MAX:
                due_at = uow.clock.now() + _AGAIN_FIRST * 2**attempts
                await queries.give_turns(waiting, due_at=due_at, attempts=attempts + 1)
        return len(turns)

    async def _sweep(self, uow: UnitOfWork) -> int:
        """Give turns to some of those a link is about."""
        queries = LinkQueries(uow)
        link = await queries.due_sweep()
        if link is None:
            return 0
        if link.sweep_after == 0:
            await _read_tags(uow, link)
        people = await everybody(uow, link, after=link.sweep_after, limit=_SWEPT)
        await queries.give_turns(people)
        upto = people[-1] if len(people) == _SWEPT else None
        await queries.swept(link.id, upto=upto, next_at=uow.clock.now() + _EVERY)
        return len(people) + 1


async def _read_tags(uow: UnitOfWork, link: LinkRow) -> None:
    """Have an official account's tags read: of changes there nobody tells. Of companies callbacks do."""
    if link.is_wecom:
        return
    latest = await SyncQueries(uow).last_started(link.account, SyncKind.TAGS)
    if latest is None or uow.clock.now() - latest >= _READ_EVERY:
        await AccountSyncs().start(uow, link.account, SyncKind.TAGS, by_hand=False)
