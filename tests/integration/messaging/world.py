"""A brand with followers and a platform in memory, around the real module on the real database."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.links.statistics import LinkFigures
from quanyu.modules.messaging.adapters import LedgerConsent
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, PlanMessage, PlannedMessage
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.ports import SendClient
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.messaging.subscribers import ReceiptSubscriber, WindowSubscriber
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.service import MARKETING, Consent

ACCOUNT = 7_000_001
APPID = "wxtest0000000001"

Behaviour = Callable[[str, Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True)
class Reachable:
    """A person's address in the account."""

    address: str
    subscribed: bool = True


class Neighbours:
    """The modules messaging asks: channels, people, tenants."""

    def __init__(self) -> None:
        self.recipients: dict[PersonId, Reachable] = {}
        self.attributes: dict[PersonId, dict[str, Any]] = {}
        self.zone = "Asia/Shanghai"

    async def resolve(
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Reachable]:
        if account_id != ACCOUNT:
            return {}
        return {person: self.recipients[person] for person in person_ids if person in self.recipients}

    async def accounts_of(self, uow: UnitOfWork, appids: Sequence[str]) -> Mapping[str, int]:
        return {APPID: ACCOUNT} if APPID in appids else {}

    async def load(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        return {person: self.attributes.get(person, {}) for person in person_ids}

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, str]:
        return {person: f"Person {person}" for person in person_ids}

    async def pages(self, uow: UnitOfWork, ids: Collection[str]) -> Mapping[str, Callable[[PersonId], str]]:
        return {one: lambda person: f"https://brand.test/f/{person}" for one in ids if one == "frm_known"}

    async def zone_of(self, uow: UnitOfWork) -> str:
        return self.zone


class Gateway:
    """The platform: takes everything, unless a behaviour was set for an openid."""

    def __init__(self) -> None:
        self.custom: list[tuple[str, Mapping[str, Any]]] = []
        self.templates: list[tuple[str, Mapping[str, Any], str]] = []
        self.behaviours: dict[str, list[Behaviour]] = defaultdict(list)
        self.arrived: dict[str, list[str]] = defaultdict(list)  # What people really got, by openid.
        self._msgids: dict[tuple[str, str], str] = {}

    def next_answers(self, openid: str, *behaviours: Behaviour) -> None:
        self.behaviours[openid] += behaviours

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient:
        return self

    async def send_custom(self, openid: str, payload: Mapping[str, Any]) -> str:
        self.custom.append((openid, payload))
        if self.behaviours[openid]:
            return await self.behaviours[openid].pop(0)(openid, payload)
        self.arrived[openid].append(payload["text"]["content"])
        return ""

    async def send_template(self, openid: str, payload: Mapping[str, Any], *, client_msg_id: str) -> str:
        self.templates.append((openid, payload, client_msg_id))
        if self.behaviours[openid]:
            return await self.behaviours[openid].pop(0)(openid, {**payload, "client_msg_id": client_msg_id})
        return self.accept_template(openid, client_msg_id)

    def accept_template(self, openid: str, client_msg_id: str) -> str:
        key = (openid, client_msg_id)
        if key not in self._msgids:
            self._msgids[key] = str(4_000_000_000_000_000_000 + len(self._msgids))
            self.arrived[openid].append(client_msg_id)
        return self._msgids[key]

    @property
    def calls(self) -> int:
        return len(self.custom) + len(self.templates)


def raising(error: Exception, *, after_accepting: "Gateway | None" = None) -> Behaviour:
    """Answer with ``error``; with a gateway given, only after the message has gone out."""

    async def behave(openid: str, payload: Mapping[str, Any]) -> str:
        if after_accepting is not None:
            if "client_msg_id" in payload:
                after_accepting.accept_template(openid, payload["client_msg_id"])
            else:
                after_accepting.arrived[openid].append(payload["text"]["content"])
        raise error

    return behave


