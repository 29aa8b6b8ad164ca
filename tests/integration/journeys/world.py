"""A brand whose people act, are moved through journeys and are written to.

Real: the log, people, warehouse, segments, subscribers, journeys and messaging. In memory: the platform
that takes messages, and who follows (a test says).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request

from integration.messaging.world import ACCOUNT, APPID, Gateway, Neighbours, Reachable
from integration.segments.world import Api as SegmentsApi
from integration.segments.world import Brand, happened
from quanyu.app.adapters import JourneyPersons, SegmentAudience
from quanyu.app.journey_changes import JourneyChanges
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWork
from quanyu.infra.web import Caller
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.kernel.permissions import ALL
from quanyu.modules.channels.followers import FollowerSubscriber
from quanyu.modules.journeys import routes as journey_routes
from quanyu.modules.journeys.changing import Changer
from quanyu.modules.journeys.contracts import JourneyView, SaveJourney
from quanyu.modules.journeys.engine import Engine
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.journeys.subscribers import JourneySubscriber
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.contracts import TemplateRecord
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.messaging.subscribers import ReceiptSubscriber, WindowSubscriber
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.contracts import Departure, Identifier, Merge
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.segments.lists.members import ListMembers

FOLLOWED = "wechat.official_account.followed"
WROTE = "wechat.official_account.message_received"
ACCOUNT_ID = encode_id("oac", ACCOUNT)


@dataclass
class World:
    """One brand."""

    brand: Brand
    database: Database
    keys: KeyRing
    neighbours: Neighbours = field(default_factory=Neighbours)
    gateway: Gateway = field(default_factory=Gateway)

    def __post_init__(self) -> None:
        ports = MessagingPorts(
            recipients=self.neighbours,
            variables=self.neighbours,
            zones=self.neighbours,
            consent=LedgerConsent(Consent()),
        )
        self.sealer = Sealer(self.keys)
        self.messaging = Messaging(ports, self.sealer)
        self.audience = SegmentAudience(self.brand.segments, self.brand.uows)
        self.changes = JourneyChanges(self.brand.people, ListMembers(self.brand.segments), self.neighbours)
        self.changer = Changer(self.brand.uows, self.changes)
        self.journeys = Journeys(self.brand.people, self.audience, self.messaging, self.changes)
        self.persons = JourneyPersons(self.brand.people, self.neighbours)
        self.engine = self.new_engine()
        self.woken = 0
        subscribers = (
            FollowerSubscriber(),
            WindowSubscriber(self.neighbours, self.sealer),
            ReceiptSubscriber(self.neighbours),
            JourneySubscriber(self._wake),
        )
        names = BatchNames()
        self.reacts = [
            React(self.brand.uows, each, self.brand.people.canonical_ids, names) for each in subscribers
        ]
        self.brand.resolve = Resolve(self.brand.uows, Resolver(self.keys), _FollowMerges(self.journeys))

    def _wake(self) -> None:
        self.woken += 1

    def new_engine(self, *, claim_max: int = 2_000, audience: Any = None) -> Engine:
        return Engine(
            self.brand.uows,
            audience or self.audience,
            self.messaging,
            self.persons,
            claim_max=claim_max,
        )

    @property
    def tenant(self) -> TenantId:
        return self.brand.tenant

    @property
    def clock(self) -> FixedClock:
        return self.brand.clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    # --- what people do ---

    async def tell(self, *events: IntakeEvent) -> None:
        """Put events through the log, people and warehouse, and let everybody react."""
        await self.brand.tell(*events)
        await self.react()

    async def react(self) -> None:
        """Let every subscriber see what was stored."""
        for react in self.reacts:
            while await react.run_once(self.tenant):
                pass

    async def acts(self, user: str, name: str = "Product Viewed", **properties: Any) -> None:
        """Let somebody do something, now."""
        await self.tell(self.event(user, name, **properties))

    def event(self, user: str, name: str, *, at: datetime | None = None, **properties: Any) -> IntakeEvent:
        """Make an event of somebody; a name that begins with a question mark is an anonymous visitor's."""
        self._said = getattr(self, "_said", 0) + 1
        made = happened(name, user, at or self.now, message_id=f"{name}:{self._said}", properties=properties)
        return replace(made, identifiers=(_identifier(user),))

    async def login(self, user: str, visitor: str) -> int:
        """Let a visitor turn out to be a user; return who both are now."""
        event = replace(self.event(user, "Signed In"), identifiers=(_identifier(user), _identifier(visitor)))
        await self.tell(event)
        person = await self.person(user)
        assert await self.person(visitor) == person
        return person

    async def person(self, user: str) -> int:
        """Return who somebody is now."""
        identifier = _identifier(user)
        wanted = Identifier(identifier.namespace, identifier.scope, identifier.value)
        async with self.brand.uows.system(self.tenant) as uow:
            (found,) = await self.brand.people.people_by_identifier(uow, [wanted])
            assert found is not None
            return int((await self.brand.people.canonical_ids(uow, [found]))[PersonId(found)])

    async def meet(self, *users: str, follows: bool = True) -> list[int]:
        """Let people be known, and be reachable in the account unless they do not follow."""
        await self.brand.tell(*(self.event(user, "Met") for user in users))
        people = [await self.person(user) for user in users]
        for person in people:
            if follows:
                self.neighbours.recipients[PersonId(person)] = Reachable(f"openid-{self.tenant}-{person}")
        return people

    async def follows(self, *users: str) -> None:
        """Let people follow the account."""
        await self._in_account(FOLLOWED, *users)

    async def writes(self, *users: str) -> None:
        """Let people write to the account, which opens their windows for two days."""
        await self._in_account(WROTE, *users)

    async def _in_account(self, name: str, *users: str) -> None:
        context = {"channel": "official_account", "app": APPID}
        await self.tell(*(replace(self.event(user, name), context=context) for user in users))

    # --- what the brand does ---

    async def draw(self, definition: dict[str, Any], name: str = "旅程") -> int:
        async with self.brand.uows.app(self.tenant) as uow:
            drawn = await self.journeys.create(uow, SaveJourney(name=name, definition=definition))
        return decode_id("jrn", drawn.id)

    async def publish(self, definition: dict[str, Any], name: str = "旅程") -> int:
        journey_id = await self.draw(definition, name)
        await self.order("publish", journey_id)
        return journey_id

    async def order(self, verb: str, journey_id: int, *args: Any) -> Any:
        """Call a use case as the console does."""
        async with self.brand.uows.app(self.tenant) as uow:
            return await getattr(self.journeys, verb)(uow, journey_id, *args)

    async def run(self, engine: Engine | None = None) -> int:
        """Move people until nobody is due; return how many moves there were."""
        moved, engine = 0, engine or self.engine
        for _ in range(1_000):
            count = await engine.run_tenant(self.tenant)
            if not count:
                return moved
            moved += count
        raise AssertionError("the engine found no end")

    async def send_all(self) -> None:
        """Dispatch until nothing is due."""
        settings = DispatcherSettings(housekeep_every_s=1e-9, recover_every_s=1e-9)
        outbox = Outbox(self.messaging.governor, self.neighbours, self.sealer, retry_max=settings.retry_max)

        async def tenants() -> Sequence[TenantId]:
            return [self.tenant]

        dispatcher = Dispatcher(
            self.brand.uows, outbox, self.gateway, WorkerLease(self.database), tenants, settings
        )
        await dispatcher.run_until_idle()
        await dispatcher.close()

    async def add_template(self, template_id: str, *fields: str) -> None:
        record = TemplateRecord(account_id=ACCOUNT, template_id=template_id, title=template_id, fields=fields)
        async with self.brand.uows.app(self.tenant) as uow:
            await self.messaging.replace_templates(uow, ACCOUNT, [record])

    # --- what there is to see ---

    async def view(self, journey_id: int) -> JourneyView:
        view: JourneyView = await self.order("get", journey_id)
        return view

    async def outcomes(self, journey_id: int) -> dict[str, dict[str, int]]:
        """Return how people left each node that somebody left."""
        view = await self.view(journey_id)
        return {node.id: node.outcomes for node in view.nodes if node.outcomes}

    async def waiting(self, journey_id: int) -> dict[str, int]:
        """Return where people stand."""
        return {node.id: node.waiting for node in (await self.view(journey_id)).nodes if node.waiting}

    async def waiting_in(self, journey_id: int, version: int) -> dict[str, int]:
        """Return where the people of a version stand."""
        return {
            row.node: row.people
            for row in await self.rows(
                "SELECT node, count(*) AS people FROM enrolment WHERE tenant_id = :tenant "
                f"AND journey_id = {journey_id} AND version = {version} AND status = 'active' GROUP BY node"
            )
        }

    async def totals(self, journey_id: int) -> tuple[int, int, int, int]:
        """Return (entered, active, completed, exited)."""
        view = await self.view(journey_id)
        return view.entered, view.active, view.completed, view.exited

    async def path(self, journey_id: int, user: str) -> list[tuple[str, str]]:
        """Return (node, outcome) of every step of somebody, in order."""
        person = await self.person(user)
        return [
            (row[0], row[1])
            for row in await self.rows(
                "SELECT s.node, s.outcome FROM journey_step s "
                "JOIN enrolment e ON e.tenant_id = s.tenant_id AND e.id = s.enrolment_id "
                f"WHERE e.tenant_id = :tenant AND e.journey_id = {journey_id} AND e.person_id = {person} "
                "ORDER BY e.ordinal, s.seq"
            )
        ]

    async def rows(self, sql: str) -> list[Any]:
        async with self.brand.uows.system(self.tenant) as uow:
            return list(await uow.execute(sql, {"tenant": self.tenant}))

    async def messages(self) -> list[tuple[str | None, str, str | None]]:
        """Return (node, state, reason) of every message, in order."""
        found = await self.rows(
            "SELECT node_id, state, reason FROM message_intent WHERE tenant_id = :tenant ORDER BY id"
        )
        return [(row[0], row[1], row[2]) for row in found]

    async def check(self) -> None:
        """Nothing contradicts the log of steps."""
        async with self.brand.uows.app(self.tenant) as uow:
            assert await self.journeys.check_counts(uow) == ()
        async with self.brand.uows.app(self.tenant) as uow:
            for journey in (await self.journeys.list_journeys(uow)).items:
                assert journey.entered == journey.active + journey.completed + journey.exited
                statuses = await self.rows(
                    "SELECT status, count(*) FROM enrolment WHERE tenant_id = :tenant "
                    f"AND journey_id = {decode_id('jrn', journey.id)} GROUP BY 1 ORDER BY 1"
                )
                expected = {
                    "active": journey.active,
                    "completed": journey.completed,
                    "exited": journey.exited,
                }
                assert dict([tuple(row) for row in statuses]) == {k: v for k, v in expected.items() if v}


