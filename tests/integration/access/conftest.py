"""Browsers of several members of one brand, in front of the rooms of access control."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from quanyu.app.access import install_access
from quanyu.app.api import session
from quanyu.infra import web
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Role
from quanyu.modules.tenants.service import Tenants

URL = "http://inside:8080"
PASSWORD = "龙井 桂花 松子 夜雨"
Open = Callable[[], Awaitable[httpx.AsyncClient]]
Join = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def door(uows: UnitOfWorkFactory, tenant_id: TenantId) -> FastAPI:
    """The routes of access control, with the real sign-in."""
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        brand = await tenants.get_brand(uow)
    app = FastAPI()
    known = session.authenticator(tenants, uows, "local-token", brand, public_url=URL)
    web.install(app, authenticate=known, uows=uows)
    app.include_router(session.router(tenants, uows, SystemClock(), URL))
    for routes in install_access(app, uows, tenants, public_url=URL):
        app.include_router(routes)
    return app


@pytest.fixture
async def stranger(door: FastAPI) -> AsyncIterator[Open]:
    """Open browsers of people who are not signed in."""
    async with AsyncExitStack() as stack:

        async def make() -> httpx.AsyncClient:
            return await stack.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url=URL)
            )

        yield make


@pytest.fixture
async def owner(stranger: Open, uows: UnitOfWorkFactory, tenant_id: TenantId) -> httpx.AsyncClient:
    """The machine's owner, signed in by the one-time link."""
    tenants = Tenants()
    async with uows.app(tenant_id) as uow:
        code = await tenants.make_login_code(uow, await tenants.ensure_user(uow, "admin"))
    client = await stranger()
    assert (await client.get("/login", params={"code": code})).status_code == 303
    return client


@pytest.fixture
def join(owner: httpx.AsyncClient, stranger: Open) -> Join:
    """Invite somebody and join as them."""

    async def joined(email: str, role: str = Role.OPERATOR, **more: Any) -> httpx.AsyncClient:
        link = await invite(more.get("by", owner), email, role)
        client = await stranger()
        sent = {"code": code_of(link["url"]), "name": email.split("@")[0], "password": PASSWORD}
        answer = await client.post("/api/v1/join", json=sent)
        assert answer.status_code == 204, answer.text
        return client

    return joined


async def invite(client: httpx.AsyncClient, email: str, role: str) -> dict[str, str]:
    """Invite somebody; return the link."""
    answer = await client.post("/api/v1/members", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    link: dict[str, str] = answer.json()
    return link


def code_of(url: str) -> str:
    """Return the code a link carries."""
    return url.partition("code=")[2]


async def id_of(client: httpx.AsyncClient) -> str:
    """Return the id of who is signed in."""
    return str((await client.get("/api/v1/session")).json()["user"]["id"])
