"""Churn risk: a brand with too little history is told so, and what leaving means can be chosen."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_too_little_history_is_said_in_words(phone: Page) -> None:
    await phone.goto("/churn")
    await phone.get_by_role("button", name="重新计算").click()
    await expect(phone.get_by_test_id("study-refused")).to_contain_text("观察期")
    await expect(phone.get_by_test_id("churn-settings")).to_contain_text("怎样算留下")
    assert await phone.evaluate(OVERHANG) <= 0
