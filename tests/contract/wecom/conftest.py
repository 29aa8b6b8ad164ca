"""A running sandbox with one corp, and a client for each of its secrets."""

from collections.abc import AsyncIterator, Iterator

import pytest

from contract.wecom.corp import Corp, running_corp
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from quanyu.wechat.wecom.client import WeComClient


@pytest.fixture(scope="session")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corp]:
    with running_corp(tmp_path_factory.mktemp("corp")) as running:
        yield running


@pytest.fixture(autouse=True)
async def fresh_corp(corp: Corp) -> None:
    await corp.control("POST", "/reset")
    await corp.control("DELETE", "/faults")


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@pytest.fixture
def app(corp: Corp, transport: Transport) -> WeComClient:
    return corp.client(transport, "app")


@pytest.fixture
def contacts(corp: Corp, transport: Transport) -> WeComClient:
    return corp.client(transport, "contacts")


@pytest.fixture
def customers(corp: Corp, transport: Transport) -> WeComClient:
    return corp.client(transport, "customers")


@pytest.fixture
def kf(corp: Corp, transport: Transport) -> WeComClient:
    return corp.client(transport, "kf")
