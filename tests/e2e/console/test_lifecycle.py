"""Stages of the brand's people, and the people behind a figure."""

import pytest
from playwright.async_api import Page, expect

from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_stages_lead_to_their_people(phone: Page) -> None:
    await phone.goto("/lifecycle")
    await phone.get_by_role("button", name="重新计算").click()

    groups = phone.get_by_test_id("study-groups")
    await expect(groups.get_by_role("row")).to_have_count(8)
    await expect(phone.get_by_test_id("lifecycle-flow")).to_contain_text("当时还不认识")
    assert await phone.evaluate(OVERHANG) <= 0
    await groups.get_by_role("button", name="查看「新客」的人").click()
    await expect(phone.get_by_role("dialog")).to_contain_text("新客")
