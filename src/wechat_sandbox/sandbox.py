"""The sandbox as a whole: parts put together, started and stopped."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable

from wechat_sandbox.accounts import Account
from wechat_sandbox.callbacks import DeliveryRules, Mailman
from wechat_sandbox.changes import Changes
from wechat_sandbox.clock import DAY_S, Clock
from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.control import Control
from wechat_sandbox.courier import Courier, CourierRules
from wechat_sandbox.crowd.crowd import Crowd, CrowdRules
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.endpoints import Desk
from wechat_sandbox.endpoints.pay.desk import PayDesk
from wechat_sandbox.endpoints.sms.desk import SmsDesk
from wechat_sandbox.endpoints.wecom.desk import CorpDesk
from wechat_sandbox.faults import FaultPlan
from wechat_sandbox.fetching import Fetcher
from wechat_sandbox.heartbeat import beat
from wechat_sandbox.listening import Doors
from wechat_sandbox.server import PlatformDoor, build_app
from wechat_sandbox.state.jobs import resume_jobs
from wechat_sandbox.state.pay.cashier import Cashier
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.sms import SmsBook
from wechat_sandbox.state.wecom.corp import Addressee
from wechat_sandbox.storage import SERVING, Storage
from wechat_sandbox.tracking import Tracker
from wechat_sandbox.world import World

_VERIFY_EVERY_S = 1.0
_VERIFY_FOR_S = 120.0
_HITS_PER_SESSION = 4.2  # Measured over a month; only steers how much history is thinned.
_HISTORY_SLICE_S = 1800.0
_HISTORY_QUEUE_MAX = 1000
_CLOCK_BACK_S = 300.0
_SEED_MAX = 2**53  # So that a seed survives JSON.


class Sandbox:
    """One running sandbox. ``start`` it, use ``url``, ``stop`` it."""

    def __init__(
        self,
        config: SandboxConfig,
        clock: Clock,
        *,
        delivery: DeliveryRules | None = None,
        pay_delivery: CourierRules | None = None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = Storage(config.state)
        self.seed = self._settle_seed()
        self.people = self._settle_people()
        self.world = World(self.store, seed=self.seed, people=self.people)
        self.world.restore(clock.now())
        self.world.ensure_accounts(list(config.accounts))
        self.world.corps.ensure(list(config.corps))
        self.store.abandon_callbacks()
        self.changes = Changes()
        self.store.on_change = self.changes.note
        self.faults = FaultPlan(self.seed)
        self.faults.replace(config.faults, seed=config.fault_seed)
        self.mailman = Mailman(self.world, clock, delivery, self.faults)
        self.fetcher = Fetcher()
        self.tracker = Tracker(self.store, clock, url=config.tracking_url, write_key=config.write_key)
        rules = CrowdRules(seed=self.seed, people=self.people, activity=config.activity)
        self.crowd = Crowd(rules, self.world, self.store, self.tracker, clock)
        self.desk = Desk(self.world, clock)
        self.corp_desk = CorpDesk(self.world, clock)
        self.pay = Pay(self.world)
        self.pay.merchants.ensure(list(config.merchants))
        self.pay.on_change = self.changes.note
        self.pay_desk = PayDesk(self.pay, clock)
        self.sms = SmsBook(self.store)
        self.sms.ensure(config.sms)
        self.sms_desk = SmsDesk(self.sms, clock)
        self.courier = Courier(self.pay, clock, self.faults, pay_delivery)
        self.phase = "starting"
        self.doors = Doors(config)
        self._say = say
        self._play_task: asyncio.Task[None] | None = None
        self._beat_task: asyncio.Task[None] | None = None
        self.world.on_callback = self.mailman.post
        self.world.defer = self.mailman.defer
        self.world.fetch = self.fetcher.fetch
        self.world.now = clock.now
        self.world.rate = lambda: clock.rate
        if config.crowd:
            self.world.on_received = self.crowd.on_message
            self.pay.on_prepared = self.crowd.on_prepared
            self.crowd.on_payment = Cashier(self.pay).behave
            self.crowd.companies.listen()

    async def start(self) -> None:
        """Open the port; the crowd starts to act once the product answers.

        Raises:
            OSError, ValueError: the ports cannot be opened; what was begun is closed again.
        """
        await self.mailman.start()
        await self.courier.start()
        await self.tracker.start()
        door = PlatformDoor(self.desk, self.corp_desk, self.pay_desk, self.sms_desk, self.faults)
        app = build_app(door, Control(self).route_table())
        try:
            await self.doors.open(app)
        except BaseException:
            await self._close_connections()
            self.store.close()
            raise
        self.world.public_url = self.url
        self.store.write_meta(SERVING, {"url": self.url, "pid": os.getpid()})
        resume_jobs(self.world)
        self._play_task = asyncio.create_task(self._play())
        self._beat_task = asyncio.create_task(beat(self.world, self.pay, self.clock))

    async def stop(self) -> None:
        """Close everything in the reverse order."""
        tasks = [task for task in (self._play_task, self._beat_task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.changes.close()  # Open pages hang up by themselves instead of being cut off.
        await self._close_connections()
        self.store.drop_meta(SERVING)
        self.store.write_meta("last_id", self.world.new_id(self.clock.now()))
        self.store.close()

    async def _close_connections(self) -> None:
        await self.doors.close()
        await self.tracker.stop()
        await self.courier.stop()
        await self.fetcher.stop()
        await self.mailman.stop()

    def reset(self) -> None:
        """Forget all play and let the crowd begin anew now."""
        self.world.reset()
        if self.config.crowd:
            self.crowd.begin_again(self.clock.now())

    @property
    def url(self) -> str:
        return self.doors.url

    @property
    def idle(self) -> bool:
        """Whether no callback and no hit is on its way."""
        busy = (self.mailman, self.tracker, self.courier, self.fetcher)
        return self.phase == "live" and not any(one.pending for one in busy)

    async def _play(self) -> None:
        try:
            await self._await_product()
            if not self.config.crowd:
                self.phase = "live"
                return
            if self.config.backfill_days and self.store.read_meta("history_played") is None:
                await self._play_history()
            else:
                self._resume_crowd()
            self.phase = "live"
            await self.crowd.run()
        except Exception as error:
            self.phase = "failed"
            self._say(f"The crowd has stopped: {error!r}")
            raise

    def _resume_crowd(self) -> None:
        now = self.clock.now()
        self.crowd.begin(now)
        if self.store.latest_line_at() > now + _CLOCK_BACK_S:
            # The shared clock was set back; nobody should wait until it has caught up.
            self.crowd.redraw(now)

    async def _await_product(self) -> None:
        """Verify the callback addresses; give up waiting, not trying to deliver, after two minutes."""
        self.phase = "waiting for the product"
        waiting: list[Account | Addressee] = [*self.world.accounts.values(), *self._corp_addresses()]
        waiting = [one for one in waiting if one.callback_url]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_VERIFY_FOR_S):
                for account in waiting:
                    await self._verify_until_echoed(account)
                    self._say(f"Callback address of {account.appid} verified.")

    def _corp_addresses(self) -> list[Addressee]:
        return [
            Addressee.of(corp, scope)
            for corp in self.world.corps
            for scope in [*corp.hooks, *(agent.scope for agent in corp.agents)]
        ]

    async def _verify_until_echoed(self, account: Account | Addressee) -> None:
        while True:
            if await self.mailman.verify(account):
                return
            await asyncio.sleep(_VERIFY_EVERY_S)

    async def _play_history(self) -> None:
        """Play the days before now as fast as the product takes them."""
        self.phase = "playing history"
        self._say(f"Playing {self.config.backfill_days} days of history.")
        until = self.clock.now()
        since = until - self.config.backfill_days * DAY_S
        self.crowd.pace = self.config.activity * self._history_thinning()
        self.crowd.begin(since)
        reached = since
        while reached < until:
            reached = min(reached + _HISTORY_SLICE_S, until)
            self.crowd.advance(reached)
            await self._let_product_catch_up()
        self.crowd.pace = self.config.activity
        self.crowd.redraw(self.clock.now())
        self.store.write_meta("history_played", self.clock.now())
        self._say("History played; the crowd is live.")

    async def _let_product_catch_up(self) -> None:
        await asyncio.sleep(0)
        while True:
            if max(self.tracker.pending, self.mailman.pending) <= _HISTORY_QUEUE_MAX:
                return
            await asyncio.sleep(0.05)

    def _history_thinning(self) -> float:
        """Return the share of sessions to play so that history stays within its budget of events."""
        per_day = sum(
            make_person(self.seed, index, self.people).sessions_per_day for index in range(self.people)
        )
        expected = per_day * self.config.activity * self.config.backfill_days * _HITS_PER_SESSION
        return min(1.0, self.config.backfill_events_max / expected) if expected else 1.0

    def _settle_seed(self) -> int:
        kept = self.store.read_meta("seed")
        seed = kept if kept is not None else self.config.seed
        if seed is None:
            seed = secrets.randbelow(_SEED_MAX)
        if self.config.seed is not None and seed != self.config.seed:
            self.store.close()
            raise ValueError(f"the state was made with seed {seed}, not {self.config.seed}")
        self.store.write_meta("seed", seed)
        return int(seed)

    def _settle_people(self) -> int:
        """A population may grow between runs; nobody vanishes."""
        people = max(self.config.people, int(self.store.read_meta("people") or 0))
        self.store.write_meta("people", people)
        return people
