"""A value is defined, tried on people, published, and found on a person's page."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_attribute_is_tried_and_published(phone: Page) -> None:
    mark = uuid4().hex[:8]
    name, key = f"下单次数 {mark}", f"orders_{mark}"
    await phone.goto("/computed-attributes/new")
    await phone.get_by_label("名称").fill(name)
    await phone.get_by_label("标识").fill(key)
    await phone.get_by_role("combobox", name="事件").fill("Order Completed")
    await phone.keyboard.press("Enter")
    await phone.keyboard.press("Escape")
    trial = phone.get_by_test_id("computed-trial")
    await expect(trial).to_contain_text("的人有值")
    assert await phone.evaluate(OVERHANG) <= 0

    await phone.get_by_role("button", name="发布", exact=True).click()
    await expect(phone.get_by_role("heading", name=name)).to_be_visible()
    await expect(phone.get_by_test_id("computed-lineage")).to_contain_text("v1")
    await expect(phone.get_by_test_id("computed-spread")).to_contain_text("已发布")
    assert await phone.evaluate(OVERHANG) <= 0

    await phone.goto("/computed-attributes")
    row = phone.get_by_role("row").filter(has_text=name)
    await expect(row).to_contain_text(f"computed.{key}")
    await expect(row).to_contain_text("行为统计")
    assert await phone.evaluate(OVERHANG) <= 0
