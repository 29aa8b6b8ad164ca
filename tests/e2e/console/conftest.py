"""A whole platform with an empty brand in processes of its own, and a browser that is signed in to it.

What the brand knows arrives the way it arrives in life: through the tracking API, with a write key that
was made through the API of the console. So every figure on every page can be asserted exactly.
"""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

QUANYU = Path(sys.executable).with_name("quanyu")
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
# Two busy cores serve the platform, the browser and whatever else runs beside the tests.
expect.set_options(timeout=20_000)
_START_LIMIT_S = 90.0
_STOP_LIMIT_S = 30.0
_SEEN_LIMIT_S = 60.0

# What the whole run of tests starts from: three known people, two orders, and one visitor nobody knows.
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
PEOPLE = 4
EVENTS = len(CALLS)


@dataclass(frozen=True, slots=True)
class Console:
    """A running platform as its operator sees it."""

    url: str
    environ: dict[str, str]
    write_key: str
    cookies: dict[str, str]

    def command(self, *arguments: str) -> str:
        """Run ``quanyu`` beside the platform and return what it printed."""
        done = subprocess.run(
            [QUANYU, *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def login_link(self) -> str:
        return self.command("login").strip()

    def client(self) -> httpx.Client:
        """Talk to the API as the signed-in operator."""
        return httpx.Client(base_url=self.url, cookies=self.cookies, timeout=30)

    def track(self, *calls: dict[str, Any]) -> None:
        """Send events the way a shop does."""
        answer = httpx.post(f"{self.url}/v1/batch", auth=(self.write_key, ""), json={"batch": list(calls)})
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Iterator[Console]:
    """The platform with ``CALLS`` in its history, running for the whole session."""
    if not DIST.is_file():
        pytest.skip(f"the console is not built: run `make console` ({DIST} is missing)")
    port = _free_port()
    environ = os.environ | {
        "QUANYU_DATA": str(scratch / "console"),
        "PORT": str(port),
        "QUANYU_CLOCK": "",
        "COLUMNS": "200",  # So that the link is not broken into two lines.
        "PYTHONUNBUFFERED": "1",
    }
    log = tmp_path_factory.mktemp("console") / "platform.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [QUANYU, "up", "--no-demo"],
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        link = _wait_for_link(process, log)
        cookies = dict(httpx.get(link).cookies)
        yield _filled(Console(url, environ, "", cookies))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_LIMIT_S)


def _filled(console: Console) -> Console:
    with console.client() as client:
        answer = client.post("/api/v1/settings/tracking", json={"name": "官网", "source": "website"})
        assert answer.status_code == 201, answer.text
        console = Console(console.url, console.environ, answer.json()["write_key"], console.cookies)
        console.track(*CALLS)
        _eventually(lambda: client.get("/api/v1/overview").json()["events"]["total"] >= EVENTS)
    return console


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_link(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the login link the platform prints when it is ready."""
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        found = re.search(r"http://\S+/login\?code=\S+", text)
        if found:
            return found.group(0)
        assert process.poll() is None, text
        time.sleep(0.2)
    raise AssertionError(
        f"the platform did not start in {_START_LIMIT_S} s:\n{log.read_text(errors='replace')}"
    )


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SEEN_LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, f"did not happen in {_SEEN_LIMIT_S} s"
        time.sleep(0.2)


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
    context.set_default_timeout(20_000)
    return context


async def _signed_in(context: BrowserContext, console: Console) -> Page:
    await context.add_cookies(
        [{"name": name, "value": value, "url": console.url} for name, value in console.cookies.items()]
    )
    return await context.new_page()


@pytest.fixture
async def stranger(browser: Browser, console: Console) -> AsyncIterator[Page]:
    """A page of somebody who is not signed in."""
    context = await _context(browser, console)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def page(browser: Browser, console: Console) -> AsyncIterator[Page]:
    """A signed-in page on a desk; the test fails on any script error in it."""
    context = await _context(browser, console, viewport={"width": 1440, "height": 900})
    opened = await _signed_in(context, console)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []


@pytest.fixture
async def phone(browser: Browser, console: Console) -> AsyncIterator[Page]:
    """A signed-in page on a phone."""
    context = await _context(
        browser, console, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    yield await _signed_in(context, console)
    await context.close()


async def run_command(console: Console, *arguments: str) -> str:
    """Run ``quanyu`` without holding the browser up."""
    return await asyncio.to_thread(console.command, *arguments)
