"""An account connected to a platform, and the door its callbacks come through."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId, ConnectedAccount, ConnectOfficialAccount
from quanyu.modules.channels.door import PATH, CallbackDoor
from quanyu.modules.channels.health.refusals import RefusalNotes
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.contracts import LogRecord
from quanyu.modules.events.service import Log
from quanyu.wechat.callbacks.crypto import MessageCrypt, sign
from quanyu.wechat.callbacks.errors import CallbackRefusal
from quanyu.wechat.callbacks.xml import read_fields
from quanyu.wechat.transport import Timeouts, Transport, open_transport

Door = CallbackDoor[IntakeEvent]
OPENID = "oAbcdefghijklmnopqrstuvwxyz0"


@dataclass
class Answer:
    """What an ASGI application answered."""

    status: int = 0
    body: bytes = b""
    headers: dict[bytes, bytes] = field(default_factory=dict)


async def ask(
    app: Any,
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    cut_short: bool = False,
) -> Answer:
    """Send one request through the ASGI interface."""
    answer = Answer()
    chunks: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": cut_short}]
    if cut_short:
        chunks.append({"type": "http.disconnect"})

    async def receive() -> dict[str, Any]:
        return chunks.pop(0)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = dict(message["headers"])
        else:
            answer.body += message["body"]

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": urlencode(query or {}).encode(),
        "headers": headers or [],
    }
    await app(scope, receive, send)
    return answer


@dataclass
class Platform:
    """The platform's side of one connected account: signs, encrypts and delivers."""

    door: Door
    connected: ConnectedAccount
    crypt: MessageCrypt
    path: str

    @property
    def app_id(self) -> str:
        return self.connected.account.app_id

    @property
    def account_id(self) -> AccountId:
        return read_account_id(self.connected.account.id)

    def sealed(self, document: str, *, nonce: str = "2") -> tuple[dict[str, str], bytes]:
        """Return query and body of a delivery in secure mode."""
        encrypted = self.crypt.seal(document.encode())
        query = {
            "signature": sign(self.connected.setup.token, "1", nonce),
            "timestamp": "1",
            "nonce": nonce,
            "openid": OPENID,
            "encrypt_type": "aes",
            "msg_signature": self.crypt.sign_sealed(encrypted, timestamp="1", nonce=nonce),
        }
        body = (
            f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        return query, body.encode()

    async def deliver(self, document: str, *, nonce: str = "2") -> Answer:
        query, body = self.sealed(document, nonce=nonce)
        return await ask(self.door, "POST", self.path, query=query, body=body)

    def opened(self, answer: Answer) -> dict[str, Any]:
        """Return the fields of a passive reply."""
        envelope = read_fields(answer.body, CallbackRefusal.MALFORMED_ENVELOPE)
        document = self.crypt.open(
            envelope["Encrypt"],
            msg_signature=envelope["MsgSignature"],
            timestamp=envelope["TimeStamp"],
            nonce=envelope["Nonce"],
        )
        return read_fields(document, CallbackRefusal.MALFORMED_MESSAGE)


def event(name: str, *, at: int, openid: str = OPENID, inside: str = "") -> str:
    """Return the document of an event."""
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event>{inside}</xml>"
    )


def text_message(content: str, *, at: int, message_id: int, openid: str = OPENID) -> str:
    """Return the document of a text message."""
    return (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{message_id}</MsgId></xml>"
    )


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=2, read_s=5, total_s=8)) as opened:
        yield opened


@pytest.fixture
def intake(database: Database, clock: FixedClock, key_ring: KeyRing) -> Intake:
    log = Log()
    return Intake(log, Collector(log, database.connect_system, clock), key_ring)


@pytest.fixture
async def callback_log(
    database: Database, clock: FixedClock, intake: Intake
) -> AsyncIterator[CallbackLog[IntakeEvent, LogRecord]]:
    log = Log()
    async with CallbackLog(
        database.connect_system, clock, seal=intake.seal, append=log.append, announce=log.announce
    ) as opened:
        yield opened


@pytest.fixture
def books(uows: UnitOfWorkFactory) -> ReplyBooks:
    return ReplyBooks(uows)


@pytest.fixture
def notes(uows: UnitOfWorkFactory) -> RefusalNotes:
    return RefusalNotes(uows)


@pytest.fixture
def door(
    uows: UnitOfWorkFactory,
    key_ring: KeyRing,
    clock: FixedClock,
    callback_log: CallbackLog[IntakeEvent, LogRecord],
    books: ReplyBooks,
    notes: RefusalNotes,
) -> Door:
    return CallbackDoor(
        uows=uows,
        keyring=key_ring,
        clock=clock,
        new_event=IntakeEvent,
        keeper=callback_log,
        responder=books,
        notes=notes,
    )


@pytest.fixture
def clients(uows: UnitOfWorkFactory, key_ring: KeyRing, transport: Transport) -> AccountClients:
    return AccountClients(uows, key_ring, transport)


@pytest.fixture
def channels(
    key_ring: KeyRing,
    clients: AccountClients,
    transport: Transport,
    door: Door,
) -> Channels:
    return Channels(
        key_ring,
        clients,
        transport,
        public_url="https://brand.example.com",
        on_change=door.forget_accounts,
    )


@pytest.fixture
async def platform_side(
    channels: Channels, uows: UnitOfWorkFactory, tenant_id: TenantId, door: Door
) -> Platform:
    """A connected account, seen from the platform."""
    command = ConnectOfficialAccount(app_id=f"wx{tenant_id:016d}", app_secret="0123456789abcdef")
    async with uows.app(tenant_id) as uow:
        connected = await channels.connect(uow, command)
    crypt = MessageCrypt(
        token=connected.setup.token,
        encoding_aes_key=connected.setup.encoding_aes_key,
        app_id=command.app_id,
    )
    path = PATH + "/" + connected.setup.url.rpartition("/")[2]
    return Platform(door, connected, crypt, path)
