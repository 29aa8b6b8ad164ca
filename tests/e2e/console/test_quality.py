"""Data quality: scores, findings, and the people behind one of them."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_finding_leads_to_its_people(phone: Page) -> None:
    await phone.goto("/quality")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_test_id("quality-scores")).to_contain_text("总分")
    missing = phone.get_by_test_id("quality-attributes").get_by_role("button", name="缺失").first
    await missing.click()
    await expect(phone.get_by_role("dialog").get_by_role("link").first).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
