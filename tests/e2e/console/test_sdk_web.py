"""The web SDK in a real browser, on a page of another site: visits, a lost network, leaving, no consent."""

import asyncio
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from support.processes import eventually

from .conftest import DIST, Console

pytestmark = pytest.mark.browser

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "sdk-web.md"


def page_with_snippet(console: Console) -> str:
    """A shop's page with the snippet of the guide, as it stands there."""
    found = re.search(r"```html\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    snippet = found[1].replace("https://brand.example", console.url).replace("WRITE_KEY", console.write_key)
    return f"<!doctype html><title>春茶</title><head>{snippet}</head><body>茶"


@contextmanager
def serving(html: str) -> Iterator[str]:
    """Serve one page at every address of a site of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = html.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class Heard:
    """What the platform holds of a mark that stands in every path."""

    def __init__(self, console: Console, mark: str) -> None:
        self._console, self._mark = console, mark

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        return self._console.platform.rows(
            "SELECT properties, context, message_id FROM log_event WHERE source = 'website' AND name = %s "
            "AND (properties->>'path' LIKE %s OR properties->>'page_path' LIKE %s) ORDER BY position",
            name,
            f"/{self._mark}%",
            f"/{self._mark}%",
        )

    async def until(self, name: str, times: int = 1) -> list[tuple[Any, ...]]:
        what = f"{times} × {name} to be heard"
        await asyncio.to_thread(eventually, lambda: len(self.rows(name)) >= times, what=what)
        return self.rows(name)


async def test_a_page_of_another_site_tells_what_happens_on_it(stranger: Page, console: Console) -> None:
    if not DIST.with_name("sdk").is_dir():
        pytest.skip("the SDKs are not built: run `make console`")
    mark = uuid.uuid4().hex[:12]
    heard, page = Heard(console, mark), stranger
    with serving(page_with_snippet(console)) as shop:
        await page.goto(f"{shop}/{mark}/tea?utm_campaign=spring&phone=13800138000")
        ((first, context, _),) = await heard.until("Page Viewed")
        assert first == {
            "path": f"/{mark}/tea",
            "url": f"{shop}/{mark}/tea",
            "title": "春茶",
            "referrer": "",
            "name": "春茶",
        }
        assert (context["campaign"], context["channel"]) == ("spring", "web")

        # An application that changes the page without loading one; the query alone is no new page.
        await page.evaluate("history.pushState({}, '', location.pathname.replace('tea', 'cake') + '?x=1')")
        await page.evaluate("history.replaceState({}, '', '?x=2')")
        visits = await heard.until("Page Viewed", 2)
        assert [visit[0]["path"] for visit in visits] == [f"/{mark}/tea", f"/{mark}/cake"]
        assert visits[1][0]["referrer"] == f"{shop}/{mark}/tea"

        # What is said without a network waits on the device and goes when it is back.
        await page.context.set_offline(True)
        await page.evaluate("quanyu.register({store: 'hz-02'}); quanyu.track('Said Offline', {n: 1})")
        waiting = "JSON.parse(localStorage['quanyu.queue']).some((call) => call.event === 'Said Offline')"
        await page.wait_for_function(waiting)
        await page.context.set_offline(False)
        ((said, _, _),) = await heard.until("Said Offline")
        assert (said["n"], said["store"]) == (1, "hz-02")
        await page.wait_for_function("localStorage['quanyu.queue'] === '[]'")

        # A link names its share; a page that is left at once still says what happened on it.
        link = await page.evaluate("quanyu.shareLink()")
        assert re.search(r"[?&]qy_share=[0-9a-f]{16}-1$", link)
        await page.evaluate("quanyu.track('Said In Leaving'); location.href = 'about:blank'")
        await heard.until("Said In Leaving")
        await page.goto(f"{shop}/{mark}/other")
        await heard.until("Page Viewed", 3)
        await page.wait_for_function("localStorage['quanyu.queue'] === '[]'")
        assert (
            len(heard.rows("Said In Leaving")) == 1
        )  # Sent by a beacon, perhaps again by this page: counted once.

        # Who does not agree is left alone.
        await page.evaluate("quanyu.optOut(); quanyu.track('Said Without Leave')")
        assert await page.evaluate("Object.keys(localStorage)") == ["quanyu.consent"]
        await page.reload()
        await page.wait_for_function("window.quanyu && quanyu.loaded")
        assert await page.evaluate("Object.keys(localStorage)") == ["quanyu.consent"]
    assert heard.rows("Said Without Leave") == []
    assert len(heard.rows("Page Viewed")) == 3
