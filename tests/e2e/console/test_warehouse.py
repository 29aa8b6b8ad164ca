"""The SQL page: a question is asked, a mistake explained, an answer taken out, a question kept."""

import secrets

import pytest
from playwright.async_api import Page, expect

from .conftest import confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def write(page: Page, sql: str) -> None:
    """Put a text in place of what the editor holds."""
    editor = page.get_by_test_id("sql")
    await editor.click()
    await editor.press("ControlOrMeta+a")
    await page.keyboard.insert_text(sql)


async def test_a_question_is_asked_taken_out_and_kept(page: Page) -> None:
    name = f"每日事件 {secrets.token_hex(4)}"
    await page.goto("/warehouse")
    await write(page, "SELECT nme FROM events")
    await page.get_by_role("button", name="运行", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("查询有误")

    await write(page, "SELECT 6 * 7 AS found, count() >= 0 AS fine FROM events")
    await page.get_by_test_id("sql").press("ControlOrMeta+Enter")
    await expect(page.get_by_test_id("sql-answer")).to_contain_text("42")

    async with page.expect_download() as taking:
        await page.get_by_role("button", name="导出").hover()
        await page.get_by_role("menuitem", name="CSV").click()
    taken = await taking.value
    assert (await taken.path()).read_text().splitlines()[1].startswith("42,")

    await page.get_by_role("button", name="另存为…").click()
    await page.get_by_label("查询名称").fill(name)
    await page.get_by_role("button", name="保存", exact=True).click()
    kept = page.get_by_test_id("kept-queries")
    await expect(kept).to_contain_text(name)
    await page.reload()
    await kept.get_by_role("button", name=name).first.click()
    await expect(page.get_by_test_id("sql")).to_contain_text("6 * 7")
    await kept.get_by_role("button", name=f"删除查询 {name}").click()
    await confirm(page, "确定")
    await expect(kept.get_by_text(name)).to_have_count(0)


async def test_the_page_fits_a_phone(phone: Page) -> None:
    await phone.goto("/warehouse")
    await phone.get_by_role("button", name="运行", exact=True).click()
    await expect(phone.get_by_test_id("warehouse-views")).to_contain_text("segment_members")
    assert await phone.evaluate(OVERHANG) <= 0
