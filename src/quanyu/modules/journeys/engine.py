"""The engine: sees to it that everybody who is due is moved on, of every brand, and soon."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.journeys.chores import Chores
from quanyu.modules.journeys.failures import is_expected, kind_of
from quanyu.modules.journeys.moving import Moved, Mover
from quanyu.modules.journeys.plans import Plan
from quanyu.modules.journeys.ports import Audience, Persons
from quanyu.modules.journeys.queries import journeys
from quanyu.modules.journeys.queries.journeys import Due
from quanyu.modules.messaging.service import Messaging

_log = get_logger("journeys.engine")

CLAIM_MAX: Final = 2_000  # People of one brand in one transaction.
CLAIM_MIN: Final = 20
WORKERS_MAX: Final = 4
# Of real time. Other processes cannot wake this one, so it looks by itself now and then.
LOOK_EVERY_S: Final = 0.5
REST_MAX_S: Final = 30.0
_NO_TENANT: Final = TenantId(0)


class Engine:
    """Moves people on. Any number may run: each claims its people, and skips those another holds."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        audience: Audience,
        messaging: Messaging,
        persons: Persons,
        *,
        claim_max: int = CLAIM_MAX,
    ) -> None:
        self._uows = uows
        self._mover = Mover(uows, audience, messaging, persons)
        self._chores = Chores(uows, audience)
        self._claim_max = claim_max
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._brands: defaultdict[TenantId, _Brand] = defaultdict(lambda: _Brand(claim_max))

    def wake(self) -> None:
        """Say that somebody may be due."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Move everybody who is due until ``stop`` is set. Nobody waits for another's slow question."""
        try:
            while not stop.is_set():
                self._wake.clear()
                await self._wait(stop, await self._start_work())
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_work(self) -> float:
        """Start on every brand with work, the one served longest ago first; return how long to sleep."""
        try:
            due, next_s = await self._look()
        except Exception as error:
            _log.warning("journeys.cannot_look", reason=kind_of(error))
            return LOOK_EVERY_S
        now_s = time.monotonic()
        brands = {tenant_id: self._brands[tenant_id] for tenant_id in due}
        ready = sorted(
            (one for one in due if brands[one].is_ready(now_s)), key=lambda one: brands[one].served_s
        )
        at_work = sum(brand.workers for brand in self._brands.values())
        for tenant_id in ready[: max(0, WORKERS_MAX - at_work)]:
            brands[tenant_id].workers += 1
            self._start(self._work(tenant_id, due[tenant_id]))
        rests_s = (brand.rests_until_s - now_s for brand in brands.values())
        return min([LOOK_EVERY_S, next_s, *(rest for rest in rests_s if rest > 0)])

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        waiting = [asyncio.create_task(self._wake.wait()), asyncio.create_task(stop.wait())]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def _look(self) -> tuple[Mapping[TenantId, Sequence[Due]], float]:
        """Return each brand's journeys with work now, and the real seconds until somebody else is due."""
        clock = self._uows.clock
        async with self._uows.system(_NO_TENANT) as uow:
            found = await journeys.list_due(uow)
            now = clock.now()
        due: defaultdict[TenantId, list[Due]] = defaultdict(list)
        next_s = LOOK_EVERY_S
        for one in found:
            if one.is_stopped or one.lets_in or (one.due_at is not None and one.due_at <= now):
                due[one.tenant_id].append(one)
            elif one.due_at is not None:
                next_s = min(next_s, clock.real_seconds(one.due_at - now))
        return due, max(next_s, 0.001)

    async def _work(self, tenant_id: TenantId, due: Sequence[Due]) -> None:
        brand = self._brands[tenant_id]
        try:
            done = await self._serve(tenant_id, due)
            brand.worked(done)
        except Exception as error:
            brand.failed()
            _warn("journeys.brand_rests", error, tenant=tenant_id, claim_max=brand.claim_max)
        else:
            if done.asking:
                self._start(self._answer(tenant_id, done.asking))
        finally:
            brand.workers -= 1
            self._wake.set()

    async def _answer(self, tenant_id: TenantId, asking: Sequence[Plan]) -> None:
        try:
            await self._mover.answer(tenant_id, asking)
        except Exception as error:
            # They are claimed again when their turn is over.
            _warn("journeys.unanswered", error, tenant=tenant_id, people=len(asking))
        self._wake.set()

    async def run_once(self) -> int:
        """Do one round for each brand with work; return how many people were moved, or let in or out."""
        due, _ = await self._look()
        return sum([await self._run(tenant_id, those) for tenant_id, those in due.items()])

    async def run_tenant(self, tenant_id: TenantId) -> int:
        """Do one round for one brand; return how many people were moved, or let in or out."""
        due, _ = await self._look()
        return await self._run(tenant_id, due.get(tenant_id, ()))

    async def _run(self, tenant_id: TenantId, due: Sequence[Due]) -> int:
        done = await self._serve(tenant_id, due)
        await self._mover.answer(tenant_id, done.asking)
        return done.claimed

    async def _serve(self, tenant_id: TenantId, due: Sequence[Due]) -> Moved:
        """Every journey with work gets its share of a round, however many people another has due."""
        done = 0
        for one in due:
            if one.is_stopped:
                done += await self._chores.let_out(tenant_id, one.journey_id)
            elif one.lets_in:
                done += await self._chores.let_in(tenant_id, one.journey_id)
        moving = [one.journey_id for one in due if not one.is_stopped and one.due_at is not None]
        if not moving:
            return Moved(done, ())
        each = max(1, self._brands[tenant_id].claim_max // len(moving))
        moved = await self._mover.move_due(tenant_id, moving, each=each)
        return Moved(done + moved.claimed, moved.asking)


class _Brand:
    """How the work for one brand goes: a transaction that takes too long is tried with fewer people."""

    def __init__(self, claim_max: int) -> None:
        self._most = claim_max
        self._failures = 0
        self._has_many = False
        self.claim_max = claim_max
        self.workers = 0
        self.served_s = 0.0
        self.rests_until_s = 0.0

    def is_ready(self, now_s: float) -> bool:
        """Whether a worker may start: a second one only where there is work for two."""
        return self.rests_until_s <= now_s and self.workers < (2 if self._has_many else 1)

    def worked(self, done: Moved) -> None:
        self._failures = 0
        self._has_many = done.claimed >= self.claim_max // 2
        self.claim_max = min(self._most, self.claim_max * 2)
        self.served_s = time.monotonic()
        # Whoever is due is in another engine's hands.
        self.rests_until_s = self.served_s + (0 if done.claimed else LOOK_EVERY_S / 10)

    def failed(self) -> None:
        self._failures += 1
        self._has_many = False
        self.claim_max = max(min(CLAIM_MIN, self._most), self.claim_max // 2)
        self.served_s = time.monotonic()
        self.rests_until_s = self.served_s + min(REST_MAX_S, 0.25 * 2 ** min(self._failures, 10))


def _warn(event: str, error: Exception, **details: Any) -> None:
    expected = is_expected(error)
    log = _log.warning if expected else _log.error
    log(event, reason=kind_of(error), exc_info=None if expected else error, **details)
