"""Short links: made, opened over the wire, and counted where people click (not where programs look)."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from support.processes import HTTP

from .conftest import Console

pytestmark = pytest.mark.browser

PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49"}


async def test_a_link_is_made_opened_and_its_clicks_are_counted(page: Page, console: Console) -> None:
    await page.goto("/links")
    await page.get_by_role("button", name="新建短链接").first.click()
    form = page.get_by_test_id("link-form")
    await form.get_by_label("名称").fill("门店海报")
    await form.get_by_label("目标地址").fill("shop.example.com")
    save = page.get_by_role("button", name="保 存").or_(page.get_by_role("button", name="保存"))
    await save.click()
    await expect(form).to_contain_text("请填写完整的 http 或 https 地址")
    await form.get_by_label("目标地址").fill("https://shop.example.com/sale")
    await form.get_by_label("utm_source").fill("poster")
    await save.click()

    details = page.get_by_test_id("link-details")
    await expect(details).to_contain_text("https://shop.example.com/sale")
    url = await details.locator("code").inner_text()
    for headers in (PHONE, PHONE, {"user-agent": "curl/8"}):
        answer = await asyncio.to_thread(HTTP.get, url, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            "https://shop.example.com/sale?utm_source=poster",
        )
    figures = page.get_by_test_id("link-figures")
    await expect(figures).to_contain_text("爬虫或脚本：1", timeout=60_000)
    await expect(figures.locator("dd").first).to_have_text("2")


async def test_the_page_of_links_fits_a_phone(phone: Page) -> None:
    await phone.goto("/links")
    await expect(phone.get_by_role("heading", name="短链接", exact=True)).to_be_visible()
    width = await phone.evaluate("document.documentElement.scrollWidth")
    assert width <= await phone.evaluate("window.innerWidth")
