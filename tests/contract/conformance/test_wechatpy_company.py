"""wechatpy 1.8.18's client of companies, unmodified: every method it offers, or why not."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.enterprise import WeChatClient

from contract.conformance.cases import OutOfScope, Recorder, called, check, paths_reached, recorded
from contract.conformance.platform import Platform
from contract.conformance.program import Program, python_sdk
from contract.conformance.wechatpy_company import TABLE
from contract.conformance.worlds.enterprise import CompanyWorld

SDK = "wechatpy-enterprise"
# Objects of the SDK whose whole products the sandbox does not play.
OTHER_PRODUCTS = {
    "OA": "approvals of the office",
    "calendar": "calendars of the office",
    "chat": "the chat API of old, retired by the platform",
    "material": "permanent material, retired by the platform",
    "schedule": "schedules of the office",
    "service": "apps of providers",
    "shakearound": "shake around, retired by the platform",
}
_ATTRIBUTES = {"appid", "secret", "session", "access_token"}  # What every object hands on from the client.


@pytest.fixture(scope="module")
def program(platform: Platform) -> Iterator[Program]:
    with python_sdk(platform, SDK) as running:
        yield running


@pytest.mark.parametrize("method", called(TABLE))
def test_call(method: str, platform: Platform, program: Program, files: Path, saving: bool) -> None:
    platform.forget()
    with CompanyWorld(platform, files) as world:
        case = TABLE[method](world)
        before = platform.calls()
        account = platform.secret_of(case.account)
        result = program.call(account, method, *case.arguments, fresh=True, **case.options)
        reached = paths_reached(platform, before)
        check(result, case)
    Recorder(SDK, called(TABLE), saving).note(method, reached)


def offered() -> set[str]:
    """Return every public method of the SDK's client and of its objects."""
    client = WeChatClient("ww0", "secret", access_token="none")
    names = {
        name for name in _public(WeChatClient) if not isinstance(getattr(WeChatClient, name), BaseWeChatAPI)
    }
    for owner, api in inspect.getmembers(client, lambda one: isinstance(one, BaseWeChatAPI)):
        if owner not in OTHER_PRODUCTS:
            names |= {f"{owner}.{name}" for name in _public(type(api)) - _ATTRIBUTES}
    return names


def _public(kind: type) -> set[str]:
    callables = inspect.getmembers(kind, lambda one: inspect.isroutine(one) or isinstance(one, property))
    return {name for name, _ in callables if not name.startswith("_")}


def test_no_offered_method_is_left_out(saving: bool) -> None:
    assert set(TABLE) == offered()
    assert saving or set(recorded(SDK)) == set(called(TABLE))
    assert not any(isinstance(TABLE[name], OutOfScope) for name in called(TABLE))
