"""Both sides of linked tags: a brand of ours, an account and a company in sandboxes."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from contract.wecom.corp import Corp as SandboxCorp
from contract.wecom.corp import running_corp
from integration.staff.conftest import insert_corp
from integration.tag_mirroring.world import World
from integration.tags.conftest import Desk, desk
from quanyu.infra.crypto import KeyRing
from quanyu.kernel.clock import FixedClock
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import ConnectOfficialAccount
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.wechat.transport import Timeouts, Transport, open_transport

__all__ = ["desk"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(people=40) as running:
        yield running


@pytest.fixture(scope="module")
def corp_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxCorp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture(scope="module")
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@pytest.fixture
async def world(
    desk: Desk,
    sandbox: Sandbox,
    corp_sandbox: SandboxCorp,
    transport: Transport,
    key_ring: KeyRing,
    clock: FixedClock,
) -> World:
    for running in (sandbox, corp_sandbox):
        await running.control("POST", "/reset")
        await running.control("DELETE", "/faults")
    clock.advance(datetime.now(UTC) - clock.now())
    uows, tenant = desk.brand.uows, desk.brand.tenant
    clients = AccountClients(uows, key_ring, transport)
    channels = Channels(key_ring, clients, transport, public_url="https://brand.example.com")
    command = ConnectOfficialAccount(
        app_id=sandbox.account["appid"], app_secret=sandbox.account["secret"], base_url=sandbox.url
    )
    async with uows.app(tenant) as uow:
        account_id = read_account_id((await channels.connect(uow, command)).account.id)
    corp = await insert_corp(uows, tenant, key_ring, app_id=corp_sandbox.id)
    world = World(
        desk, sandbox, account_id, corp, corp_sandbox, transport, channels=channels, clients=clients
    )
    return await world.begin()
