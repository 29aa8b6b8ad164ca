"""Messages per second through governor, outbox and client, against a bare HTTP client to the same server.

The server is a process of its own on the sandbox's HTTP stack (aiohttp); it answers every POST at once and
counts what it was sent. The yardstick is an aiohttp client with the same number of connections posting the
same bodies, with nothing around it. Ours plans every message (rules, counters, windows, rendering, sealing),
commits the hand-over, calls through the official account's client, and commits outcome and fact. Afterwards
the counts are checked: each message accepted once, each arrived once.

Run: ``python -m bench.messages [MESSAGES]``. Prints one JSON line.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from bench.support import Aim, Result, report
from quanyu.app.migrate import migrate_postgres
from quanyu.flows.intake import Intake
from quanyu.infra.crypto import KeyFile, KeyRing
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Role
from quanyu.infra.postgres import Database, DatabaseUrls
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.messaging.adapters import LedgerConsent, OfficialAccountSender
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, PlanMessage
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.ports import SendClient
from quanyu.modules.messaging.queries.ledgers import WindowOpening, open_windows
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.settings import DispatcherSettings
from quanyu.modules.people.consent.service import Consent
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Pool, open_transport

TENANT, ACCOUNT = TenantId(1), 1
CONCURRENCY = 256
PLAN_BATCH = 1_000
AIM = Aim(ratio_min=0.6, figure_min=2_500)


# --- the server ---


def serve(pipe: Connection) -> None:
    """Tell the port; then answer each question on the pipe with what was seen, and forget it."""

    async def main() -> None:
        seen: Counter[str] = Counter()

        async def token(request: web.Request) -> web.Response:
            return web.json_response({"access_token": "t", "expires_in": 7200})

        async def send(request: web.Request) -> web.Response:
            seen[json.loads(await request.read())["touser"]] += 1
            return web.json_response({"errcode": 0, "errmsg": "ok"})

        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", token)
        app.router.add_post("/cgi-bin/message/custom/send", send)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        while await asyncio.get_running_loop().run_in_executor(None, pipe.recv):
            pipe.send(dict(seen))
            seen.clear()
        await runner.cleanup()

    uvloop.run(main())


@contextmanager
def running_server() -> Iterator[tuple[str, Connection]]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ours.recv()}", ours
    ours.send(False)
    process.join(5)


def arrived(pipe: Connection) -> Mapping[str, int]:
    pipe.send(True)
    seen: Mapping[str, int] = pipe.recv()
    return seen


# --- the yardstick ---


async def bare_client(base_url: str, messages: int) -> float:
    """Return messages per second of aiohttp alone."""
    url = f"{base_url}/cgi-bin/message/custom/send?access_token=t"
    numbers = iter(range(messages))

    async def worker(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = {"touser": openid(number), "msgtype": "text", "text": {"content": words(number)}}
            async with session.post(url, data=json.dumps(body, ensure_ascii=False).encode()) as response:
                assert json.loads(await response.read())["errcode"] == 0

    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))
        return messages / (time.perf_counter() - began)


# --- ours ---


@dataclass(frozen=True)
class Follower:
    address: str
    subscribed: bool = True


class Followers:
    """Everybody follows, and has a name."""

    async def resolve(
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Follower]:
        return {person: Follower(openid(person)) for person in person_ids}

    async def accounts_of(self, uow: UnitOfWork, appids: Sequence[str]) -> Mapping[str, int]:
        return {}

    async def load(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        return {person: {"number": int(person)} for person in person_ids}

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, str]:
        return {}

    async def zone_of(self, uow: UnitOfWork) -> str:
        return "Asia/Shanghai"


class Tokens:
    """A token store for one process."""

    def __init__(self) -> None:
        self._token: AccessToken | None = None

    async def find(self) -> AccessToken | None:
        return self._token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        return True

    async def save(self, holder: str, token: AccessToken) -> None:
        self._token = token

    async def give_lease_back(self, holder: str) -> None:
        return None


class OneClient:
    def __init__(self, client: SendClient) -> None:
        self._client = client

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient:
        return self._client


@dataclass
class House:
    """The parts of the product that send messages."""

    uows: UnitOfWorkFactory
    messaging: Messaging
    sealer: Sealer
    dispatcher: Dispatcher


@asynccontextmanager
async def house(server: EmbeddedPostgres, base_url: str) -> AsyncIterator[House]:
    database = Database(
        DatabaseUrls(owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP))
    )
    clock, keys, followers, log = SystemClock(), KeyRing(KeyFile.new()), Followers(), Log()
    uows = UnitOfWorkFactory(database, clock)
    uows.write_facts_with(Intake(log, Collector(log, database.connect_system, clock), keys).write_facts)
    sealer = Sealer(keys)
    ports = MessagingPorts(
        recipients=followers, variables=followers, zones=followers, consent=LedgerConsent(Consent())
    )
    messaging = Messaging(ports, sealer)

    async def tenants() -> Sequence[TenantId]:
        return [TENANT]

    async with open_transport(pool=Pool(connections_max=CONCURRENCY)) as transport:
        credentials = Credentials(app_id="wxbench", secret="s" * 32, base_url=base_url)
        client = OfficialAccountClient(transport, credentials, Tokens(), clock, holder="bench")
        dispatcher = Dispatcher(
            uows,
            Outbox(messaging.governor, followers, sealer),
            OneClient(OfficialAccountSender(client)),
            WorkerLease(database),
            tenants,
            DispatcherSettings(concurrency=CONCURRENCY, rate_per_s=100_000),
        )
        messaging.on_planned(dispatcher.wake)
        yield House(uows, messaging, sealer, dispatcher)
    await database.close()


async def ours(home: House, messages: int) -> float:
    """Return messages per second from ``plan`` to the committed outcome of the last one."""
    await _open_all_windows(home, messages)
    stop = asyncio.Event()
    running = asyncio.create_task(home.dispatcher.run(stop))
    began = time.perf_counter()
    for start in range(0, messages, PLAN_BATCH):
        batch = [_message(number) for number in range(start, min(start + PLAN_BATCH, messages))]
        async with home.uows.app(TENANT) as uow:
            await home.messaging.plan(uow, batch)
    while await _open_messages(home):  # noqa: ASYNC110 - the database is what we wait for.
        await asyncio.sleep(0.1)
    seconds = time.perf_counter() - began
    stop.set()
    await running
    return messages / seconds


def _message(number: int) -> PlanMessage:
    return PlanMessage(
        origin_key=f"bench:{number}",
        person_id=PersonId(number),
        account_id=ACCOUNT,
        message_kind=MessageKind.CUSTOMER_SERVICE_TEXT,
        content={"text": "第 {{ person.number }} 位会员，您好！您的茶礼已备好。"},
        message_class=MessageClass.MARKETING,
        journey_id=1,
        node_id="hello",
    )


async def _open_all_windows(home: House, messages: int) -> None:
    now = home.uows.clock.now()
    for start in range(0, messages, 5_000):
        async with home.uows.system(TENANT) as uow:
            openings = [
                WindowOpening(
                    account_id=ACCOUNT,
                    recipient=home.sealer.recipient_token(ACCOUNT, openid(number)),
                    person_id=PersonId(number),
                    kind="message",
                    opened_at=now,
                    expires_at=now.replace(year=now.year + 1),
                    granted=5,
                )
                for number in range(start, min(start + 5_000, messages))
            ]
            await open_windows(await uow.raw(), TENANT, openings)


async def _open_messages(home: House) -> bool:
    async with home.uows.system(TENANT) as uow:
        found = await uow.execute(
            "SELECT EXISTS (SELECT FROM message_intent WHERE tenant_id = :t AND wake_at IS NOT NULL)",
            {"t": TENANT},
        )
        return bool(found.scalar_one())


def openid(number: int) -> str:
    return f"oBench{number:022d}"


def words(number: int) -> str:
    return f"第 {number} 位会员，您好！您的茶礼已备好。"


def main(messages: int) -> None:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as directory:
        Path(directory).chmod(0o711)  # As root, PostgreSQL runs as a user of its own.
        with EmbeddedPostgres(Path(directory)) as server:
            migrate_postgres(server.dsn(Role.OWNER))
            uvloop.run(compare(server, messages))


async def compare(server: EmbeddedPostgres, messages: int) -> None:
    """Measure both against one server process, check both, and print the line."""
    with running_server() as (base, pipe):
        expected = {openid(number): 1 for number in range(messages)}
        yardstick = await bare_client(base, messages)
        assert arrived(pipe) == expected, "the yardstick lost or doubled messages"
        async with house(server, base) as home:
            figure = await ours(home, messages)
            assert arrived(pipe) == expected, "messages were lost or doubled"
            async with home.uows.system(TENANT) as uow:
                summary = await home.messaging.summary(uow)
            assert (summary.planned, summary.accepted) == (messages, messages), summary
        report(
            Result(
                name="messages through governor, outbox and client",
                figure=round(figure),
                unit="messages/s",
                yardstick=round(yardstick),
                yardstick_name="bare aiohttp client to the same server",
                aim=AIM,
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
