"""The first page of the morning: exact figures, alive, in both languages."""

import pytest
from playwright.async_api import Page, expect

from .conftest import PEOPLE, Console

pytestmark = pytest.mark.browser


async def test_figures_are_those_of_the_brand(page: Page) -> None:
    await page.goto("/")

    await expect(page.get_by_test_id("figure-people")).to_have_text(str(PEOPLE))
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

    await expect(stored).to_have_text(str(before + 1))


async def test_the_language_is_remembered(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    await page.reload()

    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
