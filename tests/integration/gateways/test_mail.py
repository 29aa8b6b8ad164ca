"""E-mail from the plan to a real SMTP server, and what each of its answers means (WX-3)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from integration.gateways.mail_server import PASSWORD, USER, MailServer, mail_server
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
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.gateways.contracts import ConnectEmail, MailSecurity
from quanyu.modules.channels.gateways.errors import SecretNeeded
from quanyu.modules.channels.gateways.service import GatewayDesk, read_gateway_id
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, PlanMessage
from quanyu.wechat.transport import Transport


@dataclass
class Post:
    """A brand that writes e-mail."""

    world: World
    server: MailServer
    gateways: Gateways
    identities: Identities
    gateway_id: str = ""

    def command(self, **changes: Any) -> ConnectEmail:
        stated: dict[str, Any] = {
            "from_address": "News@Tea.example", "from_name": "青山茶食", "reply_to": "help@tea.example",
            "host": "127.0.0.1", "port": self.server.port, "security": MailSecurity.NONE,
            "username": USER, "password": PASSWORD,
        }  # fmt: skip
        return ConnectEmail(**(stated | changes))

    async def connect(self, **changes: Any) -> None:
        async with self.world.uows.app(self.world.tenant_id) as uow:
            self.gateway_id = (await self.gateways.connect(uow, self.command(**changes))).id

    def reader(self, number: int, **attributes: Any) -> str:
        address = f"reader{number}@mail.example"
        self.identities.values.setdefault("email", {})[PersonId(number)] = address
        self.world.neighbours.attributes[PersonId(number)] = attributes
        return address

    def letter(self, key: str, person: int, **more: Any) -> PlanMessage:
        return PlanMessage(
            origin_key=key,
            person_id=PersonId(person),
            account_id=read_gateway_id(self.gateway_id),
            message_kind=MessageKind.EMAIL,
            content=more.pop("content", {"subject": "春茶到了", "text": "您好，{{ person.name }}"}),
            message_class=more.pop("message_class", MessageClass.MARKETING),
            **more,
        )

    async def send(self, *messages: PlanMessage) -> None:
        await self.world.plan(*messages)
        await self.world.send_all()

    async def checks(self) -> list[bool | None]:
        found = await self.gateways.check(self.world.tenant_id, read_gateway_id(self.gateway_id))
        return [one.ok for one in found]


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
async def post(
    uows: UnitOfWorkFactory,
    database: Database,
    tenant_id: TenantId,
    clock: FixedClock,
    key_ring: KeyRing,
    transport: Transport,
    server: MailServer,
) -> Post:
    desk, identities, neighbours, senders = (
        GatewayDesk(key_ring),
        Identities(),
        GatewayNeighbours(),
        Senders(),
    )
    neighbours.gateways = GatewayRecipients(desk, identities)  # type: ignore[arg-type]
    senders.gateways = GatewaySenders(uows, desk, transport, Outbound())
    world = World(uows, database, tenant_id, clock, key_ring, neighbours, senders)
    made = Post(world, server, Gateways(uows, desk, senders.gateways, world.messaging), identities)
    await made.connect()
    return made


async def test_a_letter_arrives_with_both_bodies_and_a_way_out(post: Post) -> None:
    address = post.reader(1, name="<b>小满</b> & Co")
    content = {
        "subject": "给{{ person.name | upcase }}\n的信",
        "text": "您好，{{ person.name }}",
        "html": '<p>您好，{{ person.name }}</p><a href="{{ preferences_url }}">退订</a>{{ "<hr>" | safe }}',
    }

    await post.send(post.letter("one", 1, content=content))

    ((to, message),) = post.server.arrived
    assert (to, str(message["To"])) == (address, address)
    assert str(message["From"]) == "青山茶食 <news@tea.example>"
    assert str(message["Reply-To"]) == "help@tea.example"
    assert str(message["Subject"]) == "给<B>小满</B> & CO 的信"
    assert str(message["List-Unsubscribe"]) == "<https://brand.test/1>"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert text.get_content().strip() == "您好，<b>小满</b> & Co"
    assert html is not None
    assert html.get_content().strip() == (
        '<p>您好，&lt;b&gt;小满&lt;/b&gt; &amp; Co</p><a href="https://brand.test/1">退订</a><hr>'
    )
    assert await post.world.state("one") == ("accepted", None)
    ((msgid,),) = await post.world.rows("SELECT msgid FROM message_intent")
    assert msgid == str(message["Message-ID"])


async def test_the_same_letter_is_noticed_though_its_way_out_differs(post: Post) -> None:
    post.reader(1, name="小满")
    await post.send(post.letter("one", 1), post.letter("two", 1))

    assert await post.world.state("two") == ("refused", "duplicate")
    assert len(post.server.arrived) == 1


async def test_who_withdrew_by_mail_alone_and_who_has_no_address_are_refused(post: Post) -> None:
    post.reader(1, name="小满")
    await post.world.withdraws(1)

    await post.send(post.letter("one", 1), post.letter("two", 2, content={"subject": "a", "text": "b"}))

    assert await post.world.state("one") == ("refused", "opted_out")
    assert await post.world.state("two") == ("refused", "no_channel")
    assert post.server.arrived == []


@pytest.mark.parametrize(
    ("step", "answer", "state", "detail"),
    [
        ("RCPT", "550 no such user", ("rejected", "platform_recipient_unknown"), "SMTP 550"),
        ("MAIL", "553 sender not allowed", ("rejected", "platform_forbidden"), "SMTP 553"),
        ("DATA", "554 looks like spam", ("rejected", "platform_content_invalid"), "SMTP 554"),
        ("RCPT", "451 come again later", ("reserved", None), None),
        ("MAIL", "421 too many connections", ("reserved", None), None),
        ("DATA", "452 no room", ("reserved", None), None),
    ],
)
async def test_what_a_server_answers(
    post: Post, step: str, answer: str, state: tuple[str, str | None], detail: str | None
) -> None:
    post.reader(1, name="小满")
    post.server.answers[step] = [answer]

    await post.send(post.letter("one", 1))

    assert await post.world.state("one") == state
    assert (await post.world.rows("SELECT detail FROM message_intent"))[0][0] == detail
    assert post.server.arrived == []
    post.world.later(minutes=6)
    await post.world.send_all()
    assert len(post.server.arrived) == (1 if state[0] == "reserved" else 0)


async def test_a_lost_answer_after_the_content_is_unknown(post: Post) -> None:
    """Marketing is not said again; a service letter is, under the same Message-ID."""
    post.reader(1, name="小满")
    post.reader(2, name="知夏")
    post.server.hang_up_after_content = 1
    await post.send(post.letter("sale", 1))
    post.server.hang_up_after_content = 1
    await post.send(post.letter("paid", 2, message_class=MessageClass.TRANSACTIONAL))
    assert await post.world.state("sale") == ("unknown", "no_answer")

    post.world.later(minutes=5)
    await post.world.send_all()

    assert await post.world.state("sale") == ("unknown", "no_answer")
    assert await post.world.state("paid") == ("accepted", None)
    paid = [str(message["Message-ID"]) for to, message in post.server.arrived if to.startswith("reader2")]
    assert len(paid) == 2
    assert len(set(paid)) == 1


async def test_a_server_that_is_away_or_a_wrong_password_holds_letters(post: Post) -> None:
    post.reader(1, name="小满")
    await post.connect(password="wrong")
    assert await post.checks() == [True, False, None]
    await post.send(post.letter("one", 1))
    assert await post.world.state("one") == ("reserved", None)

    await post.connect(port=1, password=PASSWORD)
    assert await post.checks() == [False, None, None]

    await post.connect()
    assert await post.checks() == [True, True, True]
    post.server.answers["MAIL"] = ["550 not this one"]
    assert await post.checks() == [True, True, False]


async def test_connections_are_kept_and_few(post: Post) -> None:
    for number in range(40):
        post.reader(number, name=str(number))

    await post.send(*[post.letter(f"l{number}", number) for number in range(40)])

    assert len(post.server.arrived) == 40
    assert post.server.connections <= 6


async def test_a_relay_without_a_login_needs_no_password(post: Post) -> None:
    await post.connect(from_address="ops@tea.example", username="", password="")
    assert await post.checks() == [True, True, True]
    async with post.world.uows.app(post.world.tenant_id) as uow:
        with pytest.raises(SecretNeeded):
            await post.gateways.connect(uow, post.command(from_address="x@tea.example", password=""))


@pytest.mark.parametrize(
    "wrong",
    [{"from_address": "tea"}, {"from_name": "a\r\nBcc: x@y.example"}, {"host": "a b"}, {"port": 0}],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConnectEmail(**({"from_address": "a@b.example", "host": "b.example"} | wrong))
