"""Connecting and checking accounts, over HTTP where there is a door."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI, Request

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL
from quanyu.modules.channels import pages
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.door import PATH
from quanyu.modules.channels.health.refusals import RefusalNotes, list_refusals
from quanyu.modules.channels.routes import router
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.token_store import PostgresTokenStore
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Transport

from .conftest import Door

BASE = "/api/v1/channels/official-accounts"


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
    sockets[0].listen(100)  # So that whoever connects waits until the server takes it.
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    channels = Channels(key_ring, clients, transport, public_url=url, on_change=door.forget_accounts)
    app = FastAPI()
    web.install(app, authenticate=authenticate, uows=uows)
    app.include_router(router(channels))
    app.include_router(pages.router(clients))
    app.mount(PATH, door)
    config.app = app
    serving = asyncio.create_task(uvicorn_server.serve(sockets=sockets))
    yield url
    uvicorn_server.should_exit = True
    await serving


async def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as response:
        return response.status, await response.json(content_type=None)


def credentials(sandbox: Sandbox, **changes: str) -> dict[str, str]:
    return {
        "app_id": sandbox.account["appid"],
        "app_secret": sandbox.account["secret"],
        "token": sandbox.account["token"],
        "encoding_aes_key": sandbox.account["aes_key"],
        "base_url": sandbox.url,
        "name": "青山茶食",
        **changes,
    }


async def checks_of(server: str, account_id: str) -> dict[str, bool | None]:
    status, answer = await call("POST", f"{server}{BASE}/{account_id}/check")
    assert status == 200
    return {check["name"]: check["ok"] for check in answer["checks"]}


async def test_connect_point_the_platform_at_us_and_receive(server: str, sandbox: Sandbox) -> None:
    """The whole way in: connect, verification by the platform, a follow through the real door."""
    status, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    assert status == 201
    account = connected["account"]
    assert "secret" not in str(account)

    verified = await sandbox.control(
        "PUT", f"/accounts/{sandbox.account['appid']}", {"callback_url": connected["setup"]["url"]}
    )
    assert verified["verified"] is True
    await sandbox.follow(4)
    while (await sandbox.control("GET", "/idle"))["callbacks_pending"]:
        pass

    status, shown = await call("GET", f"{server}{BASE}/{account['id']}")
    assert status == 200
    assert shown["last_callback_at"] is not None
    assert await checks_of(server, account["id"]) == {
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
    await sandbox.control("PUT", f"/accounts/{sandbox.account['appid']}", {"callback_url": ""})


async def test_a_wrong_secret_is_found(server: str, sandbox: Sandbox) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox, app_secret="0" * 32))

    found = await checks_of(server, connected["account"]["id"])

    assert (found["api_reachable"], found["credentials"], found["ip_allow_list"]) == (True, False, None)


async def test_a_missing_allow_list_entry_is_found(server: str, sandbox: Sandbox) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    await sandbox.fault("/cgi-bin/stable_token", errcode=40164, times=1)

    found = await checks_of(server, connected["account"]["id"])

    assert (found["api_reachable"], found["credentials"], found["ip_allow_list"]) == (True, None, False)


async def test_the_check_names_the_address_to_allow(server: str, sandbox: Sandbox) -> None:
    """The platform's words: ``invalid ip x.x.x.x ipv6 ::ffff:x.x.x.x, not in whitelist``."""
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    await sandbox.fault("/cgi-bin/stable_token", errcode=40164, times=1)

    _, answer = await call("POST", f"{server}{BASE}/{connected['account']['id']}/check")

    (finding,) = [check for check in answer["checks"] if check["name"] == "ip_allow_list"]
    assert "127.0.0.1" in finding["detail_zh"]
    assert "127.0.0.1" in finding["detail_en"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"token": "anotherToken123"}, "Token"), ({"encoding_aes_key": "A" * 43}, "EncodingAESKey")],
    ids=["token", "key"],
)
async def test_a_token_or_key_that_differs_is_found_by_what_comes_in(
    change: dict[str, str],
    words: str,
    server: str,
    sandbox: Sandbox,
    notes: RefusalNotes,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
) -> None:
    """The platform signs and encrypts with its own; we see what does not fit, and say which to compare."""
    appid = sandbox.account["appid"]
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    await sandbox.control("PUT", f"/accounts/{appid}", {"callback_url": connected["setup"]["url"]})
    await call("POST", f"{server}{BASE}", credentials(sandbox, **change))
    await sandbox.follow(5)
    # The first delivery tells; the platform repeats it for many seconds more.
    async with asyncio.timeout(20):
        while not await summed(notes, uows, tenant_id, connected["account"]["id"]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await sandbox.control("PUT", f"/accounts/{appid}", {"callback_url": ""})
    await sandbox.control("POST", "/reset")

    _, answer = await call("POST", f"{server}{BASE}/{connected['account']['id']}/check")

    (accepted,) = [check for check in answer["checks"] if check["name"] == "callbacks_accepted"]
    assert accepted["ok"] is False
    assert words in accepted["detail_zh"]
    assert words in accepted["detail_en"]


async def summed(notes: RefusalNotes, uows: UnitOfWorkFactory, tenant_id: TenantId, account_id: str) -> int:
    await notes.write()
    async with uows.app(tenant_id) as uow:
        return sum(one.count for one in await list_refusals(uow, read_account_id(account_id)))


async def test_an_address_nobody_entered_is_not_a_failure(server: str, sandbox: Sandbox) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))

    found = await checks_of(server, connected["account"]["id"])

    assert found["callback_network"] is None


