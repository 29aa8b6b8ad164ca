"""A brand that writes to many: segments, history, messaging and experiments are real, the platform is not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from integration.messaging.world import ACCOUNT, Gateway, Neighbours, Reachable
from integration.segments.world import Api, Brand, happened
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.experiments.contracts import SetHoldout
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.insight.metrics.service import Metrics
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.plays.broadcasts import routes
from quanyu.modules.plays.broadcasts.contracts import BroadcastView, SaveBroadcast
from quanyu.modules.plays.broadcasts.results import Results
from quanyu.modules.plays.broadcasts.running import Running
from quanyu.modules.plays.broadcasts.service import Broadcasts
from quanyu.modules.plays.broadcasts.waves import WaveCheck
from quanyu.modules.segments.contracts import SaveSegment
from quanyu.modules.tenants.service import Tenants

ACCOUNT_ID = encode_id("oac", ACCOUNT)


class Hours:
    """Knows when people are there."""

    def __init__(self) -> None:
        self.known: dict[PersonId, int] = {}

    async def best_hours(self, uow: UnitOfWork, people: Sequence[PersonId]) -> Mapping[PersonId, int]:
        return {one: self.known[one] for one in people if one in self.known}


class World:
    """One brand."""

    def __init__(self, brand: Brand, database: Database, keys: KeyRing, warehouse: Warehouse) -> None:
        self.brand, self.database, self.warehouse = brand, database, warehouse
        self.neighbours, self.gateway, self.hours = Neighbours(), Gateway(), Hours()
        self.sealer = Sealer(keys)
        ports = MessagingPorts(
            recipients=self.neighbours,
            variables=self.neighbours,
            zones=self.neighbours,
            consent=LedgerConsent(Consent()),
        )
        self.messaging = Messaging(ports, self.sealer)
        metrics = Metrics(brand.behaviour, Tenants(), brand.uows)
        self.experiments = Experiments(metrics, self.messaging)
        self.broadcasts = Broadcasts(brand.segments, self.messaging, brand.people, self.neighbours)
        self.results = Results(brand.uows, warehouse, Tenants(), self.messaging, self.broadcasts)
        self.api = Api(brand, routes.router(self.broadcasts, self.results))
        self.running = self.runner()

    def runner(self, **sizes: int) -> Running:
        """Make another process that moves broadcasts on."""
        return Running(
            self.brand.uows,
            self.brand.segments,
            self.messaging,
            self.experiments,
            canonical=self.brand.people.canonical_ids,
            hours=self.hours,
            zones=self.neighbours,
            waves=WaveCheck(self.brand.uows, self.messaging, self.results),
            **sizes,
        )

    def later(self, **span: float) -> None:
        self.brand.clock.advance(timedelta(**span))

    async def followers(self, count: int, *, name: str = "Met") -> list[PersonId]:
        """Let people follow the account and do something."""
        users = [f"u{number}" for number in range(count)]
        now = self.brand.clock.now()
        await self.brand.tell(*(happened(name, user, now) for user in users))
        people = [PersonId(await self.brand.person(user)) for user in users]
        for one in people:
            self.neighbours.recipients[one] = Reachable(f"openid-{self.brand.tenant}-{one}")
        return people

    async def segment(self, name: str = "Met") -> str:
        """Return a segment of who did something."""
        definition = {"kind": "event", "name": name}
        async with self.brand.uows.app(self.brand.tenant) as uow:
            command = SaveSegment.model_validate({"name": name, "definition": definition})
            view = await self.brand.segments.create(uow, command)
        await self.brand.refresher.refresh(self.brand.tenant, decode_id("seg", view.id))
        return view.id

    async def hold_out(self, share_bps: int) -> None:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            await self.experiments.set_holdout(uow, SetHoldout(share_bps=share_bps))

    async def create(self, segment: str, **changes: Any) -> int:
        async with self.brand.uows.app(self.brand.tenant) as uow:
            view = await self.broadcasts.create(uow, plan(segment, **changes))
        return decode_id("bct", view.id)

    async def start(self, segment: str, **changes: Any) -> int:
        number = await self.create(segment, **changes)
        await self.order("schedule", number)
        return number

    async def order(self, verb: str, number: int, actor: str = "小满") -> BroadcastView:
        """Call a use case as the console does."""
        async with self.brand.uows.app(self.brand.tenant) as uow:
            named = {} if verb == "get" else {"actor": actor}
            return cast(BroadcastView, await getattr(self.broadcasts, verb)(uow, number, **named))

    async def view(self, number: int) -> BroadcastView:
        return await self.order("get", number)

    async def work(self, running: Running | None = None, *, rounds: int = 200) -> None:
        """Let broadcasts move on until there is nothing to do."""
        for _ in range(rounds):
            if not await (running or self.running).work(self.brand.tenant):
                return

    async def send(self) -> None:
        """Dispatch what is due."""
        outbox = Outbox(self.messaging.governor, self.neighbours, self.sealer)

        async def tenants() -> Sequence[TenantId]:
            return [self.brand.tenant]

        dispatcher = Dispatcher(
            self.brand.uows,
            outbox,
            self.gateway,
            WorkerLease(self.database),
            tenants,
            DispatcherSettings(housekeep_every_s=1e-9, recover_every_s=1e-9),
        )
        await dispatcher.run_until_idle()
        await dispatcher.close()

    async def finish(self, number: int) -> BroadcastView:
        """Let a broadcast go all the way, as far as the clock lets it."""
        for _ in range(20):
            await self.work()
            await self.send()
            if not await self.running.work(self.brand.tenant):
                break
        await self.brand.drain()
        return await self.view(number)

    async def counted(self, number: int, run: int = 1) -> dict[str, int]:
        """Return how many of the audience are where."""
        (found,) = [one for one in (await self.view(number)).runs if one.run == run]
        assert sum(found.by_state.values()) == found.audience
        return {str(state): count for state, count in found.by_state.items() if count}

    def arrived(self) -> Counter[str]:
        """Return how many messages each openid got."""
        return Counter(openid for openid, got in self.gateway.arrived.items() for _ in got)


def plan(segment: str, **changes: Any) -> SaveBroadcast:
    """Plan a simple broadcast."""
    return SaveBroadcast.model_validate(
        {
            "name": "新茶上市",
            "segment_id": segment,
            "account_id": ACCOUNT_ID,
            "message_kind": "template",
            "content": {"template_id": "tpl-new", "data": {"thing1": "明前龙井"}},
            **changes,
        }
    )
