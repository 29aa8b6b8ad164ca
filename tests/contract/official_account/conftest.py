"""A running sandbox, and clients of its first account."""

from collections.abc import AsyncIterator, Iterator

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Timeouts, Transport, open_transport


class MemoryTokenStore:
    """A token store of one process."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None
        self.holder: str | None = None

    async def find(self) -> AccessToken | None:
        return self.token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        if self.holder is not None:
            return False
        self.holder = holder
        return True

    async def save(self, holder: str, token: AccessToken) -> None:
        if holder == self.holder:
            self.token, self.holder = token, None

    async def give_lease_back(self, holder: str) -> None:
        if holder == self.holder:
            self.holder = None


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
async def fresh_sandbox(sandbox: Sandbox) -> None:
    await sandbox.control("POST", "/reset")
    await sandbox.control("DELETE", "/faults")


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=1, read_s=1, total_s=2)) as opened:
        yield opened


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def client(sandbox: Sandbox, transport: Transport, store: MemoryTokenStore) -> OfficialAccountClient:
    return OfficialAccountClient(transport, sandbox.credentials, store, SystemClock(), holder="test")
