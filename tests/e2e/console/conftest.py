"""A whole platform in processes of its own, filled the way life fills it, and a browser signed in to it.

It is shared by the tests of this folder alone: its history is ``CALLS`` and one follower in the sandbox. What
a test adds it names in its own way, and nobody counts everything.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from support.platform import scratch_directory, sweep_leftovers
from support.processes import HTTP, Platform, Sandbox, eventually

CHROMIUM = Path(os.environ.get("QUANYU_CHROMIUM", "/usr/bin/chromium"))
DIST = Path(__file__).parents[3] / "web" / "dist" / "index.html"
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
# Two busy cores serve the platform, the browser and whatever else runs beside the tests. What passes never
# waits so long.
PATIENCE_MS = 45_000
expect.set_options(timeout=PATIENCE_MS)

# Three known people, two orders, and one visitor nobody knows.
CALLS: tuple[dict[str, Any], ...] = (
    {
        "type": "identify",
        "userId": "u-1",
        "traits": {"name": "林知夏", "phone": "13812345678", "city": "杭州"},
    },
    {"type": "identify", "userId": "u-2", "traits": {"name": "周明轩", "city": "上海"}},
    {"type": "identify", "userId": "u-3", "traits": {"name": "陈小满", "city": "杭州"}},
    {
        "type": "track",
        "userId": "u-1",
        "event": "Product Viewed",
        "properties": {"product_id": "tea-1", "name": "明前龙井", "price": 128},
    },
    {
        "type": "track",
        "userId": "u-1",
        "event": "Order Completed",
        "properties": {
            "order_id": "SO-1",
            "revenue": 196.5,
            "currency": "CNY",
            "products": [
                {"product_id": "tea-1", "name": "明前龙井", "price": 128.5, "quantity": 1},
                {"product_id": "tea-2", "name": "桂花乌龙", "price": 68, "quantity": 1},
            ],
        },
    },
    {
        "type": "track",
        "userId": "u-2",
        "event": "Order Completed",
        "properties": {
            "order_id": "SO-2",
            "revenue": 50,
            "currency": "CNY",
            "products": [{"product_id": "snack-1", "name": "松子酥", "price": 25, "quantity": 2}],
        },
    },
    {"type": "page", "anonymousId": "anon-1", "name": "春茶上新", "properties": {"path": "/spring"}},
)
_FAILED = pytest.StashKey[bool]()
FOLLOWER = 0  # One more person, who only follows.
PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Console:
    """A running platform as its operator sees it."""

    platform: Platform
    sandbox: Sandbox
    write_key: str
    account_id: str

    @property
    def url(self) -> str:
        return self.platform.url

    def send(self, path: str, body: Any = None) -> Any:
        """Change something through the API."""
        answer = self.platform.ask("POST", path, body)
        assert answer.is_success, answer.text
        return answer.json()

    def track(self, *calls: dict[str, Any]) -> None:
        """Send events the way a shop does."""
        answer = HTTP.post(f"{self.url}/v1/batch", auth=(self.write_key, ""), json={"batch": list(calls)})
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def console() -> Iterator[Console]:
    """The platform with everything the pages need, running for the whole session."""
    if not DIST.is_file():
        pytest.skip(f"the console is not built: run `make console` ({DIST} is missing)")
    sweep_leftovers()
    with ExitStack() as stack:
        directory = stack.enter_context(scratch_directory())
        sandbox = Sandbox(directory)
        stack.callback(sandbox.stop)
        sandbox.start()
        platform = Platform(directory)
        stack.callback(platform.end)
        platform.start().sign_in()
        yield _filled(platform, sandbox)


def _filled(platform: Platform, sandbox: Sandbox) -> Console:
    connected = platform.ask(
        "POST",
        "/api/v1/channels/official-accounts",
        {
            "app_id": sandbox.appid,
            "app_secret": sandbox.account["secret"],
            "name": "青山茶食",
            "token": sandbox.account["token"],
            "encoding_aes_key": sandbox.account["aes_key"],
            "base_url": sandbox.url,
        },
    ).json()
    sandbox.ask("PUT", f"/accounts/{sandbox.appid}", callback_url=connected["setup"]["url"])
    key = platform.ask("POST", "/api/v1/settings/tracking", {"name": "官网", "source": "website"}).json()
    console = Console(platform, sandbox, key["write_key"], connected["account"]["id"])
    sandbox.act(FOLLOWER, "follow")
    console.track(*CALLS)
    eventually(lambda: _is_settled(platform), what="the brand's history to be there")
    return console


def _is_settled(platform: Platform) -> bool:
    overview = platform.ask("GET", "/api/v1/overview").json()
    figures, pipeline = overview["people"], overview["pipeline"]
    return (figures["total"], figures["followers"], pipeline["lag_events"]) == (PEOPLE, 1, 0)


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


async def _context(browser: Browser, console: Console, **options: Any) -> BrowserContext:
    context = await browser.new_context(base_url=console.url, **options)
    context.set_default_timeout(PATIENCE_MS)
    return context


async def _signed_in(context: BrowserContext, console: Console) -> Page:
    cookies = console.platform.cookies.items()
    await context.add_cookies([{"name": name, "value": value, "url": console.url} for name, value in cookies])
    return await context.new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@asynccontextmanager
async def _watched(page: Page, item: pytest.Item) -> AsyncIterator[Page]:
    """Where a test fails, print what the page showed then and what the server had refused."""
    refused: list[str] = []
    page.on(
        "response", lambda answer: refused.append(f"{answer.status} {answer.url}") if not answer.ok else None
    )
    yield page
    if item.stash.get(_FAILED, False):
        parts = await page.locator("main, [role=dialog], [role=tooltip]").all()
        print(f"{page.url} refused: {refused}")
        print(*[(await part.aria_snapshot())[:4000] for part in parts], sep="\n")


@pytest.fixture
async def stranger(browser: Browser, console: Console) -> AsyncIterator[Page]:
    """A page of somebody who is not signed in."""
    context = await _context(browser, console)
    yield await context.new_page()
    await context.close()


@asynccontextmanager
async def open_console(browser: Browser, console: Console, **options: Any) -> AsyncIterator[Page]:
    """Open a signed-in page in a browser profile of its own."""
    context = await _context(browser, console, **options)
    try:
        yield await _signed_in(context, console)
    finally:
        await context.close()


@pytest.fixture
async def page(browser: Browser, console: Console, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A signed-in page on a desk that asks for less motion; the test fails on any script error in it.

    On phones things move, so that both are seen; here no click waits for a dialog to arrive.
    """
    desk = ViewportSize(width=1440, height=900)
    context = await _context(browser, console, viewport=desk, reduced_motion="reduce")
    opened = await _signed_in(context, console)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    async with _watched(opened, request.node):
        yield opened
    await context.close()
    assert errors == []


