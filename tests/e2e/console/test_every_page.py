"""Every page of the console, on a desk and on a phone, by day and by night, in both languages.

Pages are taken from the console's own routes, so a new one cannot be forgotten. On each: no script error, no
key for a text, nothing beside the screen, and no serious violation of WCAG 2.1 AA that axe can find.
"""

import re
from asyncio import gather
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from .conftest import Console, open_console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

WEB = Path(__file__).parents[3] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
ROUTES = tuple(
    dict.fromkeys(re.findall(r'path="(/[^"]*)"', (WEB / "src/app/routes.tsx").read_text(encoding="utf-8")))
)
TABS = 3  # A page waits for its answers more than it works.
# Forms of what is not there yet.
NEW = (
    "/segments/new",
    "/journeys/new/edit?template=win_back",
    "/broadcasts/new/edit",
    "/experiments/new/edit",
)
# A text's key in place of the text, as the console shows it where a language lacks one.
KEYS = """
() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const keys = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const isCode = texts.currentNode.parentElement.closest("pre, code, script, .mono");
    if (!isCode && /^[a-z][A-Za-z]*(\\.[a-z][A-Za-z]*){1,4}$/.test(text)) keys.push(text);
  }
  return keys;
}
"""
# Ant Design's own: the button beside tabs that do not fit stands inside their list, and the hidden text area
# by which a growing one is measured can be reached.
JUDGE = """
async () => {
  const moving = document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity);
  await Promise.allSettled(moving.map((one) => one.finished));
  const found = await axe.run({ exclude: ["textarea[name=hiddenTextarea]"] }, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    resultTypes: ["violations"],
  });
  return found.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .filter((one) => !one.nodes.every((node) => node.target.join().includes("ant-tabs-nav")))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`));
}
"""
MODES: dict[str, dict[str, Any]] = {
    "desk, light, Chinese": {"locale": "zh", "theme": "light", "viewport": {"width": 1440, "height": 900}},
    "phone, dark, English": {
        "locale": "en",
        "theme": "dark",
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
    },
}


@pytest.mark.parametrize("mode", MODES)
async def test_every_page_can_be_read_by_everybody(browser: Browser, console: Console, mode: str) -> None:
    options = dict(MODES[mode])
    kept = {"quanyu.locale": options.pop("locale"), "quanyu.theme": options.pop("theme")}
    async with open_console(browser, console, reduced_motion="reduce", **options) as page:
        await page.context.add_init_script(f"Object.assign(localStorage, {kept})")
        await page.context.add_init_script(path=AXE)
        paths = _paths(console)
        found = await gather(*(_walk(page.context, paths[tab::TABS]) for tab in range(TABS)))
    wrong = [what for tab in found for what in tab]
    assert not wrong, "\n".join(wrong)


async def _walk(context: BrowserContext, paths: list[str]) -> list[str]:
    """Open the pages one after the other in a tab, and say what is wrong with each."""
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    for path in paths:
        wrong += [f"{path}: {what}" for what in await _judged(page, path)]
    return wrong


async def _judged(page: Page, path: str) -> list[str]:
    await page.goto(path)
    await page.get_by_role("main").get_by_role("heading", level=1).first.wait_for()
    await page.wait_for_load_state("networkidle")
    overhang = await page.evaluate(OVERHANG)
    return [
        *(f"{overhang} px beside the screen" for _ in range(overhang > 0)),
        *(f"no text for {key}" for key in await page.evaluate(KEYS)),
        *await page.evaluate(JUDGE),
    ]


def _paths(console: Console) -> list[str]:
    """Every route; for one of a thing, the first such thing the brand has."""
    paths = list(NEW)
    for route in ROUTES:
        if route == "/events/one":
            paths.append("/events/one?name=Order%20Completed")
        elif ":id" not in route:
            paths.append(route)
        elif (first := _first(console, route.split("/:id")[0])) is not None:
            paths.append(route.replace(":id", first))
    return paths


def _first(console: Console, listing: str) -> str | None:
    answer = console.platform.ask("GET", f"/api/v1{listing}")
    if not answer.is_success:
        return None
    listed = answer.json()
    items = listed.get("items", []) if isinstance(listed, dict) else listed
    return str(items[0]["id"]) if items and "id" in items[0] else None
