"""A connected company, and the log as subscribers read it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from contract.wecom.corp import Corp as Company
from contract.wecom.corp import running_corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.events.contracts import LogEvent

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
_POSITIONS = count(1)


@dataclass
class Corp:
    """One connected company, and what happens there."""

    tenant_id: TenantId
    corp_id: AccountId
    app_id: str
    keyring: KeyRing
    persons: dict[str, PersonId] = field(default_factory=dict)

    def token(self, customer: str) -> bytes:
        return self.keyring.blind("external_userid", self.app_id, customer)

    def event(
        self,
        name: str,
        userid: str,
        customer: str = "",
        *,
        at: int,
        **properties: Any,
    ) -> LogEvent:
        """Return a callback as the log tells it; ``at`` are seconds after ``START``."""
        happened = START + timedelta(seconds=at)
        context = {"channel": "wecom", "app": self.app_id, "staff": userid}
        if customer:
            context["customer"] = self.token(customer).hex()
        position = next(_POSITIONS)
        return LogEvent(
            position=position,
            person_id=self.persons.get(customer),
            kind="track",
            name=f"wechat.wecom.{name}",
            occurred_at=happened,
            received_at=happened,
            source=f"wecom:{self.app_id}",
            message_id=str(position),
            properties=properties,
            context=context,
        )


async def insert_corp(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    key_ring: KeyRing,
    *,
    app_id: str,
    secret: str = "0123456789abcdef",
    base_url: str = "http://127.0.0.1:1",
    agent_id: int = 1_000_002,
) -> Corp:
    """Leave a company as connecting it leaves it."""
    corp_id = AccountId(new_id())
    sealed = key_ring.seal(secret.encode(), context=b"channels.secret")
    async with uows.system(tenant_id) as uow:
        await uow.execute(
            "INSERT INTO official_account (tenant_id, id, kind, app_id, name, account_key, base_url, "
            "secret_sealed, token_sealed, aes_key_sealed, agent_id, created_at, updated_at) "
            "VALUES (:tenant, :id, 'wecom', :app, '青山茶食', :key, :base_url, "
            ":sealed, :sealed, :sealed, :agent, :now, :now)",
            {
                "tenant": tenant_id,
                "id": corp_id,
                "app": app_id,
                "key": f"k{corp_id}",
                "base_url": base_url,
                "sealed": sealed,
                "agent": agent_id,
                "now": uow.clock.now(),
            },
        )
    return Corp(tenant_id, corp_id, app_id, key_ring)


@pytest.fixture
async def corp(uows: UnitOfWorkFactory, tenant_id: TenantId, key_ring: KeyRing) -> Corp:
    """A company the platform cannot be asked about."""
    return await insert_corp(uows, tenant_id, key_ring, app_id=f"ww{tenant_id:016d}")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_corp(tmp_path_factory.mktemp("company")) as running:
        yield running
