"""The dispatcher: claims what is due, calls the platform, writes down what came of it.

A slot is taken from the commit that hands a message over until the commit of its outcome. So the number of
messages whose outcome a crash can make unknown is never more than the slots of the accounts.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter as Metric
from prometheus_client import Gauge, Histogram

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.messaging import outcomes
from quanyu.modules.messaging.backlog import Backlog, Lane
from quanyu.modules.messaging.contracts import UnknownReason
from quanyu.modules.messaging.kinds import kind_of
from quanyu.modules.messaging.kinds.base import Posting
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Finished, Handed, Outbox
from quanyu.modules.messaging.outcomes import Accepted, Outcome, Retry, Unknown
from quanyu.modules.messaging.ports import (
    SenderClients,
    SendNotMade,
    SendPutOff,
    SendRefused,
    SendTurnedDown,
    SendUnknown,
)
from quanyu.modules.messaging.settings import DispatcherSettings

_log = get_logger("messaging.dispatcher")

CALLS: Final = Metric("quanyu_message_calls_total", "Calls to send a message, by outcome", ["outcome"])
IN_FLIGHT: Final = Gauge("quanyu_messages_in_flight", "Messages handed over whose outcome is not written yet")
CALL_SECONDS: Final = Histogram("quanyu_message_call_seconds", "How long a call to send a message takes")
BREAKERS: Final = Metric("quanyu_message_breaker_openings_total", "Times an account's lane was stopped")

_CALLS_BY: Final = {
    kind: CALLS.labels(kind.__name__.lower()) for kind in (Accepted, outcomes.Rejected, Retry, Unknown)
}
_RATE_WAIT_S: Final = 0.01
_LOOK_EVERY_S: Final = 1.0  # Whether our lease holds, and which brands there are.
_ASKS_MAX: Final = 4  # How often one turn asks, when the queues it asks have less than their share.

TenantLister = Callable[[], Awaitable[Sequence[TenantId]]]


@dataclass(slots=True)
class _Brand:
    """What the dispatcher keeps of one brand."""

    backlog: Backlog
    finished: list[Finished] = field(default_factory=list)
    in_flight: int = 0
    recovered_at_s: float = float("-inf")
    housekept_at_s: float = float("-inf")


class Dispatcher:
    """Sends what is reserved, for every brand; one per process."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        outbox: Outbox,
        clients: SenderClients,
        lease: WorkerLease,
        tenants: TenantLister,
        settings: DispatcherSettings | None = None,
    ) -> None:
        self._uows = uows
        self._outbox = outbox
        self._clients = clients
        self._lease = lease
        self._tenants = tenants
        self._settings = settings or DispatcherSettings()
        self._brands: dict[TenantId, _Brand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._looked_at_s = float("-inf")
        self._tenant_ids: tuple[TenantId, ...] = ()

    def wake(self) -> None:
        """Say that something may be due; safe to call at any time from the event loop."""
        for brand in self._brands.values():
            brand.backlog.forget()
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set, then let the calls in flight end and write their outcomes."""
        stopped = asyncio.ensure_future(stop.wait())
        stopped.add_done_callback(lambda _: self._news.set())
        try:
            while not stop.is_set():
                await self._guarded_round()
                await self._pause()
            await self._drain()
        finally:
            stopped.cancel()
            for task in self._tasks:
                task.cancel()
            await self._lease.release()

    async def run_until_idle(self, *, rounds_max: int = 10_000) -> None:
        """Send until nothing is due and nothing in flight; for tests and command-line use."""
        for _ in range(rounds_max):
            self._news.clear()
            claimed = await self._round()
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            elif not claimed and not any(brand.finished for brand in self._brands.values()):
                now_s = time.monotonic()
                if not any(brand.backlog.waits_for_rate(now_s) for brand in self._brands.values()):
                    return
                await asyncio.sleep(_RATE_WAIT_S)

    async def close(self) -> None:
        """Let calls in flight end, write their outcomes, and give the lease back."""
        await self._drain()
        await self._lease.release()

    async def _guarded_round(self) -> None:
        try:
            await self._round()
        except Exception as error:  # The database is away, for example: outcomes are kept and tried again.
            _log.warning("messaging.round_failed", error=type(error).__name__, detail=str(error)[:200])
            await asyncio.sleep(min(1.0, self._settings.poll_s))

    async def _round(self) -> int:
        """Give every brand a turn; return how many messages were claimed."""
        now_s = time.monotonic()
        if now_s - self._looked_at_s >= _LOOK_EVERY_S:
            self._looked_at_s = now_s
            await self._lease.ensure()
            self._tenant_ids = tuple(await self._tenants())
        return sum([await self._turn(tenant_id) for tenant_id in self._tenant_ids])

    async def _turn(self, tenant_id: TenantId) -> int:
        """Record what finished, claim what is due and make the calls; return how many were looked at.

        When what was known to be due is used up, it is looked up again before the turn ends.
        """
        brand = self._brands.get(tenant_id)
        if brand is None:
            brand = self._brands[tenant_id] = _Brand(Backlog(self._settings))
        await self._upkeep(tenant_id, brand)
        looked = await self._look(tenant_id, brand)
        taken = await self._work(tenant_id, brand)
        backlog = brand.backlog
        if not looked and backlog.is_used_up and (not taken or backlog.wants_look(time.monotonic())):
            backlog.forget()
            await self._look(tenant_id, brand)
            taken += await self._work(tenant_id, brand)
        return taken

    async def _look(self, tenant_id: TenantId, brand: _Brand) -> bool:
        now_s = time.monotonic()
        if not brand.backlog.wants_look(now_s):
            return False
        async with self._uows.system(tenant_id) as uow:
            await brand.backlog.look(uow, now_s)
        return True

    async def _work(self, tenant_id: TenantId, brand: _Brand) -> int:
        """Record and claim in one transaction, then make the calls."""
        finished = list(brand.finished)
        if not finished and not brand.backlog.has_work:
            return 0
        freed = Counter(item.handed.intent.account_id for item in finished)
        async with self._uows.system(tenant_id) as uow:
            await self._outbox.record(uow, finished)
            claimed, taken = await self._claim(uow, brand, freed)
        del brand.finished[: len(finished)]
        self._free(brand, finished)
        self._start(tenant_id, brand, claimed)
        return taken

    async def _claim(
        self, uow: UnitOfWork, brand: _Brand, freed: Mapping[int, int]
    ) -> tuple[list[Handed], int]:
        """Claim repeats of unknown outcome, then the urgent, then the others, while there are slots."""
        now_s = time.monotonic()
        backlog, worker_id = brand.backlog, self._lease.worker_id
        slots, claimed, taken = Counter(backlog.slots(freed, now_s)), list[Handed](), 0
        if repeats := {one: n for one, n in slots.items() if backlog.take_repeats(one)}:
            claimed += await self._outbox.claim_repeats(uow, repeats, worker_id=worker_id)
            slots.subtract(handed.intent.account_id for handed in claimed)
            taken = len(claimed)
        for _ in range(_ASKS_MAX):
            asked = backlog.shares(slots, now_s)
            if not asked:
                break
            got = await self._outbox.claim(uow, asked, worker_id=worker_id)
            backlog.took(asked, got.taken)
            claimed += got.handed
            taken += sum(got.taken.values())
            for queue, count in got.taken.items():
                slots[queue.account_id] -= count
        return claimed, taken

    async def _upkeep(self, tenant_id: TenantId, brand: _Brand) -> None:
        now_s = time.monotonic()
        if now_s - brand.recovered_at_s >= self._settings.recover_every_s:
            brand.recovered_at_s = now_s
            await self._recover(tenant_id)
        if now_s - brand.housekept_at_s >= self._settings.housekeep_every_s:
            brand.housekept_at_s = now_s
            async with self._uows.system(tenant_id) as uow:
                await self._outbox.release_held(uow)
            async with self._uows.system(tenant_id) as uow:
                await self._outbox.housekeep(uow)

    async def _recover(self, tenant_id: TenantId) -> None:
        while True:
            async with self._uows.system(tenant_id) as uow:
                recovered = await self._outbox.recover(uow, worker_id=self._lease.worker_id)
            if not recovered:
                return
            _log.warning("messaging.recovered_interrupted", tenant_id=tenant_id, messages=recovered)

    def _free(self, brand: _Brand, finished: Sequence[Finished]) -> None:
        brand.backlog.ended([item.handed.intent.account_id for item in finished])
        brand.in_flight -= len(finished)
        IN_FLIGHT.dec(len(finished))

    def _start(self, tenant_id: TenantId, brand: _Brand, claimed: Sequence[Handed]) -> None:
        for handed in claimed:
            lane = brand.backlog.lane(handed.intent.account_id)
            brand.backlog.began(handed.intent.account_id)
            task = asyncio.create_task(self._send(tenant_id, brand, lane, handed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        brand.in_flight += len(claimed)
        IN_FLIGHT.inc(len(claimed))

    async def _send(self, tenant_id: TenantId, brand: _Brand, lane: Lane, handed: Handed) -> None:
        began_s = time.monotonic()
        outcome = await self._call(tenant_id, handed)
        CALL_SECONDS.observe(time.monotonic() - began_s)
        _CALLS_BY[type(outcome)].inc()
        self._note(lane, outcome)
        brand.finished.append(Finished(handed, outcome))
        if len(brand.finished) >= self._settings.batch_min or len(brand.finished) >= brand.in_flight:
            self._news.set()

    async def _call(self, tenant_id: TenantId, handed: Handed) -> Outcome:
        intent = handed.intent
        try:
            letter = self._outbox.letter(tenant_id, intent)
            client = await self._clients.client(tenant_id, intent.account_id)
        except SendNotMade:
            return outcomes.not_made(attempt=handed.attempt)
        except Exception as error:  # Nothing was sent: the letter or the client could not be had.
            _log.error("messaging.cannot_prepare", message_id=encode_id("msg", intent.id), exc_info=error)
            return outcomes.not_made(attempt=handed.attempt)
        try:
            async with asyncio.timeout(self._settings.call_limit_s):
                posting = Posting(letter.address, letter.payload, client_msg_id(handed))
                return Accepted(await kind_of(intent.kind).call(client, posting))
        except SendRefused as error:
            return outcomes.refused_by_platform(error.code, attempt=handed.attempt)
        except SendTurnedDown as error:
            return outcomes.Rejected(error.reason, None, detail=error.detail[:300] or None)
        except SendPutOff as error:
            return outcomes.put_off(error.wait, error.account_trouble, attempt=handed.attempt)
        except SendNotMade:
            return outcomes.not_made(attempt=handed.attempt)
        except (SendUnknown, TimeoutError):
            return Unknown(UnknownReason.NO_ANSWER)
        except Exception as error:  # A defect in a client must not lose track of a message it may have sent.
            _log.error("messaging.call_failed", message_id=encode_id("msg", intent.id), exc_info=error)
            return Unknown(UnknownReason.NO_ANSWER)

    def _note(self, lane: Lane, outcome: Outcome) -> None:
        """Tell the breaker: an account that answers works, whatever it answers about one message."""
        match outcome:
            case Unknown():
                troubled = True
            case Retry():
                troubled = outcome.account_trouble
            case _:
                troubled = False
        if not troubled:
            lane.breaker.succeeded()
            return
        was_open = lane.breaker.is_open
        lane.breaker.failed(time.monotonic())
        if lane.breaker.is_open and not was_open:
            BREAKERS.inc()
            _log.warning("messaging.lane_stopped", cooldown_s=self._settings.breaker_cooldown_s)

    async def _pause(self) -> None:
        """Wait for news; under load, for enough of it to be worth a transaction."""
        busy = any(brand.finished for brand in self._brands.values())
        limit_s = self._settings.linger_s if busy else self._settings.poll_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._news.wait()
        self._news.clear()

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.drain_limit_s)
        for tenant_id, brand in self._brands.items():
            if brand.finished:
                finished = list(brand.finished)
                async with self._uows.system(tenant_id) as uow:
                    await self._outbox.record(uow, finished)
                del brand.finished[: len(finished)]
                self._free(brand, finished)


def client_msg_id(handed: Handed) -> str:
    """Return the platform's idempotency key of a message: the same for each attempt."""
    return encode_id("msg", handed.intent.id)
