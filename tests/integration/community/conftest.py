"""A corp in the sandbox, and the rooms of customer groups on a real database."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.wecom.corp import Corp, running_corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.community.groups.fetcher import GroupFetcher
from quanyu.modules.community.groups.subscribers import GroupSubscriber
from quanyu.modules.community.groups.sync import GroupSync
from quanyu.modules.community.ports import CorpRef
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from quanyu.wechat.wecom.client import WeComClient


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture(scope="module")
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(corp: Corp, transport: Transport) -> WeComClient:
    return corp.client(transport, "app")


@dataclass
class OneCorp:
    """``ports.Corps`` with the sandbox's company."""

    ref: CorpRef
    wire: WeComClient

    async def list(self, uow: UnitOfWork) -> Sequence[CorpRef]:
        return (self.ref,)

    async def client(self, tenant_id: TenantId, account_id: int) -> WeComClient:
        return self.wire


@dataclass(frozen=True)
class Event:
    """An event as subscribers read it."""

    name: str
    context: dict[str, str]
    properties: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    person_id: PersonId | None = None


@pytest.fixture
def corps(corp: Corp, client: WeComClient) -> OneCorp:
    return OneCorp(CorpRef(account_id=7, corp_id=corp.id, name="青山茶食", id="wcp_7"), client)


@pytest.fixture
def now(clock: FixedClock) -> FixedClock:
    """The tests' clock on the sandbox's time."""
    clock.advance(datetime.now(UTC) - clock.now())
    return clock


class NoWays:
    """``WayBook`` of a brand without codes."""

    async def codes_of(self, uow: UnitOfWork, states: Sequence[str]) -> dict[str, int]:
        return {}

    async def group_seen(self, uow: UnitOfWork, group_id: int, states: Sequence[str]) -> None:
        return None

    async def group_changed(self, uow: UnitOfWork, group_id: int) -> None:
        return None


@pytest.fixture
def fetcher(uows: UnitOfWorkFactory, key_ring: KeyRing, corps: OneCorp, now: FixedClock) -> GroupFetcher:
    return GroupFetcher(uows, key_ring, corps, NoWays())


@pytest.fixture
def sync(uows: UnitOfWorkFactory, corps: OneCorp, now: FixedClock) -> GroupSync:
    return GroupSync(uows, corps)


@pytest.fixture
def subscriber(corps: OneCorp) -> GroupSubscriber:
    return GroupSubscriber(corps)
