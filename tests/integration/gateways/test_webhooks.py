"""Webhooks as a kind of message: signed, asked again under the same key, not to the inner network (WX-3)."""

import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import time
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from integration.gateways.world import GatewayNeighbours, Identities, Senders
from integration.messaging.world import World
from quanyu.flows.gateways.recipients import GatewayRecipients
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.flows.gateways.service import Gateways
from quanyu.infra.crypto import KeyRing
from quanyu.infra.outbound import Outbound
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.channels.gateways.contracts import ConnectWebhook
from quanyu.modules.channels.gateways.service import GatewayDesk, read_gateway_id
from quanyu.modules.messaging.contracts import (
    MessageClass,
    MessageKind,
    MessagePolicy,
    PlanMessage,
    QuietHours,
)
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.wechat.transport import Transport

SECRET = "a-secret-of-both-sides"


@dataclass
class Receiver:
    """Another system: takes each key once, and answers as a test tells."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        content = await request.read()
        self.requests.append((dict(request.headers), content))
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            self.taken.setdefault(request.headers["Idempotency-Key"], json.loads(content))
            assert request.transport is not None
            request.transport.abort()
        if 200 <= status < 300:
            self.taken.setdefault(request.headers["Idempotency-Key"], json.loads(content))
        return web.Response(status=status or 500, text="ok", headers={"Location": "http://127.0.0.1:1/"})


@dataclass
class Hooks:
    """A brand that tells another system about people."""

    world: World
    receiver: Receiver
    gateways: Gateways
    gateway_id: str = ""

    async def connect(self, **changes: Any) -> None:
        command = ConnectWebhook(**({"url": self.receiver.url, "signing_secret": SECRET} | changes))
        async with self.world.uows.app(self.world.tenant_id) as uow:
            self.gateway_id = (await self.gateways.connect(uow, command)).id

    def note(self, key: str, person: int, **more: Any) -> PlanMessage:
        content = {"event": "crm.followup", "data": {"name": "{{ person.name }}", "level": "{{ level }}"}}
        return PlanMessage(
            origin_key=key,
            person_id=PersonId(person),
            account_id=read_gateway_id(self.gateway_id),
            message_kind=MessageKind.WEBHOOK,
            content=more.pop("content", content),
            variables={"level": "金卡"},
            message_class=more.pop("message_class", MessageClass.TRANSACTIONAL),
            **more,
        )

    async def send(self, *messages: PlanMessage) -> None:
        for message in messages:
            self.world.neighbours.attributes[message.person_id] = {"name": '小"满'}
        await self.world.plan(*messages)
        await self.world.send_all()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


@dataclass
class Making:
    """What a brand with webhooks is made of."""

    uows: UnitOfWorkFactory
    database: Database
    tenant_id: TenantId
    clock: FixedClock
    keys: KeyRing
    transport: Transport
    receiver: Receiver

    async def make(self, *inner_hosts: str) -> Hooks:
        desk, neighbours, senders = GatewayDesk(self.keys), GatewayNeighbours(), Senders()
        neighbours.gateways = GatewayRecipients(desk, Identities())  # type: ignore[arg-type]
        senders.gateways = GatewaySenders(self.uows, desk, self.transport, Outbound(inner_hosts))
        world = World(self.uows, self.database, self.tenant_id, self.clock, self.keys, neighbours, senders)
        gateways = Gateways(self.uows, desk, senders.gateways, world.messaging)
        hooks = Hooks(world, self.receiver, gateways)
        await hooks.connect()
        return hooks


@pytest.fixture
def making(
    uows: UnitOfWorkFactory,
    database: Database,
    tenant_id: TenantId,
    clock: FixedClock,
    key_ring: KeyRing,
    transport: Transport,
    receiver: Receiver,
) -> Making:
    return Making(uows, database, tenant_id, clock, key_ring, transport, receiver)


@pytest.fixture
async def hooks(making: Making) -> Hooks:
    return await making.make("127.0.0.1")


async def test_a_receiver_gets_a_signed_request_about_a_person(hooks: Hooks) -> None:
    await hooks.send(hooks.note("one", 7))

    ((headers, content),) = hooks.receiver.requests
    stamp, signature = headers["Quanyu-Signature"].removeprefix("t=").split(",v1=")
    assert int(stamp) == int(hooks.world.clock.now().timestamp())
    signed = hmac.digest(SECRET.encode(), f"{stamp}.".encode() + content, "sha256").hex()
    assert hmac.compare_digest(signature, signed)
    assert json.loads(content) == {
        "id": headers["Idempotency-Key"],
        "event": "crm.followup",
        "person_id": encode_id("per", 7),
        "data": {"name": '小"满', "level": "金卡"},
    }
    assert await hooks.world.state("one") == ("accepted", None)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (204, ("accepted", None)),
        (400, ("rejected", "platform_content_invalid")),
        (404, ("rejected", "platform_other")),
        (302, ("rejected", "platform_other")),
        (429, ("reserved", None)),
        (503, ("unknown", "no_answer")),
        (0, ("unknown", "no_answer")),
    ],
)
async def test_what_an_answer_means(hooks: Hooks, status: int, state: tuple[str, str | None]) -> None:
    hooks.receiver.answers = [status]

    await hooks.send(hooks.note("one", 7))

    assert await hooks.world.state("one") == state
    assert len(hooks.receiver.requests) == 1  # Nor was a redirect followed.


@pytest.mark.parametrize("message_class", list(MessageClass))
@pytest.mark.parametrize("trouble", [503, 0])
async def test_an_unclear_answer_is_asked_for_again_under_the_same_key(
    hooks: Hooks, message_class: MessageClass, trouble: int
) -> None:
    """At least once, whatever the class: the receiver knows the key."""
    hooks.receiver.answers = [trouble]
    await hooks.send(hooks.note("one", 7, message_class=message_class))

    hooks.world.later(minutes=1)
    await hooks.world.send_all()

    assert await hooks.world.state("one") == ("accepted", None)
    assert len({headers["Idempotency-Key"] for headers, _ in hooks.receiver.requests}) == 1
    assert len({content for _, content in hooks.receiver.requests}) == 1
    assert len(hooks.receiver.requests) == 2
    assert len(hooks.receiver.taken) == 1


async def test_a_receiver_that_is_away_gets_it_later(hooks: Hooks) -> None:
    await hooks.connect(url="http://127.0.0.1:1/hook")
    await hooks.send(hooks.note("one", 7))

    assert await hooks.world.state("one") == ("reserved", None)


async def test_the_inner_network_is_not_reached_unless_allowed(making: Making) -> None:
    hooks = await making.make()

    await hooks.send(hooks.note("one", 7))

    assert hooks.receiver.requests == []
    assert await hooks.world.state("one") == ("reserved", None)
    checks = await hooks.gateways.check(hooks.world.tenant_id, read_gateway_id(hooks.gateway_id))
    assert [one.ok for one in checks] == [False, None]
    assert "内网" in checks[0].detail_zh
    await hooks.connect(url=hooks.receiver.url.replace("127.0.0.1", "localhost"))  # Nor by a name.
    await hooks.send(hooks.note("two", 7))
    assert hooks.receiver.requests == []


async def test_the_check_posts_a_signed_event_of_its_own(hooks: Hooks) -> None:
    gateway_id = read_gateway_id(hooks.gateway_id)
    hooks.receiver.answers = [200, 401]

    good = await hooks.gateways.check(hooks.world.tenant_id, gateway_id)
    bad = await hooks.gateways.check(hooks.world.tenant_id, gateway_id)

    assert [one.ok for one in good] == [True, True]
    assert [one.ok for one in bad] == [True, False]
    assert json.loads(hooks.receiver.requests[0][1]) == {"event": "quanyu.check"}


async def test_quiet_hours_and_a_no_to_everything_hold_for_webhooks_too(hooks: Hooks) -> None:
    await hooks.world.withdraws(8)
    async with hooks.world.uows.app(hooks.world.tenant_id) as uow:
        quiet = QuietHours(start=time(11), end=time(14), jitter_s=0)
        await hooks.world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))

    await hooks.send(
        hooks.note("held", 7, message_class=MessageClass.MARKETING),
        hooks.note("refused", 8, message_class=MessageClass.MARKETING),
        hooks.note("told", 7),
    )

    assert await hooks.world.state("held") == ("planned", None)
    assert await hooks.world.state("refused") == ("refused", "opted_out")
    assert await hooks.world.state("told") == ("accepted", None)


@pytest.mark.parametrize(
    "content", [{"event": ""}, {"event": "a b"}, {"event": "a", "data": ["x"]}, {"data": {}}]
)
async def test_content_a_receiver_could_not_read_is_refused(hooks: Hooks, content: dict[str, Any]) -> None:
    with pytest.raises(InvalidContent):
        hooks.world.messaging.check_content(MessageKind.WEBHOOK, content)


@pytest.mark.parametrize(
    "wrong",
    [{"url": "ftp://a"}, {"url": "http://user:pw@a"}, {"signing_secret": "short"}, {"timeout_s": 60}],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConnectWebhook(**({"url": "https://crm.example/hook", "signing_secret": SECRET} | wrong))
