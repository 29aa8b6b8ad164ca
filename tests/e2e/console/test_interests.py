"""What people turn to, and where that comes from."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_interests_say_where_they_come_from(phone: Page) -> None:
    await phone.goto("/interests")
    settings = phone.get_by_test_id("interest-settings")
    await expect(settings).to_contain_text("商品类目（items）")
    await settings.get_by_role("button", name="保存").click()
    await expect(settings.get_by_role("status")).to_contain_text("已保存")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_text("还没有计算过")).to_have_count(0)
    await expect(phone.get_by_test_id("interest-proposals")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
