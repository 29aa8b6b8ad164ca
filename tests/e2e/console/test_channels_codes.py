"""Source codes: made on the page, scanned in the sandbox, counted on the page."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from support.processes import eventually

from .conftest import FOLLOWER, Console

pytestmark = pytest.mark.browser

WELCOME = "欢迎来到湖滨路店"


async def _open(page: Page, console: Console) -> Locator:
    await page.goto(f"/channels/{console.account_id}?tab=codes")
    await expect(page.get_by_role("button", name="新建渠道码").first).to_be_visible()
    return page.get_by_test_id("codes-table")


async def _create(page: Page, name: str, *, welcome: str = "") -> Locator:
    """Make a code by its form; return its details."""
    await page.get_by_role("button", name="新建渠道码").first.click()
    form = page.get_by_test_id("code-form")
    await form.get_by_label("名称").fill(name)
    if welcome:
        await form.get_by_role("button", name="+ 文字").click()
        await form.get_by_label("文字内容").fill(welcome)
        await expect(form.get_by_test_id("phone-preview")).to_contain_text(welcome)
    await page.get_by_role("button", name="保存").click()
    details = page.get_by_test_id("code-details")
    await expect(details).to_contain_text("可使用")
    return details


def _code(console: Console, name: str) -> dict[str, Any]:
    listed = console.platform.ask(
        "GET", f"/api/v1/channels/official-accounts/{console.account_id}/codes", q=name
    ).json()
    code: dict[str, Any] = listed["items"][0]
    return code


async def test_a_code_is_made_scanned_and_counted(page: Page, console: Console) -> None:
    await _open(page, console)
    details = await _create(page, "湖滨路海报", welcome=WELCOME)
    picture = details.get_by_role("img", name="「湖滨路海报」的二维码")
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalWidth") > 0
    await expect(details).to_contain_text(f"欢迎语：{WELCOME}")

    console.sandbox.act(FOLLOWER, "scan", url=_code(console, "湖滨路海报")["url"])
    console.sandbox.until_idle()
    assert any(WELCOME in str(one) for one in console.sandbox.messages_to(FOLLOWER))
    eventually(lambda: _code(console, "湖滨路海报")["scans_30d"] == 1, what="the scan to be counted")

    await page.reload()
    scans = details.get_by_test_id("code-figures").get_by_text("扫码", exact=True).first
    await expect(scans.locator("xpath=following-sibling::dd")).to_have_text("1")
    await expect(details.get_by_role("img", name="每日扫码和关注")).to_be_visible()
    async with page.expect_download() as download:
        await details.get_by_role("link", name="下载 PNG").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"\x89PNG")


async def test_an_ended_code_says_where_it_leads(page: Page, console: Console) -> None:
    table = await _open(page, console)
    await _create(page, "新店海报")
    await page.get_by_role("button", name="关闭", exact=True).click()
    details = await _create(page, "旧店海报")
    await details.get_by_role("button", name="停用").click()
    archive = page.get_by_test_id("code-archive")
    await archive.get_by_role("combobox", name="转到").click()
    await page.get_by_title("新店海报", exact=True).click()
    await archive.get_by_role("button", name="停用").click()

    await expect(details).to_contain_text("已停用，扫码转到「新店海报」")
    await page.get_by_role("button", name="关闭", exact=True).click()
    await expect(table.get_by_role("row").filter(has_text="旧店海报")).to_contain_text("已停用")
    await page.get_by_role("searchbox", name="搜索名称或场景值").fill("新店")
    await expect(table.get_by_role("row").filter(has_text="旧店海报")).to_have_count(0)


async def test_a_scene_that_is_taken_is_refused(page: Page, console: Console) -> None:
    await _open(page, console)
    await _create(page, "已印的码")
    await page.get_by_role("button", name="关闭", exact=True).click()
    await page.get_by_role("button", name="新建渠道码").first.click()
    form = page.get_by_test_id("code-form")
    await page.get_by_role("button", name="保存").click()
    await expect(form.get_by_text("给渠道码起个名字")).to_be_visible()
    await form.get_by_label("名称").fill("同一个场景")
    await form.get_by_label("场景值").fill("不行的 场景")
    await expect(form.get_by_text(re.compile("只能用字母"))).to_be_visible()

    await form.get_by_label("场景值").fill(_code(console, "已印的码")["scene"])
    await page.get_by_role("button", name="保存").click()

    await expect(form.get_by_role("alert")).to_contain_text("已被另一个渠道码使用")


async def test_codes_are_made_on_a_phone_too(phone: Page, console: Console) -> None:
    await _open(phone, console)
    details = await _create(phone, "手机上的码")
    await expect(details.get_by_role("img", name="「手机上的码」的二维码")).to_be_visible()
    assert await phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
