"""Asking where people stop, and seeing who they are."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console, pick
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

BOOKED, ATTENDED = "茶课预约", "茶课到课"
FUNNEL: dict[str, Any] = {"steps": [{"name": BOOKED}, {"name": ATTENDED}]}


async def test_a_funnel_leads_to_the_people_who_stopped(page: Page, phone: Page, console: Console) -> None:
    def stored() -> bool:
        answer: dict[str, Any] = console.send("/api/v1/behaviour/funnel", FUNNEL)
        return bool(answer["total"]["reached"] == [2, 1])

    for user, event in (("u-2", BOOKED), ("u-3", BOOKED), ("u-2", ATTENDED)):
        console.track({"type": "track", "userId": user, "event": event})
    await asyncio.to_thread(eventually, stored, what="both bookings to be history")

    await page.goto("/")
    await page.get_by_role("link", name="行为分析").click()
    await pick(page, page.get_by_role("combobox", name="第 1 步"), BOOKED)
    await pick(page, page.get_by_role("combobox", name="第 2 步"), ATTENDED)
    await page.get_by_role("button", name="分析", exact=True).click()

    total = page.get_by_test_id("funnel-total")
    await expect(total.get_by_role("listitem")).to_have_count(2)
    await expect(total).to_contain_text("转化率 50%")
    await total.get_by_role("button", name="流失 1").click()
    await expect(page.get_by_role("dialog")).to_contain_text("止于第 1 步的人")
    await expect(page.get_by_test_id("people-table")).to_contain_text("陈小满")

    await phone.goto(page.url)
    await expect(phone.get_by_test_id("funnel-total")).to_contain_text("转化率 50%")
    assert await phone.evaluate(OVERHANG) <= 0