def _identifier(user: str) -> FactIdentifier:
    namespace = "anonymous_id" if user.startswith("?") else "user_id"
    return FactIdentifier(namespace=namespace, scope="", value=user)


class _FollowMerges:
    """What the platform does when two people turn out to be one, as far as journeys are concerned."""

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]) -> None:
        await self._journeys.follow_merges(uow, [(merge.from_id, merge.to_id) for merge in merges])


class Api(SegmentsApi):
    """Calls the routes of journeys in this process."""

    def __init__(self, world: World) -> None:
        async def authenticate(request: Request) -> Caller:
            return Caller(world.tenant, 1, "测试", permissions=ALL)

        self.woken = 0

        def wake() -> None:
            self.woken += 1

        self._app = FastAPI()
        web.install(self._app, authenticate=authenticate, uows=world.brand.uows)
        self._app.include_router(journey_routes.router(world.journeys, wake))


# --- graphs ---


def graph(entry: dict[str, Any] | str, **nodes: dict[str, Any]) -> dict[str, Any]:
    """Draw a graph that starts at the first node; ``entry`` may be the name of an event."""
    if isinstance(entry, str):
        entry = {"kind": "event", "event": entry}
    return {"entry": entry, "start": next(iter(nodes)), "nodes": nodes}


def wait(seconds: int, following: str) -> dict[str, Any]:
    return {"kind": "wait", "seconds": seconds, "next": following}


def ask(test: dict[str, Any], yes: str, no: str) -> dict[str, Any]:
    return {"kind": "condition", "test": test, "yes": yes, "no": no}


def say(text: str, following: str, **options: Any) -> dict[str, Any]:
    return {
        "kind": "send",
        "account_id": ACCOUNT_ID,
        "message_kind": "customer_service_text",
        "content": {"text": text},
        "next": following,
        **options,
    }


def until(event: str, timeout_s: int, matched: str, timeout: str, **options: Any) -> dict[str, Any]:
    return {
        "kind": "wait_event",
        "event": event,
        "timeout_s": timeout_s,
        "matched": matched,
        "timeout": timeout,
        **options,
    }


END = {"kind": "end"}
