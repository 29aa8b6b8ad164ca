"""A brand with gateways, on the real database."""

from collections.abc import AsyncIterator

import pytest

from contract.sms.conftest import texting
from quanyu.wechat.transport import Timeouts, Transport, open_transport

__all__ = ["texting", "transport"]


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=1, read_s=1, total_s=2)) as opened:
        yield opened
