"""Roles of people who are signed in: read with the session, at every request."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from quanyu.app.api import session
from quanyu.infra import web
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import ALL, ROLES, Permission, Role
from quanyu.modules.tenants.service import Tenants

KEY = {"name": "Shop", "source": "shop"}
Become = Callable[..., Awaitable[None]]


@pytest.fixture
async def browser(
    uows: UnitOfWorkFactory, tenant_id: TenantId, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """The machine's owner, signed in by the one-time link."""
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        brand = await tenants.get_brand(uow)
        code = await tenants.make_login_code(uow, await tenants.ensure_user(uow, "admin"))
    app = FastAPI()
    known = session.authenticator(tenants, uows, "local-token", brand, public_url="http://inside:8080")
    web.install(app, authenticate=known, uows=uows)
    app.include_router(session.router(tenants, uows, SystemClock(), "http://inside:8080"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8080") as client:
        assert (await client.get("/login", params={"code": code})).status_code == 303
        yield client


@pytest.fixture
def become(uows: UnitOfWorkFactory, tenant_id: TenantId) -> Become:
    """Change who the signed-in account is."""

    async def change(role: str, *, state: str = "active", permissions: tuple[str, ...] = ()) -> None:
        async with uows.app(tenant_id) as uow:
            await uow.execute(
                "UPDATE user_account SET role = :role, state = :state WHERE tenant_id = :tenant",
                {"role": role, "state": state, "tenant": tenant_id},
            )
            if role not in set(Role):
                await uow.execute(
                    "INSERT INTO custom_role (tenant_id, key, name, permissions, changed_at) "
                    "VALUES (:tenant, :key, '夜班', :permissions, :now)",
                    {
                        "tenant": tenant_id,
                        "key": role,
                        "permissions": list(permissions),
                        "now": uow.clock.now(),
                    },
                )

    return change


async def test_the_login_link_of_the_machine_is_the_owners(browser: httpx.AsyncClient) -> None:
    seen = (await browser.get("/api/v1/session")).json()
    assert seen["user"]["role"] == "owner"
    assert set(seen["permissions"]) == set(ALL)


async def test_a_changed_role_counts_from_the_next_request(
    browser: httpx.AsyncClient, become: Become
) -> None:
    assert (await browser.post("/api/v1/settings/tracking", json=KEY)).status_code == 201
    await become(Role.AUDITOR)

    refused = await browser.post("/api/v1/settings/tracking", json=KEY)

    assert (refused.status_code, refused.json()["code"]) == (403, "access.forbidden")
    assert refused.json()["details"] == {"permission": "settings.write"}
    assert "settings.write" in refused.json()["detail"]
    assert "修改设置" in refused.json()["detail_zh"]
    tracking = await browser.get("/api/v1/settings/tracking")
    assert [one["name"] for one in tracking.json()["write_keys"]] == ["Shop"]  # And no second one was made.
    assert set((await browser.get("/api/v1/session")).json()["permissions"]) == ROLES[Role.AUDITOR]


async def test_a_role_of_the_brand_allows_what_is_stored_for_it(
    browser: httpx.AsyncClient, become: Become
) -> None:
    await become("night", permissions=("settings.write", "gone.with_an_old_release"))

    assert (await browser.get("/api/v1/session")).json()["permissions"] == [Permission.SETTINGS_WRITE]
    assert (await browser.post("/api/v1/settings/tracking", json=KEY)).status_code == 201
    assert (await browser.get("/api/v1/settings/tracking")).status_code == 403


async def test_a_role_nobody_knows_allows_nothing(browser: httpx.AsyncClient, become: Become) -> None:
    await become("night", permissions=())
    assert (await browser.get("/api/v1/settings/tracking")).status_code == 403


async def test_a_disabled_account_is_signed_out_and_no_link_lets_it_in(
    browser: httpx.AsyncClient, become: Become, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        code = await tenants.make_login_code(uow, await tenants.ensure_user(uow, "admin"))
    await become(Role.OWNER, state="disabled")

    assert (await browser.get("/api/v1/session")).status_code == 401
    refused = await browser.get("/login", params={"code": code})
    assert refused.headers["location"] == "/?login=expired"


async def test_who_runs_the_machine_gets_the_account_back(
    browser: httpx.AsyncClient, become: Become, uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    await become(Role.STAFF, state="disabled")
    async with uows.app(tenant_id) as uow:
        user = await Tenants().ensure_user(uow, "admin")
    assert (user.role, user.permissions) == (Role.OWNER, ALL)
    assert (await browser.get("/api/v1/session")).status_code == 200
