"""Corps connected over the wire: callbacks that arrive, tokens of each secret, checks and health."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI, Request

from contract.wecom.corp import Corp, running_corp
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL
from quanyu.modules.channels.budget_store import PostgresBudgetStore
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom import routes
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import CorpSecret
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.wechat.budget_keeping import Budgets
from quanyu.wechat.errors import PlatformRefusal, QuotaExceeded, refusal
from quanyu.wechat.refusals import Dialect
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import departments
from support.processes import SEEN_LIMIT_S

from .conftest import Door

BASE = "/api/v1/wecom/corps"
OPTIONAL = {"contacts": "contacts", "service": "kf", "archive": "archive"}
USUAL = {"trusted_ips": [], "closed": False, "calls_customers": True}
MADE = {"name": "青山茶食", "token": "wiretoken", "encoding_aes_key": "a" * 43}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture
def corp_clients(uows: UnitOfWorkFactory, key_ring: KeyRing, transport: Transport) -> CorpClients:
    return CorpClients(uows, key_ring, transport)


@pytest.fixture
async def server(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
    corp_clients: CorpClients,
    transport: Transport,
    door: Door,
) -> AsyncIterator[str]:
    """The routes and the door on a real port; every caller is the brand."""

    async def authenticate(_: Request) -> web.Caller:
        return web.Caller(tenant_id, 1, "tester", permissions=ALL)

    config = uvicorn.Config(FastAPI(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    uvicorn_server = uvicorn.Server(config)
    sockets = [config.bind_socket()]
    sockets[0].listen(100)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    channels = Channels(key_ring, clients, transport, public_url=url, on_change=door.forget_accounts)
    app = FastAPI()
    web.install(app, authenticate=authenticate, uows=uows)
    desk = CorpDesk(channels, key_ring, Corps(), corp_clients, transport)
    app.include_router(routes.router(desk, AccountHealthDesk(uows, key_ring, clients)))
    app.mount("/callbacks", door)
    config.app = app
    serving = asyncio.create_task(uvicorn_server.serve(sockets=sockets))
    yield url
    uvicorn_server.should_exit = True
    await serving


@dataclass(frozen=True)
class Connected:
    """The sandbox's corp, connected here."""

    server: str
    sandbox: Corp
    answer: dict[str, Any]

    @property
    def id(self) -> AccountId:
        return read_corp_id(self.answer["corp"]["id"])

    async def ask(self, method: str, path: str = "", body: Any = None) -> Any:
        return await call(method, f"{self.server}{BASE}/{self.answer['corp']['id']}{path}", body)

    async def checks(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in (await self.ask("POST", "/check"))["checks"]}


