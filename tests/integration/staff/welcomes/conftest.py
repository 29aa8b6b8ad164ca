"""A sandbox with one corp for all tests of a module; a brand of its own for each."""

from collections.abc import AsyncIterator, Iterator

import pytest

from contract.wecom.corp import Corp as SandboxCorp
from contract.wecom.corp import running_corp
from integration.channels.corps import CorpSide
from integration.staff.welcomes.world import Neighbours, World
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import Clock, SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.door import CallbackDoor
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import ConnectCorp
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.staff.welcomes.hook import WelcomeHook
from quanyu.modules.staff.welcomes.journal import Journal
from quanyu.modules.staff.welcomes.media import MediaLibrary
from quanyu.modules.staff.welcomes.preparing import Preparation, Sources
from quanyu.modules.staff.welcomes.sender import WelcomeSender
from quanyu.modules.staff.welcomes.service import Welcomes
from quanyu.modules.staff.welcomes.trial import Trials
from quanyu.wechat.transport import Timeouts, Transport, open_transport


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxCorp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """The sandbox's own: a code lives twenty real seconds."""
    return SystemClock()


@pytest.fixture(scope="module")
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@pytest.fixture
async def world(
    sandbox: SandboxCorp,
    database: Database,
    uows: UnitOfWorkFactory,
    key_ring: KeyRing,
    transport: Transport,
    tenant_id: TenantId,
    clock: Clock,
) -> AsyncIterator[World]:
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")
    clients, corps, neighbours = CorpClients(uows, key_ring, transport), Corps(), Neighbours()
    sources = Sources(codes=neighbours, staff=neighbours, zones=neighbours)
    sender = WelcomeSender(uows, key_ring, clients, Preparation(key_ring, clients, sources), neighbours)
    log = Log()
    intake = Intake(log, Collector(log, database.connect_system, clock), key_ring)
    channels = Channels(
        key_ring, AccountClients(uows, key_ring, transport), transport, public_url="https://brand.example.com"
    )
    async with CallbackLog(
        database.connect_system, clock, seal=intake.seal, append=log.append, announce=log.announce
    ) as callback_log:
        door = CallbackDoor(
            uows=uows,
            keyring=key_ring,
            clock=clock,
            new_event=IntakeEvent,
            keeper=callback_log,
            hooks=[WelcomeHook(key_ring, wake=sender.wake)],
        )
        command = ConnectCorp(
            corp_id=sandbox.id,
            agent_id=sandbox.agent_id,
            app_secret=sandbox.secret("app"),
            base_url=f"{sandbox.url}/qyapi.weixin.qq.com",
        )
        async with uows.app(tenant_id) as uow:
            connected = await CorpDesk(channels, key_ring, corps, clients, transport).connect(uow, command)
        journal = Journal(neighbours, neighbours)
        yield World(
            tenant_id=tenant_id,
            uows=uows,
            keyring=key_ring,
            sandbox=sandbox,
            side=CorpSide(door, connected),
            clients=clients,
            neighbours=neighbours,
            sender=sender,
            welcomes=Welcomes(corps, journal, neighbours),
            journal=journal,
            trials=Trials(key_ring, corps, neighbours, staff=neighbours, customers=neighbours),
            library=MediaLibrary(uows, clients),
        )
