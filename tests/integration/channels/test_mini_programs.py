"""Mini programs connected over the wire: callbacks in every mode and notation, checks, and who people are."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI, Request

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL
from quanyu.modules.channels import routes as channel_routes
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.mini_programs import routes
from quanyu.modules.channels.mini_programs.people import MiniProgramPeople
from quanyu.modules.channels.mini_programs.service import MiniProgramDesk
from quanyu.modules.channels.service import Channels
from quanyu.modules.people.resolver import Resolver
from quanyu.wechat.transport import Transport
from support.deployment import NothingFollows

from .conftest import Door

BASE = "/api/v1/channels/mini-programs"
MODES = [(mode, wire) for mode in ("plain", "compatible", "secure") for wire in ("xml", "json")]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def server(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    clients: AccountClients,
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
    health = AccountHealthDesk(uows, key_ring, clients)
    app.include_router(channel_routes.router(channels))
    app.include_router(routes.router(channels, MiniProgramDesk(channels, key_ring), health))
    app.include_router(routes.people_router(MiniProgramPeople(uows, key_ring, clients)))
    app.mount("/callbacks", door)
    config.app = app
    serving = asyncio.create_task(uvicorn_server.serve(sockets=sockets))
    yield url
    uvicorn_server.should_exit = True
    await serving


@dataclass(frozen=True)
class Mini:
    """A mini program of the sandbox, connected here."""

    server: str
    sandbox: Sandbox
    account: dict[str, Any]
    connected: dict[str, Any]

    @property
    def app_id(self) -> str:
        return str(self.account["appid"])

    async def ask(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        return await call(method, f"{self.server}{BASE}/{self.connected['account']['id']}{path}", body)

    async def act(self, person: int, what: str, **how: Any) -> Any:
        """Let a person do something in the mini program."""
        return await self.sandbox.control("POST", f"/people/{person}/{what}", {"appid": self.app_id, **how})

    async def logged_in(self, person: int) -> dict[str, Any]:
        status, session = await self.ask(
            "POST", "/login", {"code": (await self.act(person, "login"))["code"]}
        )
        assert status == 200
        return dict(session)

    async def settled(self) -> None:
        for _ in range(2_000):
            if (await self.sandbox.control("GET", "/idle"))["idle"]:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the sandbox does not come to rest")


async def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as response:
        return response.status, await response.json(content_type=None)


async def connect(
    server: str, sandbox: Sandbox, mode: str = "secure", wire: str = "json", **changes: Any
) -> Mini:
    settings = {"kind": "mini_program", "callback_mode": mode, "callback_format": wire}
    account = (await sandbox.control("POST", "/accounts", settings))["account"]
    status, connected = await call(
        "POST", f"{server}{BASE}", credentials(sandbox, account, mode=mode, data_format=wire, **changes)
    )
    assert status == 201, connected
    mini = Mini(server, sandbox, account, connected)
    callback = {"callback_url": connected["setup"]["url"]}
    assert (await sandbox.control("PUT", f"/accounts/{mini.app_id}", callback))["verified"]
    return mini


def credentials(sandbox: Sandbox, account: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "app_id": account["appid"],
        "app_secret": account["secret"],
        "token": account["token"],
        "encoding_aes_key": account["aes_key"],
        "base_url": sandbox.url,
        "name": "青山茶食小程序",
        **changes,
    }


async def logged(uows: UnitOfWorkFactory, tenant_id: TenantId) -> list[Any]:
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT name, source, CAST(properties AS jsonb) AS properties, CAST(context AS jsonb) AS context "
            "FROM log_event WHERE tenant_id = :t AND kind = 'track' ORDER BY position",
            {"t": tenant_id},
        )
        return list(rows)


@pytest.mark.parametrize(("mode", "wire"), MODES)
async def test_what_people_do_reaches_the_log(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId, mode: str, wire: str
) -> None:
    mini = await connect(server, sandbox, mode, wire)
    setup = mini.connected["setup"]
    assert (setup["data_format"], setup["encoding_aes_key"] == "") == (wire.upper(), mode == "plain")

    await mini.act(3, "enter-session", session_from="sku:9")
    await mini.act(3, "say", text="人工 <茶>")
    await mini.act(3, "orders", merchant_id="190", merchant_trade_no="A1", paid_amount=6800)
    await mini.settled()

    events = {row.name: row for row in await logged(uows, tenant_id)}
    assert set(events) == {
        "wechat.mini_program.service_session_entered",
        "wechat.mini_program.message_received",
        "wechat.mini_program.shipping_required",
    }
    said = events["wechat.mini_program.message_received"]
    assert said.source == f"mini_program:{mini.app_id}"
    assert (said.context["channel"], said.context["app"]) == ("mini_program", mini.app_id)
    assert said.properties["answered_by"] == "hand_over"
    assert "follower" not in events["wechat.mini_program.shipping_required"].context
    # The platform heard the hand-over, and refused nothing.
    kept = await sandbox.control("GET", f"/conversations/{mini.app_id}/3")
    assert "transfer" in {line["kind"] for line in kept["lines"]}
    _, seen = await mini.ask("GET", "/callbacks")
    assert {one["name"] for one in seen["items"]} == set(events)
    _, health = await mini.ask("GET", "/health")
    assert health["refused"] == []
    assert health["backlog"]["user_info_waiting"] == 0, "nobody can be asked who they are"


async def test_a_repeated_delivery_is_one_event_and_answered_alike(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    mini = await connect(server, sandbox)
    await sandbox.control(
        "POST", "/faults", {"event": "text", "duplicate": 1, "times": 1, "appid": mini.app_id}
    )

    await mini.act(4, "say", text="在吗")
    await mini.settled()
    await sandbox.control("DELETE", "/faults")

    assert [row.name for row in await logged(uows, tenant_id)] == ["wechat.mini_program.message_received"]


async def test_without_handing_over_nothing_is_answered(server: str, sandbox: Sandbox) -> None:
    mini = await connect(server, sandbox, hands_over=False)

    await mini.act(5, "say", text="你好")
    await mini.settled()

    kept = await sandbox.control("GET", f"/conversations/{mini.app_id}/5")
    assert "transfer" not in {line["kind"] for line in kept["lines"]}


async def test_the_check_looks_at_each_piece(server: str, sandbox: Sandbox) -> None:
    mini = await connect(server, sandbox)
    await mini.act(6, "say", text="hi")
    await mini.settled()

    _, answer = await mini.ask("POST", "/check")

    assert {check["name"]: check["ok"] for check in answer["checks"]} == {
        "api_reachable": True,
        "credentials": True,
        "ip_allow_list": True,
        "encoding_aes_key": True,
        "callback_url": True,
        "callback_reachable": True,
        "callback_network": True,
        "callbacks_received": True,
        "callbacks_accepted": True,
        "clock": True,
    }
    _, wrong = await call("POST", f"{server}{BASE}", credentials(sandbox, mini.account, app_secret="0" * 32))
    assert wrong["account"]["id"] == mini.connected["account"]["id"]
    _, answer = await mini.ask("POST", "/check")
    assert {check["name"]: check["ok"] for check in answer["checks"]}["credentials"] is False


async def test_login_and_phone_lead_to_one_person(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    """Identity edges: openid of the app, unionid across apps, and the number the platform vouches for."""
    mini = await connect(server, sandbox)
    person = await who_gives_their_number(sandbox)
    session = await mini.logged_in(person)
    again = await mini.logged_in(person)
    assert session["openid"] == again["openid"]
    assert "session_key" not in session

    code = (await mini.act(person, "phone-code"))["code"]
    status, given = await mini.ask("POST", "/phone-number", {"openid": session["openid"], "code": code})
    assert status == 200
    assert given["phone_number"].startswith("+861")
    await resolve(uows, tenant_id, key_ring)

    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT namespace, canonical_id FROM identity WHERE tenant_id = :t", {"t": tenant_id}
        )
        identities = list(rows)
        (sealed,) = (
            await uow.execute("SELECT key_sealed FROM mini_session WHERE tenant_id = :t", {"t": tenant_id})
        ).scalars()
    assert {row.namespace for row in identities} == {"openid", "unionid", "phone"} - (
        set() if session["unionid"] else {"unionid"}
    )
    assert len({row.canonical_id for row in identities}) == 1
    assert len(bytes(sealed)) > 24, "the session key is sealed"
    _, shown = await mini.ask("GET")
    assert shown["people"] == 1


async def who_gives_their_number(sandbox: Sandbox) -> int:
    for person in range(40):
        async with aiohttp.ClientSession() as session:
            address = f"{sandbox.url}/sandbox/people/{person}/phone-code"
            async with session.post(address, json={}) as response:
                if response.status == 200:
                    return person
    raise AssertionError("nobody gives their number away")


async def resolve(uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing) -> None:
    step = Resolve(uows, Resolver(key_ring), NothingFollows())
    while await step.run_once(tenant_id):
        pass


async def test_what_only_the_session_opens(server: str, sandbox: Sandbox) -> None:
    mini = await connect(server, sandbox)
    session = await mini.logged_in(8)
    sealed = await mini.act(8, "open-data", kind="user_info")
    body = {"openid": session["openid"], "encrypted_data": sealed["encryptedData"], "iv": sealed["iv"]}

    status, opened = await mini.ask("POST", "/open-data", body)
    assert (status, opened["data"]["openId"]) == (200, session["openid"])
    assert (await mini.ask("POST", "/session", {"openid": session["openid"]})) == (200, {"valid": True})
    stranger = {**body, "openid": "o" + "x" * 27}
    status, problem = await mini.ask("POST", "/open-data", stranger)
    assert (status, problem["code"]) == (404, "channels.no_session")


async def test_a_used_code_changes_nothing(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    mini = await connect(server, sandbox)
    code = (await mini.act(9, "login"))["code"]
    await mini.ask("POST", "/login", {"code": code})

    status, problem = await mini.ask("POST", "/login", {"code": code})

    assert (status, problem["code"], problem["details"]["errcode"]) == (409, "wechat.refused", 40163)
    assert [row.name for row in await logged(uows, tenant_id)] == ["wechat.mini_program.logged_in"]


async def test_an_app_id_is_one_kind_of_account(server: str, sandbox: Sandbox) -> None:
    mini = await connect(server, sandbox)
    body = credentials(sandbox, mini.account)

    status, problem = await call("POST", f"{server}/api/v1/channels/official-accounts", body)

    assert (status, problem["code"]) == (409, "channels.app_id_taken")
    _, listed = await call("GET", f"{server}/api/v1/channels/official-accounts")
    assert listed["items"] == []
    assert (await call("GET", f"{server}{BASE}/oac_1"))[0] == 422
    # The address of one product is no address of the other.
    url = mini.connected["setup"]["url"].replace("/mini-program/", "/official-account/")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 404


async def test_quotas_are_those_of_mini_programs(server: str, sandbox: Sandbox) -> None:
    mini = await connect(server, sandbox)

    status, quotas = await mini.ask("GET", "/quotas")

    assert status == 200
    assert "/cgi-bin/message/subscribe/send" in {quota["path"] for quota in quotas["items"]}
    assert "/cgi-bin/menu/create" not in {quota["path"] for quota in quotas["items"]}
