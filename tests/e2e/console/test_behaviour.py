"""Asking where people stop, and seeing who they are."""

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import quote

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


async def test_distributions_and_paths_lead_to_their_people(
    page: Page, phone: Page, console: Console
) -> None:
    picked, brewed = f"选茶 {secrets.token_hex(3)}", "泡茶"
    question = {"event": {"name": picked}}

    def stored() -> bool:
        return bool(console.send("/api/v1/behaviour/distribution", question)["people"] == 2)

    for user, event in (("u-2", picked), ("u-3", picked), ("u-2", brewed)):
        console.track({"type": "track", "userId": user, "event": event})
    await asyncio.to_thread(eventually, stored, what="what was picked to be history")

    await page.goto(f"/behaviour?tab=distribution&distribution={quote(json.dumps(question))}")
    answer = page.get_by_test_id("distribution-answer")
    await expect(answer.get_by_role("row").first).to_contain_text("100%")
    await answer.get_by_role("button", name="2", exact=True).click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("陈小满")

    paths = {"anchor": {"name": picked}, "names": [brewed]}
    await phone.goto(f"/behaviour?tab=paths&paths={quote(json.dumps(paths))}")
    steps = phone.get_by_test_id("paths-answer")
    await expect(steps).to_contain_text(brewed)
    assert await phone.evaluate(OVERHANG) <= 0
    await steps.get_by_role("button", name="1", exact=True).first.click()
    await expect(phone.get_by_role("dialog")).to_contain_text("共 1 人")