@dataclass
class World:
    """One brand, ready to send."""

    uows: UnitOfWorkFactory
    database: Database
    tenant_id: TenantId
    clock: FixedClock
    keys: KeyRing
    neighbours: Neighbours = field(default_factory=Neighbours)
    gateway: Gateway = field(default_factory=Gateway)

    def __post_init__(self) -> None:
        # No test of messages counts clicks.
        figures = LinkFigures(Warehouse.at("http://127.0.0.1:1"))
        self.links = ShortLinks(self.keys, figures, public_url="https://brand.test")
        ports = MessagingPorts(
            recipients=self.neighbours,
            variables=self.neighbours,
            zones=self.neighbours,
            consent=LedgerConsent(Consent()),
            preferences=lambda tenant, person, now: f"https://brand.test/{person}",
            forms=self.neighbours,
            links=self.links,
        )
        self.sealer = Sealer(self.keys)
        self.messaging = Messaging(ports, self.sealer)
        self.consent = Consent()
        self.windows = WindowSubscriber(self.neighbours, self.sealer)
        self.receipts = ReceiptSubscriber(self.neighbours)
        self._positions = 0

    def follower(self, person_id: int, *, subscribed: bool = True, **attributes: Any) -> PersonId:
        person = PersonId(person_id)
        self.neighbours.recipients[person] = Reachable(f"openid-{self.tenant_id}-{person_id}", subscribed)
        self.neighbours.attributes[person] = attributes
        return person

    async def withdraws(self, person_id: int, purpose: str = MARKETING) -> None:
        """Let somebody no longer want what is sent for a purpose."""
        async with self.uows.app(self.tenant_id) as uow:
            await self.consent.say(
                uow,
                Saying(
                    person_id=PersonId(person_id), operation_id=f"{purpose}:{person_id}", purpose=purpose,
                    channel=ConsentChannel.ALL, state=ConsentState.WITHDRAWN, text_version=None,
                    source=ConsentSource.STAFF, occurred_at=uow.clock.now(),
                ),
            )  # fmt: skip

    def openid(self, person_id: int) -> str:
        return self.neighbours.recipients[PersonId(person_id)].address

    def dispatcher(self, **options: Any) -> Dispatcher:
        settings = DispatcherSettings(housekeep_every_s=1e-9, recover_every_s=1e-9, **options)
        outbox = Outbox(self.messaging.governor, self.neighbours, self.sealer, retry_max=settings.retry_max)
        lease = WorkerLease(self.database)

        async def tenants() -> Sequence[TenantId]:
            return [self.tenant_id]

        return Dispatcher(self.uows, outbox, self.gateway, lease, tenants, settings)

    async def send_all(self, **options: Any) -> None:
        """Dispatch until nothing is due."""
        dispatcher = self.dispatcher(**options)
        await dispatcher.run_until_idle()
        await dispatcher.close()

    async def plan(self, *messages: PlanMessage) -> tuple[PlannedMessage, ...]:
        async with self.uows.app(self.tenant_id) as uow:
            return await self.messaging.plan(uow, messages)

    async def acts(self, person_id: int, name: str, **properties: Any) -> None:
        """Let a person do something in the account, now."""
        await self.react(self.windows, self.event(name, person_id, properties=properties))

    def event(
        self,
        name: str,
        person_id: int | None,
        *,
        at: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> LogEvent:
        self._positions += 1
        return LogEvent(
            position=self._positions,
            person_id=None if person_id is None else PersonId(person_id),
            kind="track",
            name=f"wechat.official_account.{name}",
            occurred_at=at or self.clock.now(),
            received_at=self.clock.now(),
            source=f"official_account:{APPID}",
            message_id=f"m{self._positions}",
            properties=dict(properties or {}),
            context={"channel": "official_account", "app": APPID},
        )

    async def react(self, subscriber: WindowSubscriber | ReceiptSubscriber, *events: LogEvent) -> None:
        await subscriber.prepare(self.tenant_id, events)
        async with self.uows.system(self.tenant_id) as uow:
            await subscriber.apply(uow, events, None)

    async def states(self) -> list[tuple[str, str, str | None]]:
        """Return (origin key, state, reason) of every message."""
        return [
            (row[0], row[1], row[2])
            for row in await self.rows("SELECT origin_key, state, reason FROM message_intent ORDER BY 1")
        ]

    async def state(self, origin_key: str) -> tuple[str, str | None]:
        return {key: (state, reason) for key, state, reason in await self.states()}[origin_key]

    async def facts(self) -> list[tuple[str, str, str | None]]:
        """Return (name, origin key, reason) of every fact in the log, in order."""
        return [
            (name.removeprefix("messaging.message_"), properties["origin_key"], properties["reason"])
            for name, properties in await self.rows(
                "SELECT name, properties FROM log_event WHERE name LIKE 'messaging.%' ORDER BY position"
            )
        ]

    async def used(self, person_id: int) -> dict[str, tuple[int, int]]:
        """Return (used, granted) of a person's windows that are open now."""
        token = self.sealer.recipient_token(ACCOUNT, self.openid(person_id))
        found = await self.rows(
            "SELECT kind, used, granted, recipient, expires_at FROM message_window ORDER BY kind"
        )
        now = self.clock.now()
        return {row[0]: (row[1], row[2]) for row in found if row[3] == token and row[4] > now}

    async def counters(self) -> dict[str, int]:
        found = await self.rows(
            "SELECT name || ':' || person_id, cardinality(taken) FROM person_message_counter "
            "WHERE taken <> '{}'"
        )
        return dict([tuple(row) for row in found])

    async def rows(self, sql: str) -> list[Any]:
        """Run a query that sees this brand only."""
        async with self.uows.system(self.tenant_id) as uow:
            head, order, tail = sql.partition(" ORDER BY")
            joint = " AND" if " WHERE " in head else " WHERE"
            found = await uow.execute(f"{head}{joint} tenant_id = {self.tenant_id}{order}{tail}")
            return list(found)

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))


def text(origin_key: str, person_id: int, body: str = "你好", **options: Any) -> PlanMessage:
    """A marketing customer-service message, unless told otherwise."""
    return PlanMessage(
        origin_key=origin_key,
        person_id=PersonId(person_id),
        account_id=options.pop("account_id", ACCOUNT),
        message_kind=MessageKind.CUSTOMER_SERVICE_TEXT,
        content={"text": body},
        message_class=options.pop("message_class", MessageClass.MARKETING),
        **options,
    )


def template(origin_key: str, person_id: int, **options: Any) -> PlanMessage:
    """A transactional template message, unless told otherwise."""
    return PlanMessage(
        origin_key=origin_key,
        person_id=PersonId(person_id),
        account_id=ACCOUNT,
        message_kind=MessageKind.TEMPLATE,
        content=options.pop(
            "content", {"template_id": "tpl-paid", "data": {"amount": "{{ amount | money }}"}}
        ),
        variables=options.pop("variables", {"amount": 12}),
        message_class=options.pop("message_class", MessageClass.TRANSACTIONAL),
        **options,
    )
