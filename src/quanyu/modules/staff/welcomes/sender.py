"""Sending welcomes: claimed, rendered, handed, called, settled, within the twenty seconds a code lives.

``handed`` is committed before the call, and a code works once at the platform: at most one welcome reaches a
customer, whatever crashes. What a killed process had handed becomes ``unknown`` and is never sent again.
"""

import asyncio
from datetime import timedelta
from typing import Final

from prometheus_client import Counter, Histogram

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.welcomes import facts
from quanyu.modules.staff.welcomes.calling import Calls
from quanyu.modules.staff.welcomes.ledger import Claimed, Hand, LedgerQueries, Settlement
from quanyu.modules.staff.welcomes.links import WelcomeLinks
from quanyu.modules.staff.welcomes.ports import SuspectTags
from quanyu.modules.staff.welcomes.preparing import Preparation, Prepared
from quanyu.modules.staff.welcomes.rules import is_expired, life_of_codes
from quanyu.modules.staff.welcomes.states import WelcomeState
from quanyu.modules.staff.welcomes.writing import LedgerWriter

_log = get_logger("staff.welcomes")
_SETTLED: Final = Counter("quanyu_welcomes_total", "Welcomes by outcome", ["outcome"])
_TOOK: Final = Histogram(
    "quanyu_welcome_seconds",
    "From the callback to the outcome of its welcome, in seconds of the business clock",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 20),
)

# So many calls wait at a time that one that takes the platform seconds holds nobody else up.
AT_ONCE_MAX: Final = 200
_BATCH_MAX: Final = 100
_IDLE_S: Final = 0.5
_GATHER_S: Final = 0.03
# Longer than rendering ever takes; a process killed meanwhile costs the code this much of its life.
_CLAIM: Final = timedelta(seconds=4)
# A call may begin at the last moment of a code's life and take as long as a call may.
_LOST_AFTER: Final = timedelta(seconds=40)


class WelcomeSender:
    """Makes the welcomes of every brand; one loop for each."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: CorpClients,
        preparation: Preparation,
        suspects: SuspectTags,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._links = WelcomeLinks(keyring)
        self._preparation = preparation
        self._suspects = suspects
        self._calls = Calls(uows, clients)
        self._arrived: dict[TenantId, asyncio.Event] = {}
        self._writers: dict[TenantId, LedgerWriter] = {}
        self._running: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look now; something was committed."""
        for arrived in self._arrived.values():
            arrived.set()

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set, and end what was begun."""
        arrived = self._arrived.setdefault(tenant_id, asyncio.Event())
        while not stopping.is_set():
            arrived.clear()
            try:
                begun = await self.begin(tenant_id)
            except Exception as error:
                _log.error("staff.welcomes.failed", exc_info=error)
                begun = 0
            if not begun:
                await _rest(arrived, stopping)
        await asyncio.gather(*self._running, return_exceptions=True)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Make what is due and wait for it; return how many that were."""
        begun = await self.begin(tenant_id)
        await asyncio.gather(*self._running)
        return begun

    async def begin(self, tenant_id: TenantId) -> int:
        """Claim what is due and begin on it; return how many welcomes that are."""
        room = await self._room()
        async with self._uows.system(tenant_id) as uow:
            clock, queries = uow.clock, LedgerQueries(uow)
            lost_before = clock.now() - business_span(clock, _LOST_AFTER)
            for lost in await queries.give_up(self._keyring, before=lost_before, limit=_BATCH_MAX):
                settlement = Settlement(lost, WelcomeState.UNKNOWN, "process_ended")
                uow.publish(self._fact_of(settlement))
                _note(settlement, took=None)
            until = clock.now() + business_span(clock, _CLAIM)
            claimed = await queries.claim(self._keyring, until=until, limit=room)
            alive = [one for one in claimed if not self._is_late(one)]
            prepared = await self._preparation.read(uow, alive)
        for one in claimed:
            self._start(tenant_id, one, prepared.get(one.welcome_id))
        return len(claimed)

    async def _room(self) -> int:
        """Return how many may begin now, at least one; with little room, wait a moment for more.

        One claim for each call that ends would cost a transaction for every single welcome.
        """
        if AT_ONCE_MAX - len(self._running) < _BATCH_MAX // 2:
            await asyncio.sleep(_GATHER_S)
        while len(self._running) >= AT_ONCE_MAX:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        return min(AT_ONCE_MAX - len(self._running), _BATCH_MAX)

    def _start(self, tenant_id: TenantId, claimed: Claimed, prepared: Prepared | None) -> None:
        task = asyncio.create_task(self._make(tenant_id, claimed, prepared))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _make(self, tenant_id: TenantId, claimed: Claimed, prepared: Prepared | None) -> None:
        """Bring one welcome to its end; what goes wrong here leaves it to the next claim, or unknown."""
        try:
            settlement = await self._send(tenant_id, claimed, prepared)
            if settlement is not None and await self._writer(tenant_id).write(settlement):
                _note(settlement, took=self._uows.clock.now() - claimed.received_at)
                await self._calls.alert(tenant_id, settlement, prepared)
        except Exception as error:
            _log.error("staff.welcomes.lost", welcome=claimed.welcome_id, exc_info=error)

    async def _send(
        self, tenant_id: TenantId, claimed: Claimed, prepared: Prepared | None
    ) -> Settlement | None:
        if prepared is None:
            return Settlement(claimed, WelcomeState.EXPIRED, "seen_late")
        ready = await self._preparation.finish(tenant_id, prepared)
        if isinstance(ready, Settlement):
            return ready
        if self._is_late(claimed):
            return Settlement(claimed, WelcomeState.EXPIRED, "seen_late", ready.chosen)
        hand = Hand(claimed, ready.chosen, ready.composed.fallback)
        if not await self._writer(tenant_id).write(hand):
            return None  # Another process has it.
        return await self._calls.send(tenant_id, ready)

    def _is_late(self, claimed: Claimed) -> bool:
        clock = self._uows.clock
        return is_expired(happened_at=claimed.happened_at, now=clock.now(), life=life_of_codes(clock))

    def _writer(self, tenant_id: TenantId) -> LedgerWriter:
        if tenant_id not in self._writers:
            self._writers[tenant_id] = LedgerWriter(self._uows, tenant_id, self._fact_of, self._suspects)
        return self._writers[tenant_id]

    def _fact_of(self, one: Settlement) -> Fact:
        return facts.settled(one, self._links.token(one.claimed.welcome_id), at=self._uows.clock.now())


def _note(one: Settlement, *, took: timedelta | None) -> None:
    _SETTLED.labels(one.state.value).inc()
    if took is not None:
        _TOOK.observe(took.total_seconds())


async def _rest(arrived: asyncio.Event, stopping: asyncio.Event) -> None:
    tasks = [asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(arrived.wait())]
    _, waiting = await asyncio.wait(tasks, timeout=_IDLE_S, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
