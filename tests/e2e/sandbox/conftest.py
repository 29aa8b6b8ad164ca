"""A sandbox in this process, an account's server that echoes, and a real Chromium on the sandbox's page."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from contract.sandbox.rig import Product, Received, Rig

CHROMIUM = Path(os.environ.get("QUANYU_CHROMIUM", "/usr/bin/chromium"))
# Without the background-networking flags Chromium asks the internet for things at every start.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Two busy cores serve the sandbox, the browser and whatever else runs beside the tests.
expect.set_options(timeout=45_000)


@dataclass
class Echo:
    """The account's own server: greets who follows, and says back what it hears."""

    product: Product
    is_ill: bool = False

    async def answer(self, received: Received) -> web.Response:
        if self.is_ill:
            return web.Response(status=500)
        said = _answer_to(received.message)
        if said is None:
            return web.Response(text="success")
        return self.product.reply(received, {"MsgType": "text", "Content": said})

    def heard(self) -> list[str]:
        """What arrived, in order: the event, or the type of the message."""
        return [one.message.get("Event") or one.message["MsgType"] for one in self.product.received]


def _answer_to(message: dict[str, Any]) -> str | None:
    if message["MsgType"] == "text":
        return f"收到:{message['Content']}"
    return {
        "subscribe": '欢迎光临!<a href="https://shop.example/new">看看新品</a>',
        "CLICK": f"您点了 {message.get('EventKey')}",
        "SCAN": f"您扫了 {message.get('EventKey')}",
    }.get(message.get("Event", ""))


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    product = Product()
    made = Echo(product)
    product.answer = made.answer
    await product.start()
    yield made
    await product.stop()


@pytest.fixture
async def rig(echo: Echo) -> AsyncIterator[Rig]:
    made = Rig(echo.product)
    yield await made.start()
    await made.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium; none at {CHROMIUM} (set QUANYU_CHROMIUM)")
    return CHROMIUM


@pytest.fixture(scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """One headless Chromium for the session."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield launched
        await launched.close()


def _is_trouble(said: ConsoleMessage) -> bool:
    """An act that the sandbox refuses is part of the play; a missing file or a broken policy is not."""
    is_refusal = "/sandbox/people/" in said.location["url"]
    return said.type == "error" and not is_refusal


async def _open(browser: Browser, rig: Rig, **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    context = await browser.new_context(base_url=rig.sandbox.url, locale="zh-CN", **options)
    context.set_default_timeout(45_000)
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
    return context, page, troubles


@pytest.fixture
async def page(browser: Browser, rig: Rig) -> AsyncIterator[Page]:
    """The page on a desk; the test fails on any error in it, a broken content policy among them."""
    context, opened, troubles = await _open(browser, rig, viewport={"width": 1440, "height": 920})
    yield opened
    await context.close()
    assert troubles == []


@pytest.fixture
async def phone(browser: Browser, rig: Rig) -> AsyncIterator[Page]:
    """The page on a phone."""
    context, opened, troubles = await _open(
        browser, rig, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    yield opened
    await context.close()
    assert troubles == []
