"""How much people do of late, which form of content they turn to, and who is behind a figure (B8)."""

import re

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_engagement_leads_to_people_and_forms_can_be_said(phone: Page) -> None:
    await phone.goto("/engagement")
    settings = phone.get_by_test_id("engagement-settings")
    await settings.get_by_label("多少点得 50 分").fill("3")
    await settings.get_by_role("button", name="保存").click()
    await expect(settings.get_by_role("status")).to_contain_text("已保存")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_test_id("engagement-events").get_by_role("row")).not_to_have_count(1)
    groups = phone.get_by_test_id("study-groups")
    somebody = groups.get_by_role("button").filter(has_not_text=re.compile("^0$"))
    await somebody.first.click()
    await expect(phone.get_by_role("dialog")).to_contain_text("存为")
    assert await phone.evaluate(OVERHANG) <= 0

    await phone.goto("/content_forms")
    settings = phone.get_by_test_id("content-form-settings")
    await settings.get_by_label("事件 事件名或值").fill("Product Viewed")
    await settings.get_by_label("事件 形式").fill("商品页")
    await settings.get_by_role("button", name="添加").first.click()
    await settings.get_by_role("button", name="保存").click()
    await expect(settings.get_by_role("status")).to_contain_text("已保存")
    await expect(settings).to_contain_text("Product Viewed → 商品页")
    assert await phone.evaluate(OVERHANG) <= 0
