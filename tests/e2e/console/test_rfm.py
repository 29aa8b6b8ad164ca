"""Scoring customers and looking into a class."""

import re

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_running_scores_shows_classes_and_their_people(page: Page) -> None:
    await page.goto("/rfm")
    await page.get_by_role("button", name="重新计算").click()

    await expect(page.get_by_text(re.compile("2 位有消费的顾客"))).to_be_visible()
    await expect(page.get_by_role("img", name=re.compile("热力图"))).to_be_visible()
    people = page.get_by_test_id("rfm-people")
    await expect(people.get_by_role("row")).to_have_count(3)
    await expect(people.get_by_role("row").nth(1)).to_contain_text("林知夏")
    await expect(people.get_by_role("row").nth(1)).to_contain_text("¥196.50")

    classes = page.get_by_test_id("rfm-classes")
    # Of two customers nobody can score high: both share the lowest class.
    await classes.get_by_role("button", name="一般挽留").click()
    await expect(page.get_by_role("heading", name="一般挽留")).to_be_visible()
    await expect(people.get_by_role("row")).to_have_count(3)
    await classes.get_by_role("button", name="重要价值").click()
    await expect(page.get_by_text("这一层现在没有人")).to_be_visible()

    await expect(page.get_by_test_id("rfm-movement")).to_contain_text("不在分层")
    await expect(page.get_by_test_id("rfm-borders")).to_contain_text("¥196.50")
    await page.get_by_test_id("rfm-channels").get_by_role("button").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_test_id("rfm-settings")).to_be_visible()
    assert await page.evaluate(OVERHANG) <= 0