@pytest.mark.parametrize(("fault", "ok"), [({"errcode": -1}, False), ({"errcode": 40202}, False)])
async def test_a_network_check_that_fails_is_told(
    fault: dict[str, int], ok: bool, server: str, sandbox: Sandbox
) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    await sandbox.fault("/cgi-bin/callback/check", times=1, **fault)

    assert (await checks_of(server, connected["account"]["id"]))["callback_network"] is ok


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (-120, False), (120, False)])
async def test_a_clock_that_is_off_is_found(
    seconds: int, ok: bool, server: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    real = time.time
    monkeypatch.setattr("quanyu.modules.channels.checks.time.time", lambda: real() + seconds)

    found = await checks_of(server, connected["account"]["id"])

    monkeypatch.undo()
    assert found["clock"] is ok


async def test_an_unreachable_platform_is_found(server: str, sandbox: Sandbox) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox, base_url="http://127.0.0.1:9"))

    found = await checks_of(server, connected["account"]["id"])

    assert (found["api_reachable"], found["credentials"], found["ip_allow_list"]) == (False, None, None)


async def test_connecting_again_keeps_the_address_and_replaces_the_secret(
    server: str, sandbox: Sandbox
) -> None:
    _, first = await call("POST", f"{server}{BASE}", credentials(sandbox))
    without = {"app_id": sandbox.account["appid"], "app_secret": "f" * 32, "base_url": sandbox.url}

    status, second = await call("POST", f"{server}{BASE}", without)

    assert status == 201
    assert second["setup"] == first["setup"]
    assert second["account"]["id"] == first["account"]["id"]
    _, listed = await call("GET", f"{server}{BASE}")
    assert [item["id"] for item in listed["items"]] == [first["account"]["id"]]


async def test_token_and_key_are_made_when_left_out(server: str) -> None:
    _, connected = await call(
        "POST", f"{server}{BASE}", {"app_id": "wx0123456789abcdef", "app_secret": "f" * 32}
    )

    assert len(connected["setup"]["token"]) == 32
    assert len(connected["setup"]["encoding_aes_key"]) == 43


@pytest.mark.parametrize(
    "change",
    [
        {"app_id": "nonsense"},
        {"token": "has space"},
        {"encoding_aes_key": "short"},
        {"base_url": "ftp://example.com"},
        {"app_secret": ""},
        {"surprise": "x"},
    ],
)
async def test_bad_credentials_are_refused(change: dict[str, str], server: str, sandbox: Sandbox) -> None:
    status, problem = await call("POST", f"{server}{BASE}", credentials(sandbox, **change))

    assert status == 422
    assert next(iter(change)) in str(problem)
    assert (await call("GET", f"{server}{BASE}"))[1] == {"items": []}


@pytest.mark.parametrize(("account_id", "status"), [("oac_1", 404), ("seg_1", 422)])
async def test_unknown_accounts(account_id: str, status: int, server: str) -> None:
    assert (await call("GET", f"{server}{BASE}/{account_id}"))[0] == status
    assert (await call("POST", f"{server}{BASE}/{account_id}/check"))[0] == status


async def test_secrets_are_sealed_in_the_table(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await call("POST", f"{server}{BASE}", credentials(sandbox))

    async with uows.system(tenant_id) as uow:
        rows = await uow.execute("SELECT * FROM official_account WHERE tenant_id = :t", {"t": tenant_id})
        row = rows.one()
    stored = b"".join(value for value in row if isinstance(value, bytes)) + str(row).encode()
    for name in ("secret", "token", "aes_key"):
        assert sandbox.account[name].encode() not in stored


async def test_the_token_store_is_a_single_flight(
    server: str, sandbox: Sandbox, uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing
) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    account_id = read_account_id(connected["account"]["id"])
    store = PostgresTokenStore(uows, key_ring, tenant_id, account_id)
    token = AccessToken("T", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))

    assert await store.find() is None
    assert await store.take_lease("a", seconds=30)
    assert not await store.take_lease("b", seconds=30)
    await store.save("b", token)
    assert await store.find() is None, "who lost the lease writes nothing"
    await store.save("a", token)
    assert await store.find() == token
    assert await store.take_lease("b", seconds=-1)
    assert await store.take_lease("c", seconds=30), "a lease that ran out is free"
    await store.give_lease_back("c")
    assert await store.take_lease("d", seconds=30)


async def test_a_page_of_the_brand_is_signed_with_one_ticket_for_all(server: str, sandbox: Sandbox) -> None:
    _, connected = await call("POST", f"{server}{BASE}", credentials(sandbox))
    address = f"{server}{BASE}/{connected['account']['id']}/pages/sign"
    url = "https://shop.example/tea?id=1"

    status, config = await call("POST", address, {"url": f"{url}#top"})
    again = [await call("POST", address, {"url": url}) for _ in range(3)]

    assert status == 200
    assert config["appId"] == sandbox.account["appid"]
    assert {answer for answer, _ in again} == {200}
    checked = await sandbox.control(
        "POST",
        f"/accounts/{sandbox.account['appid']}/check-page",
        {
            "url": url,
            "noncestr": config["nonceStr"],
            "timestamp": str(config["timestamp"]),
            "signature": config["signature"],
        },
    )
    assert checked["accepted"] is True
    assert (await call("POST", address, {"url": "javascript:alert(1)"}))[0] == 422
