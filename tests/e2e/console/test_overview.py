"""The first page of the morning: exact figures, alive, in both languages."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from .conftest import PEOPLE, Console

pytestmark = pytest.mark.browser


async def test_figures_are_those_of_the_brand(page: Page) -> None:
    await page.goto("/")

    # Other tests bring people along; those of the brand's history are among them.
    await expect(page.get_by_test_id("figure-people")).to_have_text(re.compile(rf"^([{PEOPLE}-9]|[1-9]\d+)$"))
    await expect(page.get_by_test_id("figure-followers")).to_have_text("1")
    await expect(page.get_by_test_id("figure-revenue")).to_have_text("¥247")
    pipeline = page.get_by_test_id("panel-pipeline")
    await expect(pipeline.get_by_text("运行正常")).to_be_visible()
    await expect(page.get_by_role("img", name="每日收入")).to_be_visible()


async def test_a_new_event_appears_without_reloading(page: Page, console: Console) -> None:
    await page.goto("/")
    stored = (
        page.get_by_test_id("panel-pipeline").get_by_text("可查询").locator("xpath=following-sibling::strong")
    )
    before = int((await stored.inner_text()).replace(",", ""))

    console.track(
        {"type": "track", "userId": "u-3", "event": "Products Searched", "properties": {"query": "白茶"}}
    )

    await expect(stored).not_to_have_text(f"{before:,}")


async def test_a_history_that_is_behind_is_said_instead_of_a_figure(page: Page) -> None:
    await answer_overview(page, pipeline={"lag_s": 41.0, "lag_events": 900})
    await page.goto("/")

    figure = page.get_by_test_id("figure-events")
    await expect(figure).to_have_text("–")
    await expect(figure.locator("xpath=../..")).to_contain_text("历史落后 41 秒")
    await expect(page.get_by_test_id("panel-events")).to_contain_text("历史落后 41 秒")


async def test_other_currencies_stand_beside_the_brands_own(page: Page) -> None:
    others = [{"currency": "USD", "last_30d": "0.00", "total": "1234.50"}]
    await answer_overview(page, revenue={"others": others})
    await page.goto("/")

    await expect(page.get_by_test_id("figure-revenue")).to_have_text("¥247")
    await expect(page.get_by_test_id("figure-revenue").locator("xpath=../..")).to_contain_text("另有 USD")
    await expect(page.get_by_test_id("other-currencies")).to_contain_text("USD $1,234.50")


async def test_sparklines_keep_away_from_labels_and_figures(page: Page) -> None:
    await answer_overview(page, revenue={"last_24h": "99876.00"})
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.goto("/")
    await expect(page.get_by_test_id("figure-revenue")).to_have_text("¥99,876")

    for name in ("figure-revenue", "figure-events"):
        figure = page.get_by_test_id(name)
        line = figure.locator("xpath=following-sibling::span")
        label = figure.locator("xpath=../../span[1]")
        number, drawn, words = [await one.bounding_box() for one in (figure, line, label)]
        assert number is not None
        assert drawn is not None
        assert words is not None
        assert number["x"] + number["width"] + 8 <= drawn["x"]
        assert words["y"] + words["height"] <= drawn["y"]


async def answer_overview(page: Page, **changed: dict[str, Any]) -> None:
    """Let the platform answer, with some figures replaced by ones that are hard to arrange."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for section, figures in changed.items():
            body[section] |= figures
        await route.fulfill(response=response, json=body)

    await page.route("**/api/v1/overview", answer)


async def test_the_language_is_remembered(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    await page.reload()

    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
