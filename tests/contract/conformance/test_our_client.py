"""Our own client against the sandbox: every call it declares, as the SDKs make theirs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.conformance import our_messages, our_mini_program, our_official_account
from contract.conformance.cases import (
    Build,
    Case,
    OutOfScope,
    Recorder,
    called,
    check,
    paths_reached,
    recorded,
)
from contract.conformance.platform import Platform
from contract.conformance.world import World
from contract.official_account.conftest import MemoryTokenStore
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.catalogue import DeclaredCall, all_calls
from quanyu.wechat.client import Credentials, PlatformClient
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.transport import Timeouts, Transport, open_transport

# The calls of official accounts and mini programs; those of 微信支付 are signed, WeCom has another platform.
CALLS: dict[str, DeclaredCall] = {
    f"{one.family}.{one.name}": one for one in all_calls() if one.product not in ("pay", "wecom")
}
TABLE: dict[str, Build | OutOfScope] = {
    **our_official_account.MANAGEMENT,
    **our_messages.MESSAGES,
    **our_messages.NOTICES,
    **our_official_account.MENUS,
    **our_official_account.PEOPLE,
    **our_official_account.STAFF,
    **our_official_account.STATISTICS,
    **our_official_account.THINGS,
    **our_mini_program.LOGIN,
    **our_mini_program.CODES,
    **our_mini_program.MESSAGES,
    **our_mini_program.SECURITY,
    **our_mini_program.SHIPPING,
    **our_mini_program.ANALYSIS,
}


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with open_transport(Timeouts(connect_s=1, read_s=5, total_s=10)) as opened:
        yield opened


@pytest.mark.parametrize("name", called(TABLE))
async def test_call(name: str, platform: Platform, transport: Transport, files: Path, saving: bool) -> None:
    build = TABLE[name]
    assert not isinstance(build, OutOfScope)
    platform.forget()
    with World(platform, files) as world:
        case = build(world)
        before = platform.calls()
        result = await make(CALLS[name], case, platform, transport)
        reached = paths_reached(platform, before)
        check(result, case)
    Recorder("quanyu", called(TABLE), saving).note(name, reached)


async def make(declared: DeclaredCall, case: Case, platform: Platform, transport: Transport) -> Any:
    """Make a call with a client of its own and return the answer as plain data."""
    account = getattr(platform, case.account)
    credentials = Credentials(app_id=account["appid"], secret=account["secret"], base_url=platform.url)
    client = PlatformClient(transport, credentials, MemoryTokenStore(), SystemClock(), holder="test")
    (given,) = case.arguments
    request = (
        msgspec.convert(given, declared.call.request, builtin_types=(bytes,))
        if isinstance(given, dict)
        else given
    )
    try:
        answer = await client.call(declared.call, request)
    except PlatformRefusal as error:
        if error.errcode != case.refused:
            raise
        return None
    return plain(answer)


def plain(value: Any) -> Any:
    """Return an answer as plain data, with every field, also those at their default."""
    if isinstance(value, msgspec.Struct):
        return {one.encode_name: plain(getattr(value, one.name)) for one in msgspec.structs.fields(value)}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def test_every_declared_call_is_made(saving: bool) -> None:
    assert set(TABLE) == set(CALLS)
    assert saving or set(recorded("quanyu")) == set(called(TABLE))
