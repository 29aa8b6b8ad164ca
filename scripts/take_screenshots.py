"""Take the pictures in ``docs/images``: the real console of a real ``quanyu up --demo``, in a real Chromium.

The brand lives until the next morning at high speed first, so that journeys have people at every step; the
pictures are taken at the usual speed. Needs Chromium (``QUANYU_CHROMIUM``, else ``/usr/bin/chromium``) and
a built console.
"""

import argparse
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ROOT / "docs" / "images"
QUANYU: Final = Path(sys.executable).with_name("quanyu")
CHROMIUM: Final = Path(os.environ.get("QUANYU_CHROMIUM", "/usr/bin/chromium"))
BYTES_MAX: Final = 300_000
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DESK: Final[ViewportSize] = {"width": 1360, "height": 850}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_START_LIMIT_S: Final = 120.0
_WAIT_LIMIT_S: Final = 1_200.0
MORNING: Final = 10  # At night the simulated customers sleep, and nothing moves.
LAG_MAX: Final = 20
_READY: Final = re.compile(r"(http://\S+)/login\?code=\S+")


@dataclass(frozen=True)
class Shot:
    """One picture: a page, in a language, at a size."""

    name: str
    path: str
    locale: str = "zh"
    is_phone: bool = False


@dataclass(frozen=True)
class Demo:
    """The running demo and its signed-in operator."""

    url: str
    data: Path
    cookies: dict[str, str]

    def get(self, path: str) -> Any:
        """Return the answer of the API."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", cookies=self.cookies, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def now(self) -> datetime:
        """Return the brand's local time."""
        session = self.get("session")
        return datetime.fromisoformat(session["now"]).astimezone(ZoneInfo(session["brand"]["time_zone"]))


def main() -> None:
    """Let the demo live, then take every picture."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="quanyu-pictures-", dir="/tmp"))
    home.chmod(0o755)  # As root, PostgreSQL runs as a user of its own and must pass through.
    try:
        with running(home, speed=options.fast) as demo:
            _import_examples(demo)
            time.sleep(options.fast_minutes * 60)
            _wait(lambda: demo.now().hour == MORNING, "morning")
            _wait(lambda: demo.get("overview")["pipeline"]["lag_events"] < LAG_MAX, "the pipeline")
        with running(home, speed=20) as demo:
            time.sleep(options.minutes * 60)
            _wait(lambda: demo.get("overview")["pipeline"]["lag_events"] < LAG_MAX, "the pipeline")
            _take_all(demo)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _WAIT_LIMIT_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(1)


@contextmanager
def running(home: Path, *, speed: float) -> Iterator[Demo]:
    """Run the demo on a free port while the block is open."""
    log = home / "platform.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [QUANYU, "up", "--demo", "--speed", str(speed)],
            env=_environ(home),
            stdout=output,
            stderr=output,
        )
    try:
        link, url = _wait_for_link(process, log)
        cookies = dict(httpx.get(link).cookies)
        yield Demo(url, home / "data", cookies)
    finally:
        process.terminate()
        process.wait()


def _environ(home: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {**os.environ, "QUANYU_DATA": str(home / "data"), "PORT": str(port), "COLUMNS": "200"}


def _wait_for_link(process: "subprocess.Popen[bytes]", log: Path) -> tuple[str, str]:
    for _ in range(int(_START_LIMIT_S * 5)):
        if process.poll() is not None:
            break
        found = _READY.search(log.read_text(errors="replace"))
        if found:
            return found.group(0), found.group(1)
        time.sleep(0.2)
    raise SystemExit(f"the demo did not start:\n{log.read_text(errors='replace')}")


def _import_examples(demo: Demo) -> None:
    """Import the example files, so that the page of imports has something to show."""
    for kind in ("people", "events", "orders"):
        file = ROOT / "examples" / "maps" / f"{kind}.csv"
        subprocess.run(  # noqa: S603
            [QUANYU, "import", kind, file, "--map", file.with_suffix(".toml")],
            env={**os.environ, "QUANYU_DATA": str(demo.data)},
            check=True,
        )


def shots_of(demo: Demo) -> list[Shot]:
    """Return the pictures to take, with the ids the demo happens to have."""
    journeys = demo.get("journeys")["items"]
    welcome = max(journeys, key=lambda one: len(one["nodes"]))["id"]
    segment = next(one for one in demo.get("segments")["items"] if one["name"] == "看过没买")["id"]
    buyer = max(demo.get("people?limit=200")["items"], key=lambda one: one["orders"] or 0)["id"]
    shown = {
        "overview": "/",
        "person": f"/people/{buyer}",
        "segment": f"/segments/{segment}",
        "rfm": "/rfm",
        "journey": f"/journeys/{welcome}",
        "messages": "/messages",
    }
    return [
        *(Shot(f"{name}.{locale}", path, locale) for name, path in shown.items() for locale in ("zh", "en")),
        Shot("overview.phone", "/", is_phone=True),
    ]


def _take_all(demo: Demo) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in shots_of(demo):
            _take(browser, demo, shot)
        browser.close()


def _take(browser: Browser, demo: Demo, shot: Shot) -> None:
    context = browser.new_context(
        base_url=demo.url,
        viewport=_PHONE if shot.is_phone else _DESK,
        is_mobile=shot.is_phone,
        has_touch=shot.is_phone,
        device_scale_factor=2 if shot.is_phone else 1.5,
        timezone_id="Asia/Shanghai",
    )
    context.add_cookies(
        [{"name": name, "value": value, "url": demo.url} for name, value in demo.cookies.items()]
    )
    context.add_init_script(f"localStorage.setItem('quanyu.locale', '{shot.locale}')")
    page = context.new_page()
    page.goto(shot.path)
    _settle(page)
    write_picture(page.screenshot(), IMAGES / f"{shot.name}.png")
    context.close()


def _settle(page: Page) -> None:
    """Wait until figures are there and charts have been drawn."""
    page.wait_for_selector("main h1", timeout=60_000)
    page.wait_for_function("!document.querySelector('[aria-busy=true]')", timeout=60_000)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(2_500)


def write_picture(png: bytes, path: Path) -> None:
    """Store a picture with as many colours as its size allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= BYTES_MAX:
            path.write_bytes(out.getvalue())
            sys.stdout.write(f"{path.relative_to(ROOT)} {out.tell() // 1000} kB\n")
            return
    raise SystemExit(f"{path.name} does not fit {BYTES_MAX} bytes")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", type=float, default=200, help="speed of the first day")
    parser.add_argument("--fast-minutes", type=float, default=3, help="real minutes at that speed")
    parser.add_argument("--minutes", type=float, default=4, help="real minutes at the usual speed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
