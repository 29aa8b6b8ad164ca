"""Who may act: sessions, pages of other sites, names a write key may not take; odd paths of the console."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from quanyu.app.api import console, session
from quanyu.infra import web
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants, WriteKeys

PUBLIC = "https://quanyu.example"
KEY = {"name": "Shop", "source": "shop"}


@pytest.fixture
async def browser(
    uows: UnitOfWorkFactory, tenant_id: TenantId, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in, behind a proxy that keeps the host's name."""
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        brand = await tenants.get_brand(uow)
        code = await tenants.make_login_code(uow, await tenants.ensure_user(uow, "admin"))
    app = FastAPI()
    known = session.authenticator(tenants, uows, "local-token", brand, public_url=PUBLIC)
    web.install(app, authenticate=known, uows=uows)
    app.include_router(session.router(tenants, uows, SystemClock(), "http://inside:8080"))
    app.include_router(console.router(tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8080") as client:
        assert (await client.get("/login", params={"code": code})).status_code == 303
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": PUBLIC},
        {"origin": "http://inside:8080"},
        {"origin": PUBLIC},
    ],
)
async def test_our_own_pages_may_act(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await browser.post("/api/v1/settings/tracking", json=KEY, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-site", "origin": "http://inside:9000"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://inside:9000"},
        {"origin": "null"},
    ],
)
async def test_pages_of_others_may_not(browser: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await browser.post("/api/v1/settings/tracking", json=KEY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "quanyu.foreign_page")
    assert (await browser.get("/api/v1/settings/tracking", headers=headers)).json()["write_keys"] == []


async def test_a_program_with_the_token_is_no_page(browser: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer local-token", "origin": "http://elsewhere"}
    answer = await browser.post("/api/v1/settings/tracking", json=KEY, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("source", ["quanyu", " quanyu ", "official_account:wx1"])
async def test_a_write_key_cannot_speak_for_the_platform(browser: httpx.AsyncClient, source: str) -> None:
    answer = await browser.post("/api/v1/settings/tracking", json={"name": "Shop", "source": source})
    assert answer.status_code == 422
    assert (await browser.get("/api/v1/settings/tracking")).json()["write_keys"] == []


async def test_a_path_no_file_can_have_is_not_found(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/assets/%00.js")).status_code == 404


async def test_what_cannot_be_a_write_key_is_not_remembered(uows: UnitOfWorkFactory) -> None:
    keys = WriteKeys(uows)
    assert await keys.find_owner("x" * 100_000, monotonic_s=0.0) is None
    assert not keys._known


async def test_the_command_line_may_name_a_brand_and_nobody_else(
    browser: httpx.AsyncClient, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    key = f"second-{tenant_id}"
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (:id, :key, '第二', :now)",
            {"id": tenant_id + 100_000, "key": key, "now": uow.clock.now()},
        )
    local = {"authorization": "Bearer local-token"}

    async def brand_of(headers: dict[str, str]) -> str:
        answer = await browser.get("/api/v1/session", headers=headers)
        return str(answer.json()["brand"]["name"])

    assert await brand_of(local) == f"Brand {tenant_id}"
    assert await brand_of({**local, "quanyu-brand": key}) == "第二"
    assert await brand_of({"quanyu-brand": key}) == f"Brand {tenant_id}"
    unknown = await browser.get("/api/v1/session", headers={**local, "quanyu-brand": "nobody"})
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "no brand has the key 'nobody'")
