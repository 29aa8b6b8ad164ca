"""Connecting a source: key, code, the first event, and how the source does afterwards."""

import uuid

import httpx
import pytest
from playwright.async_api import Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_new_source_is_seen_when_its_first_event_comes(page: Page, console: Console) -> None:
    source = f"h5-{uuid.uuid4().hex[:8]}"
    await page.goto("/sources")
    panel = page.get_by_test_id("settings-tracking")
    await panel.get_by_label("密钥名称", exact=False).fill(f"活动页 {source}")
    await panel.get_by_label("来源", exact=False).fill(source)
    await panel.get_by_role("button", name="创建密钥").click()
    secret = await page.get_by_test_id("new-write-key").inner_text()
    await expect(panel.locator("pre")).to_contain_text(f'quanyu.load("{secret}")')
    await expect(panel.locator("pre")).to_contain_text("/sdk/quanyu.js")
    first = page.get_by_test_id("first-event")
    await expect(first).to_contain_text("正在等待")
    row = page.get_by_test_id("sources-table").get_by_role("row").filter(has_text=source)
    await expect(row).to_contain_text("等待接入")

    async with httpx.AsyncClient(base_url=console.url, auth=(secret, "")) as shop:
        answer = await shop.post("/v1/page", json={"userId": "u-1", "name": "春茶"})
    assert answer.status_code == 200

    await expect(first).to_contain_text(f"已收到「{source}」的事件：Page Viewed")
    await expect(row).to_contain_text("正常")
    await expect(row).to_contain_text("浏览页面")
    await expect(page.get_by_test_id("source-stages").get_by_role("cell", name="写入历史")).to_be_visible()
    await panel.get_by_role("tab", name="小程序").click()
    await expect(panel.locator("pre")).to_contain_text("quanyu-miniprogram.js")

    await page.set_viewport_size({"width": 390, "height": 844})
    await page.reload()
    await expect(page.get_by_test_id("sources-table").get_by_text(source)).to_be_visible()
    assert await page.evaluate(OVERHANG) <= 0