@pytest.fixture
async def phone(browser: Browser, console: Console, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A signed-in page on a phone."""
    context = await _context(
        browser, console, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    async with _watched(await _signed_in(context, console), request.node) as opened:
        yield opened
    await context.close()


async def run_command(console: Console, *arguments: str) -> str:
    """Run ``quanyu`` beside the platform, without holding the browser up, and return what it printed."""
    done = await asyncio.to_thread(console.platform.command, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def pick(page: Page, picker: Locator, typed: str) -> None:
    """Choose the one thing a search finds, once whatever else was listed has left from under the pointer."""
    await picker.fill(typed)
    found = page.locator(
        ".ant-select-dropdown:visible .ant-select-item-option:not(.ant-select-item-option-selected)"
    )
    await expect(found).to_have_count(1)
    await found.click()


async def confirm(page: Page, name: str) -> None:
    """Say yes in the bubble that asks; while it still opens it moves, and a click beside it says nothing."""
    button = page.get_by_role("tooltip").get_by_role("button", name=name, exact=True)
    for patience_ms in (5_000, 5_000, PATIENCE_MS):
        await button.click()
        try:
            await expect(button).to_be_hidden(timeout=patience_ms)
        except AssertionError:
            continue
        return
    raise AssertionError(f"the bubble with {name!r} does not close")
