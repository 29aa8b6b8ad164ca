"""A running sandbox, its first merchant, and clients of it in both verification modes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox, running_sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.pay.client import MerchantKeys, PayClient
from quanyu.wechat.pay.keys import MemoryCertificateStore
from quanyu.wechat.transport import Timeouts, Transport, open_transport


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
    async with open_transport(Timeouts(connect_s=5, read_s=10, total_s=20)) as opened:
        yield opened


@pytest.fixture
async def merchant(sandbox: Sandbox, fresh_sandbox: None) -> dict[str, Any]:
    """What the sandbox tells a program of its first merchant."""
    (first, *_) = (await sandbox.control("GET", "/merchants"))["items"]
    known: dict[str, Any] = await sandbox.control("GET", f"/merchants/{first['mchid']}")
    return known


@pytest.fixture
async def openid(sandbox: Sandbox, fresh_sandbox: None) -> str:
    return await sandbox.follow(1)


def keys_of(sandbox: Sandbox, merchant: dict[str, Any], *, public_key: bool) -> MerchantKeys:
    return MerchantKeys(
        mch_id=merchant["mchid"],
        serial_no=merchant["serial_no"],
        private_key=merchant["private_key_pem"],
        api_v3_key=merchant["api_v3_key"],
        public_key_id=merchant["public_key_id"] if public_key else "",
        public_key=merchant["public_key_pem"] if public_key else "",
        base_url=sandbox.url,
    )


@pytest.fixture(params=[True, False], ids=["public_key", "certificates"])
def client(
    request: pytest.FixtureRequest, sandbox: Sandbox, merchant: dict[str, Any], transport: Transport
) -> PayClient:
    keys = keys_of(sandbox, merchant, public_key=request.param)
    return PayClient(transport, keys, MemoryCertificateStore(), SystemClock())
