"""A brand with too few people is told so, and the operator chooses what people are compared by."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_too_few_to_compare_is_said_plainly(phone: Page) -> None:
    await phone.goto("/clusters")
    await phone.get_by_role("button", name="重新计算").click()

    await expect(phone.get_by_test_id("study-refused")).to_contain_text("至少需要 200 人")
    settings = phone.get_by_test_id("cluster-settings")
    await expect(settings.get_by_text("客单价")).to_be_visible()
    await settings.get_by_role("button", name="保存").click()
    await expect(settings.get_by_role("status")).to_contain_text("下次计算生效")
    assert await phone.evaluate(OVERHANG) <= 0
