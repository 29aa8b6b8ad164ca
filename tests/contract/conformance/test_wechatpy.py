"""wechatpy 1.8.18, unmodified, against the sandbox: every method it offers, or why not."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from wechatpy import WeChatClient
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.oauth import WeChatOAuth

from contract.conformance import wechatpy_accounts, wechatpy_messages, wechatpy_things
from contract.conformance.cases import Build, OutOfScope, Recorder, called, recorded
from contract.conformance.platform import Platform
from contract.conformance.program import python_sdk
from contract.conformance.sdk_runs import Runner

# Objects of the SDK whose whole products the sandbox does not play.
OTHER_PRODUCTS = {
    "card": "cards (卡券), which can no longer be published",
    "cloud": "cloud development: databases and functions run by the platform",
    "device": "devices of the internet of things",
    "invoice": "electronic invoices",
    "marketing": "advertisement sources, a product of its own",
    "merchant": "the first WeChat shop (微信小店), retired by the platform",
    "poi": "stores on the map, retired by the platform",
    "scan": "scanned goods (微信扫一扫), retired by the platform",
    "semantic": "semantic search, retired by the platform",
    "shakearound": "shake around, retired by the platform",
    "wifi": "WeChat Wi-Fi, retired by the platform",
}
TABLE: dict[str, Build | OutOfScope] = {
    **wechatpy_accounts.PEOPLE,
    **wechatpy_accounts.MENUS,
    **wechatpy_accounts.CODES,
    **wechatpy_accounts.OAUTH,
    **wechatpy_accounts.STATISTICS,
    **wechatpy_messages.SERVICE_MESSAGES,
    **wechatpy_messages.TEMPLATES,
    **wechatpy_messages.MASS,
    **wechatpy_messages.STAFF,
    **wechatpy_things.MEDIA,
    **wechatpy_things.MATERIAL,
    **wechatpy_things.COMMENTS,
    **wechatpy_things.MINI_PROGRAM,
}
_ATTRIBUTES = {"appid", "secret", "session", "access_token"}  # What every object hands on from the client.


@pytest.fixture(scope="module")
def runner(platform: Platform, files: Path, saving: bool) -> Iterator[Runner]:
    with python_sdk(platform, "wechatpy") as program:
        yield Runner(platform, program, files, Recorder("wechatpy", called(TABLE), saving))


@pytest.mark.parametrize("method", called(TABLE))
def test_call(method: str, runner: Runner) -> None:
    build = TABLE[method]
    assert not isinstance(build, OutOfScope)
    runner.run(method, build)


def offered() -> set[str]:
    """Return every public method of the SDK's client, of its objects, and of its web authorization."""
    client = WeChatClient("wx0", "secret", access_token="none")
    names = {
        name for name in _public(WeChatClient) if not isinstance(getattr(WeChatClient, name), BaseWeChatAPI)
    }
    names |= {f"oauth.{name}" for name in _public(WeChatOAuth)}
    for owner, api in inspect.getmembers(client, lambda one: isinstance(one, BaseWeChatAPI)):
        if owner not in OTHER_PRODUCTS:
            names |= {f"{owner}.{name}" for name in _public(type(api)) - _ATTRIBUTES}
    return names


def _public(kind: type) -> set[str]:
    callables = inspect.getmembers(kind, lambda one: inspect.isroutine(one) or isinstance(one, property))
    return {name for name, _ in callables if not name.startswith("_")}


def test_no_offered_method_is_left_out(saving: bool) -> None:
    assert set(TABLE) == offered()
    assert saving or set(recorded("wechatpy")) == set(called(TABLE))
    assert all(isinstance(getattr(WeChatClient, name), BaseWeChatAPI) for name in OTHER_PRODUCTS)
