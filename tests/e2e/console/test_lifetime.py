"""A brand with too few repeat buyers is told so, instead of being shown figures."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_too_little_history_is_said_plainly(phone: Page) -> None:
    await phone.goto("/lifetime")
    await phone.get_by_role("button", name="重新计算").click()

    await expect(phone.get_by_test_id("lifetime-refused")).to_contain_text("数据还不足以预测")
    await expect(phone.get_by_test_id("lifetime-card")).to_contain_text("其中复购")
    await expect(phone.get_by_test_id("lifetime-people")).to_have_count(0)
    assert await phone.evaluate(OVERHANG) <= 0