async def until_seen(ask: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    for _ in range(int(SEEN_LIMIT_S / 0.02)):
        if items := (await ask())["items"]:
            return dict(items[0])
        await asyncio.sleep(0.02)
    raise AssertionError("nothing came in")


async def call(method: str, url: str, body: Any = None, *, status: int = 200) -> Any:
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as response:
        answer = await response.json(content_type=None)
        assert response.status == status, answer
        return answer


@pytest.fixture
async def connected(server: str, sandbox: Corp) -> Connected:
    command = {
        "corp_id": sandbox.id,
        "agent_id": sandbox.agent_id,
        "app_secret": sandbox.secret("app"),
        "base_url": f"{sandbox.url}/qyapi.weixin.qq.com",
        **MADE,
    }
    await sandbox.control("PUT", f"/agents/{sandbox.agent_id}", USUAL)
    await sandbox.control("POST", "/reset")
    return Connected(server, sandbox, await call("POST", f"{server}{BASE}", command, status=201))


async def test_what_happens_in_the_corp_arrives(
    connected: Connected, sandbox: Corp, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    hook = {**connected.answer["setup"], "aes_key": connected.answer["setup"]["encoding_aes_key"]}
    wanted = {name: hook[name] for name in ("url", "token", "aes_key")}
    assert (await sandbox.control("PUT", "/callbacks/customers", wanted))["verified"]
    first, *_ = await sandbox.staff()

    customer = await sandbox.add(1, first, state="channel01")

    seen = await until_seen(lambda: connected.ask("GET", "/callbacks"))
    assert seen["name"] == "wechat.wecom.customer_added"
    async with uows.system(tenant_id) as uow:
        found = await uow.execute("SELECT * FROM log_event WHERE tenant_id = :t", {"t": tenant_id})
        (event,) = found
    assert event.properties == {"staff": first, "state": "channel01"}
    assert customer not in str(event)
    checks = await connected.checks()
    assert [name for name, one in checks.items() if one["ok"] is False] == []
    assert {name for name, one in checks.items() if one["ok"]} == {
        *("api_reachable", "credentials", "ip_allow_list", "agent", "customer_contact", "clock"),
        *("encoding_aes_key", "callback_url", "callback_reachable", "callbacks_received"),
        "callbacks_accepted",
    }


@pytest.mark.parametrize(
    ("agent", "secrets", "wrong", "words"),
    [
        ({"trusted_ips": ["192.0.2.1"]}, {}, "ip_allow_list", "可信 IP"),
        ({"closed": True}, {}, "agent", "停用"),
        ({"calls_customers": False}, {}, "customer_contact", "可调用接口的应用"),
        ({}, {"app_secret": "nobody-knows-this"}, "credentials", "Secret"),
        ({}, {"contacts_secret": "nobody-knows-this"}, "contacts", "通讯录同步"),
        ({}, {"service_secret": "nobody-knows-this"}, "service", "微信客服"),
        ({}, {"archive_secret": "nobody-knows-this"}, "archive", "会话内容存档"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_each_mistake_is_named_with_its_remedy(
    agent: dict[str, Any],
    secrets: dict[str, str],
    wrong: str,
    words: str,
    connected: Connected,
    sandbox: Corp,
) -> None:
    await sandbox.control("PUT", f"/agents/{sandbox.agent_id}", agent)
    if secrets:
        await connected.ask("PUT", "/secrets", secrets)

    checks = await connected.checks()

    assert wrong in [name for name, one in checks.items() if one["ok"] is False]
    assert words in checks[wrong]["detail_zh"]


async def test_a_wrong_agent_id_is_named(connected: Connected, sandbox: Corp) -> None:
    command = {
        "corp_id": sandbox.id,
        "agent_id": sandbox.agent_id + 7,
        "app_secret": sandbox.secret("app"),
        "base_url": f"{sandbox.url}/qyapi.weixin.qq.com",
    }
    await call("POST", f"{connected.server}{BASE}", command, status=201)

    checks = await connected.checks()

    assert checks["credentials"]["ok"]
    assert (checks["agent"]["ok"], "AgentId" in checks["agent"]["detail_zh"]) == (False, True)


async def test_each_secret_has_a_token_that_processes_share(
    connected: Connected,
    sandbox: Corp,
    corp_clients: CorpClients,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    transport: Transport,
) -> None:
    await connected.ask(
        "PUT", "/secrets", {f"{name}_secret": sandbox.secret(scope) for name, scope in OPTIONAL.items()}
    )
    first = {kind: await corp_clients.get(tenant_id, connected.id, kind) for kind in CorpSecret}
    tokens = {kind: await client._tokens.current() for kind, client in first.items()}
    # The platform is asked once: another process finds the token in the database.
    other = CorpClients(uows, key_ring, transport)
    again = {kind: await other.get(tenant_id, connected.id, kind) for kind in CorpSecret}
    for client in again.values():
        client.fetch_token = nobody  # type: ignore[method-assign]
        client._tokens._fetch = nobody

    assert len(set(tokens.values())) == len(CorpSecret)
    assert {kind: await client._tokens.current() for kind, client in again.items()} == tokens
    app = again[CorpSecret.APP]
    assert (await app.call(departments.LIST, departments.Below())).department
    with pytest.raises(PlatformRefusal):
        await again[CorpSecret.ARCHIVE].follow_users()
    signed = await (await other.js_sdk(tenant_id, connected.id)).agent_config(
        "https://brand.example.com/", agent_id=sandbox.agent_id
    )
    assert signed.corpid == sandbox.id
    health = await connected.ask("GET", "/health")
    assert {one["use"] for one in health["tokens"]} == {"call", "agent_js", "contacts", "service", "archive"}


async def nobody(force: bool = False) -> Any:
    raise AssertionError("the platform was asked again")


async def test_health_names_what_is_refused_and_held_back(
    connected: Connected, sandbox: Corp, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    path = "/cgi-bin/externalcontact/list"
    budgets = Budgets(PostgresBudgetStore(uows, tenant_id), uows.clock)
    error = refusal(45009, "api freq out of limit", path=path, dialect=Dialect.WECOM)
    assert isinstance(error, QuotaExceeded)
    await budgets.refused(sandbox.id, path, error)

    health = await connected.ask("GET", "/health")

    (held,) = health["held_back"]
    assert held["path"] == path
    assert held["until"] > (uows.clock.now() + timedelta(seconds=1)).isoformat()
    assert (health["last_callback_at"], health["refused"], health["tokens"]) == (None, [], [])


async def test_connecting_and_showing(connected: Connected, sandbox: Corp) -> None:
    shown = await connected.ask("GET")
    listed = await call("GET", f"{connected.server}{BASE}")
    removed = await connected.ask("PUT", "/secrets", {"contacts_secret": sandbox.secret("contacts")})

    assert shown == listed["items"][0] == connected.answer["corp"]
    assert (shown["corp_id"], shown["agent_id"], shown["secrets"]) == (sandbox.id, sandbox.agent_id, ["app"])
    assert removed["secrets"] == ["app", "contacts"]
    assert sandbox.secret("app") not in str([shown, listed, removed])
    await call("GET", f"{connected.server}{BASE}/wcp_1", status=404)
    await call("GET", f"{connected.server}{BASE}/oac_1", status=422)
    body = {"app_secret": "0123456789", "remove": ["app"]}
    await call("PUT", f"{connected.server}{BASE}/{shown['id']}/secrets", body, status=422)
