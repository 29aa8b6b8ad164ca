"""The brand's week, and who is there when."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_the_week_leads_to_people(phone: Page) -> None:
    await phone.goto("/rhythm")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_test_id("rhythm-week")).to_contain_text("周一")
    await expect(phone.get_by_test_id("study-groups").get_by_role("row")).to_have_count(6)
    assert await phone.evaluate(OVERHANG) <= 0
