"""How much people spend, who they are compared with, and who is behind a figure."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_spending_says_who_is_compared_and_where_groups_end(phone: Page) -> None:
    await phone.goto("/spending")
    settings = phone.get_by_test_id("spending-settings")
    await settings.get_by_label("至少多少单").fill("1")
    await settings.get_by_role("button", name="保存").click()
    await expect(settings.get_by_role("status")).to_contain_text("已保存")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_test_id("spending-figures")).to_contain_text("买过的人")
    groups = phone.get_by_test_id("spending-groups")
    await groups.get_by_role("button").first.click()
    await expect(phone.get_by_role("dialog")).to_contain_text("存为")
    assert await phone.evaluate(OVERHANG) <= 0
