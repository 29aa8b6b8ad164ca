"""The whole application in this process, over a brand with some history."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.segments.world import Brand, build_brand, happened, order
from quanyu.app.application import build_app
from quanyu.app.settings import Settings
from quanyu.app.wiring import Services, build_services
from quanyu.infra.crypto import KeyRing
from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock, SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.tags.contracts import NewTag, SaveTagGroup


@dataclass
class Shop:
    """A brand, its services and its whole application."""

    brand: Brand
    services: Services
    app: Any
    token: str  # Of its owner.
    vip: str  # The tag.

    def client(self, token: str = "") -> httpx.AsyncClient:
        """Return a client that calls the application in this process."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {token or self.token}"}
        return httpx.AsyncClient(transport=transport, base_url="http://inside", headers=headers)

    async def call(
        self, path: str, body: Any = None, *, method: str = "POST", token: str = ""
    ) -> tuple[int, Any]:
        """Return (status, JSON)."""
        async with self.client(token) as client:
            answer = await client.request(method, path, json=body)
            return answer.status_code, answer.json() if answer.content else None

    async def sign_in(self, role: str) -> str:
        """Return the session of somebody with a role."""
        async with self.services.uows.app(self.brand.tenant) as uow:
            user = await self.services.tenants.ensure_user(uow, role)
            code = await self.services.tenants.make_login_code(uow, user)
            await uow.execute(
                "UPDATE user_account SET role = :role WHERE tenant_id = :tenant AND name = :role",
                {"role": role, "tenant": self.brand.tenant},
            )
        return await self.services.tenants.login(self.services.uows, code)


@pytest.fixture
async def shop(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
    tmp_path: Path,
) -> AsyncIterator[Shop]:
    """Three people: one bought twice and lives in 杭州, one only looked, one follows."""
    brand = build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    now = SystemClock().now()
    clock.advance(now - clock.now())
    await brand.tell(
        happened("Identify", "u-1", now, kind="identify", traits={"city": "杭州"}),
        happened("Identify", "u-2", now, kind="identify", traits={"city": "上海"}),
        order("u-1", "A-1", now - timedelta(days=2), [("300", "1")]),
        order("u-1", "A-2", now - timedelta(days=1), [("250", "1")]),
        happened("Product Viewed", "u-2", now - timedelta(days=1), properties={"name": "龙井"}),
        happened("wechat.official_account.followed", "u-3", now - timedelta(days=1)),
    )
    settings = Settings(data=DataDirectory(tmp_path), clock=SystemClock(), model_hosts=("127.0.0.1",))
    async with build_services(settings, database, warehouse, key_ring) as services:
        async with services.uows.app(tenant_id) as uow:
            group = await services.person_tags.add_group(uow, SaveTagGroup(name="等级"))
            vip = await services.person_tags.add_tag(uow, NewTag(group=group, name="VIP"), actor="test")
            shown = await services.tenants.get_brand(uow)
        made = Shop(brand, services, build_app(services, shown), "", vip)
        made.token = await made.sign_in("owner")
        yield made
