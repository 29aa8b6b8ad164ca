"""Welcomes per second from the door's ledger to the platform's answer, against a bare HTTP client.

The server is a process of its own that answers every welcome at once and counts the codes it was sent. The
yardstick is an aiohttp client with as many connections posting the same bodies, with nothing around it. Ours
keeps every code as the callback door does, chooses, renders, commits the hand-over, calls through the corp's
client, and commits outcome and fact. Then fifty customers a second come for a while, by name: the time from
the callback to the outcome of all but one in a hundred is the second line. Each code must have arrived once.

Run: ``python -m bench.welcomes [WELCOMES] [SECONDS]``. Prints two JSON lines.
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
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

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
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.staff.welcomes.contents import LinkPart, WelcomeContent
from quanyu.modules.staff.welcomes.contracts import (
    Scope,
    WelcomeDraft,
    WelcomeRuleId,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.modules.staff.welcomes.hook import NewCode, Secret, WelcomeHook, seal_secret
from quanyu.modules.staff.welcomes.ports import CodeOrigin, Greeter
from quanyu.modules.staff.welcomes.preparing import Preparation, Sources
from quanyu.modules.staff.welcomes.queries import RuleQueries, StoredRule
from quanyu.modules.staff.welcomes.rules import KeptRule
from quanyu.modules.staff.welcomes.sender import AT_ONCE_MAX, WelcomeSender
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Pool, open_transport
from quanyu.wechat.wecom.client import CorpCredentials, WeComClient

TENANT, CORP = TenantId(1), AccountId(1)
QUICK, NAMED = "quick", "named"  # Members: one greets without, one with the customer's name.
BATCH, OPEN_MAX, PER_S = 200, 1_000, 50
SPEED, PACE = Aim(ratio_min=0.2, figure_min=200), Aim(figure_max=5)


# --- the server ---


def serve(pipe: Connection) -> None:
    """Tell the port; then answer each question on the pipe with the codes that came, and forget them."""

    async def main() -> None:
        seen: Counter[str] = Counter()

        async def token(request: web.Request) -> web.Response:
            return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})

        async def customer(request: web.Request) -> web.Response:
            who = request.query["external_userid"]
            contact = {"external_userid": who, "name": "林知夏", "type": 1}
            return web.json_response({"errcode": 0, "external_contact": contact, "follow_user": []})

        async def welcome(request: web.Request) -> web.Response:
            seen[json.loads(await request.read())["welcome_code"]] += 1
            return web.json_response({"errcode": 0, "errmsg": "ok"})

        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", token)
        app.router.add_get("/cgi-bin/externalcontact/get", customer)
        app.router.add_post("/cgi-bin/externalcontact/send_welcome_msg", welcome)
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


async def bare_client(base_url: str, welcomes: int) -> float:
    """Return welcomes per second of aiohttp alone."""
    url = f"{base_url}/cgi-bin/externalcontact/send_welcome_msg?access_token=t"
    numbers = iter(range(welcomes))
    link = {"title": "新客礼", "url": "https://shop.example/gift?qy_w=0123456789abc.0123456789ab"}

    async def worker(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = {
                "welcome_code": code(number),
                "text": {"content": "您好，我是小张，很高兴认识您！"},
                "attachments": [{"msgtype": "link", "link": link}],
            }
            async with session.post(url, data=json.dumps(body, ensure_ascii=False).encode()) as response:
                assert json.loads(await response.read())["errcode"] == 0

    connector = aiohttp.TCPConnector(limit=AT_ONCE_MAX)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        await asyncio.gather(*(worker(session) for _ in range(AT_ONCE_MAX)))
        return welcomes / (time.perf_counter() - began)


# --- ours ---


class Neighbours:
    """No codes, two members, one time zone."""

    async def resolve(
        self, uow: UnitOfWork, corp_id: AccountId, states: Mapping[str, datetime]
    ) -> Mapping[str, CodeOrigin]:
        return {}

    async def greeters(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Greeter]:
        return dict.fromkeys(userids, Greeter(name="小张"))

    async def give(self, uow: UnitOfWork, corp_id: AccountId, userid: str, token: bytes, tag_id: str) -> None:
        raise AssertionError("nobody is blocked")

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
    """``CorpClients`` of one corp."""

    def __init__(self, client: WeComClient) -> None:
        self._client = client

    async def get(self, tenant_id: TenantId, corp_id: AccountId) -> WeComClient:
        return self._client


@dataclass
class House:
    """The parts of the product that greet."""

    uows: UnitOfWorkFactory
    keyring: KeyRing
    hook: WelcomeHook
    sender: WelcomeSender

    async def keep(self, first: int, count: int, userid: str) -> None:
        """Keep codes as the door does, and wake the sender."""
        now = self.uows.clock.now()
        rows = [self._row(number, userid, now) for number in range(first, first + count)]
        async with self.uows.system(TENANT) as uow:
            await self.hook.write(await uow.raw(), rows)
            uow.after_commit(self.hook.committed)

    def _row(self, number: int, userid: str, now: datetime) -> NewCode:
        key = number.to_bytes(16)
        return NewCode(
            tenant_id=TENANT,
            welcome_id=number + 1,
            corp_id=CORP,
            delivery=key,
            code_token=key,
            customer_token=key,
            userid=userid,
            code_state="",
            sealed=seal_secret(self.keyring, Secret(code(number), f"wm{number}")),
            happened_at=now,
            received_at=now,
        )

    async def number(self, sql: str) -> float:
        async with self.uows.system(TENANT) as uow:
            return float((await uow.execute(sql, {"t": TENANT})).scalar_one())


@asynccontextmanager
async def house(server: EmbeddedPostgres, base_url: str) -> AsyncIterator[House]:
    database = Database(
        DatabaseUrls(owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP))
    )
    clock, keys, neighbours, log = SystemClock(), KeyRing(KeyFile.new()), Neighbours(), Log()
    uows = UnitOfWorkFactory(database, clock)
    uows.write_facts_with(Intake(log, Collector(log, database.connect_system, clock), keys).write_facts)
    async with open_transport(pool=Pool(connections_max=AT_ONCE_MAX)) as transport:
        known = CorpCredentials(corp_id="wwbench", secret="s" * 32, base_url=base_url)
        client = WeComClient(transport, known, Tokens(), clock, holder="bench")
        clients = cast(CorpClients, OneClient(client))
        sources = Sources(codes=neighbours, staff=neighbours, zones=neighbours)
        sender = WelcomeSender(uows, keys, clients, Preparation(keys, clients, sources), neighbours)
        home = House(uows, keys, WelcomeHook(keys, wake=sender.wake), sender)
        await _write_rules(home)
        yield home
    await database.close()


async def _write_rules(home: House) -> None:
    link = LinkPart(title="新客礼", url="https://shop.example/gift")
    texts = {QUICK: "您好，我是{{ staff }}，很高兴认识您！", NAMED: "{{ name }}，您好！我是{{ staff }}。"}
    now = home.uows.clock.now()
    async with home.uows.system(TENANT) as uow:
        await RuleQueries(uow).bump(CORP)
        for number, (userid, text) in enumerate(texts.items(), start=1):
            content = WelcomeContent(text=text, parts=(link,), fallback="您好！")
            slot = WelcomeSlot(name="default", variants=(WelcomeVariant(name="A", content=content),))
            draft = WelcomeDraft(
                name=userid, corp=encode_id("wcp", CORP), scope=Scope.STAFF, targets=(userid,), slots=(slot,)
            )
            kept = KeptRule(WelcomeRuleId(number), draft)
            await RuleQueries(uow).save(StoredRule(kept=kept, corp_id=CORP, created_at=now, updated_at=now))


async def fast(home: House, welcomes: int) -> float:
    """Return welcomes per second from the first code kept to the last outcome committed."""
    began = time.perf_counter()
    for first in range(0, welcomes, BATCH):
        while await home.number(_OPEN) > OPEN_MAX:  # noqa: ASYNC110 - a code lives twenty seconds.
            await asyncio.sleep(0.02)
        await home.keep(first, min(BATCH, welcomes - first), QUICK)
    await _drained(home)
    return welcomes / (time.perf_counter() - began)


async def steady(home: House, first: int, seconds: int) -> float:
    """Let ``PER_S`` customers come each second; return the 99th percentile of their wait in seconds."""
    began = time.perf_counter()
    for place in range(seconds * PER_S):
        await asyncio.sleep(max(0.0, began + place / PER_S - time.perf_counter()))
        await home.keep(first + place, 1, NAMED)
    await _drained(home)
    return await home.number(
        "SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - received_at)) "
        f"FROM welcome WHERE tenant_id = :t AND userid = '{NAMED}'"
    )


_OPEN = "SELECT count(*) FROM welcome WHERE tenant_id = :t AND settled_at IS NULL"


async def _drained(home: House) -> None:
    while await home.number(_OPEN):  # noqa: ASYNC110 - the database is what we wait for.
        await asyncio.sleep(0.05)


def code(number: int) -> str:
    return f"BENCHCODE{number:012d}"


def main(welcomes: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as directory:
        Path(directory).chmod(0o711)  # As root, PostgreSQL runs as a user of its own.
        with EmbeddedPostgres(Path(directory)) as server:
            migrate_postgres(server.dsn(Role.OWNER))
            uvloop.run(compare(server, welcomes, seconds))


async def compare(server: EmbeddedPostgres, welcomes: int, seconds: int) -> None:
    """Measure both against one server process, check both, and print the lines."""
    with running_server() as (base, pipe):
        expected = {code(number): 1 for number in range(welcomes)}
        yardstick = await bare_client(base, welcomes)
        assert arrived(pipe) == expected, "the yardstick lost or doubled welcomes"
        async with house(server, base) as home:
            stop = asyncio.Event()
            running = asyncio.create_task(home.sender.run(TENANT, stop))
            figure = await fast(home, welcomes)
            assert arrived(pipe) == expected, "welcomes were lost or doubled"
            p99_s = await steady(home, welcomes, seconds)
            steadily = {code(number): 1 for number in range(welcomes, welcomes + seconds * PER_S)}
            assert arrived(pipe) == steadily, "welcomes were lost or doubled"
            stop.set()
            await running
    report(
        Result(
            name="welcomes from the door's ledger to the answer",
            figure=round(figure),
            unit="welcomes/s",
            yardstick=round(yardstick),
            yardstick_name="bare aiohttp client to the same server",
            aim=SPEED,
        )
    )
    report(
        Result(
            name=f"welcome by name, {PER_S} customers/s: p99 from the callback to the outcome",
            figure=round(p99_s, 3),
            unit="s",
            aim=PACE,
        )
    )


if __name__ == "__main__":
    given: list[Any] = sys.argv[1:]
    main(int(given[0]) if given else 5_000, int(given[1]) if len(given) > 1 else 20)
