"""A write key that is shown once and works."""

import httpx
import pytest
from playwright.async_api import Page, expect

from .conftest import Console

pytestmark = pytest.mark.browser


async def test_a_new_write_key_is_shown_once_and_works(page: Page, console: Console) -> None:
    await page.goto("/settings")
    panel = page.get_by_test_id("settings-tracking")
    await panel.get_by_label("密钥名称", exact=False).fill("小程序")
    await panel.get_by_label("来源", exact=False).fill("mini-program")
    await panel.get_by_role("button", name="创建密钥").click()
    secret = await page.get_by_test_id("new-write-key").inner_text()

    await expect(panel.locator("pre")).to_contain_text(secret)
    async with httpx.AsyncClient(base_url=console.url, auth=(secret, "")) as shop:
        answer = await shop.post("/v1/identify", json={"userId": "u-1", "traits": {}})
    assert answer.status_code == 200

    await page.reload()
    await expect(panel.get_by_role("list", name="写入密钥").get_by_text("小程序")).to_be_visible()
    await expect(page.get_by_text(secret)).to_have_count(0)
