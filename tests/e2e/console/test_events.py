"""The event catalogue: what was heard shows with its properties, on a desk and on a phone."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from support.processes import eventually

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser

EVENT = "Tasting Booked"


def is_counted(console: Console) -> bool:
    listed = console.platform.ask("GET", "/api/v1/events/catalogue").json()["items"]
    return any(one["name"] == EVENT for one in listed)


async def test_an_event_that_was_heard_shows_its_properties(page: Page, console: Console) -> None:
    console.track(
        {
            "type": "track",
            "userId": "u-3",
            "event": EVENT,
            "properties": {"store": "西湖店", "seats": 2, "contactName": "林知夏"},
        }
    )
    await asyncio.to_thread(eventually, lambda: is_counted(console), what="the event to be counted")

    await page.goto(f"/events?q={EVENT.replace(' ', '+')}")
    await expect(page.get_by_test_id("events-table").get_by_text("website")).to_be_visible()
    await page.get_by_test_id("events-table").get_by_role("link", name=EVENT).click()

    properties = page.get_by_test_id("event-properties")
    await expect(properties.get_by_role("row", name=re.compile("store"))).to_contain_text("西湖店")
    await expect(properties.get_by_role("row", name=re.compile("seats"))).to_contain_text("数字")
    await expect(page.get_by_test_id("event-samples").get_by_text("西湖店").first).to_be_visible()
    await expect(page.get_by_text("林知夏")).to_have_count(0)

    plan = page.get_by_test_id("event-plan")
    await plan.get_by_role("button", name="按最近的事件起草").click()
    await expect(plan.get_by_label("属性名")).to_have_count(2)
    await plan.get_by_role("button", name="保存").click()
    await expect(plan.get_by_text("已保存")).to_be_visible()
    await page.reload()
    await expect(plan.get_by_label("属性名")).to_have_count(2)

    keep = page.get_by_test_id("event-keep")
    await keep.get_by_label("数据仓库").fill("30")
    await keep.get_by_role("button", name="试算").click()
    await expect(keep.get_by_test_id("keep-preview")).to_contain_text("没有人群、指标")
    await keep.get_by_role("button", name="保存").click()
    await expect(keep.get_by_role("button", name="删除规定")).to_be_visible()
    for path in ("/events", page.url):
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(path)
        await expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("main").get_by_text("近 30 天").first).to_be_attached()
        assert await page.evaluate(OVERHANG) <= 0
