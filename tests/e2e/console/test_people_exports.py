"""Taking people out of the platform, and the register that remembers it."""

import json
import re
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from .conftest import confirm
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_export_is_asked_for_taken_and_removed(page: Page, phone: Page) -> None:
    reason = f"回访名单 {uuid4().hex[:8]}"
    await page.goto("/people?q=13812345678")
    table = page.get_by_test_id("people-table")
    await table.get_by_role("row").filter(has_text="林知夏").get_by_role("checkbox").check()
    await page.get_by_test_id("people-bulk").get_by_role("button", name="导出", exact=True).click()
    drawer = page.get_by_test_id("export-people")
    await drawer.get_by_placeholder("例如").fill(reason)
    await drawer.get_by_role("button", name="开始导出").click()
    await page.get_by_role("status").get_by_role("link").click()

    entry = page.get_by_test_id("people-exports").get_by_role("row").filter(has_text=reason)
    async with page.expect_download() as taken:
        await entry.get_by_role("link", name="下载").click()
    told = (await (await taken.value).path()).read_text()
    assert "林知夏" in told
    assert "13812345678" not in told
    assert reason in told.splitlines()[-1]
    await expect(entry).to_contain_text("脱敏")
    await expect(entry).not_to_contain_text("尚未下载")
    await phone.goto("/people/exports")
    await expect(phone.get_by_text(reason)).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
    await entry.get_by_role("button", name="立即删除").click()
    await confirm(page, "立即删除")
    await expect(entry).to_contain_text("已手动删除")


async def test_the_people_of_a_segment_leave_as_a_workbook_with_chosen_columns(
    page: Page, phone: Page
) -> None:
    reason = f"门店回访 {uuid4().hex[:8]}"
    await page.goto("/segments/new")
    await page.get_by_label("人群名称").fill(reason)
    await page.get_by_role("tab", name="JSON").click()
    bought = {"kind": "event", "name": "Order Completed"}
    await page.get_by_role("textbox", name="JSON").fill(json.dumps(bought))
    await page.get_by_role("button", name="应用到编辑器").click()
    await page.get_by_role("button", name="保存").click()
    await page.get_by_role("tab", name="成员").click()
    await expect(page.get_by_test_id("people-table")).to_contain_text("林知夏")
    await page.get_by_role("button", name="导出这些客户").click()
    drawer = page.get_by_test_id("export-people")
    await drawer.get_by_text("Excel", exact=True).click()
    columns = drawer.get_by_test_id("export-columns").get_by_role("listitem")
    await drawer.get_by_role("button", name="去掉：触达").click()
    await drawer.get_by_role("button", name="上移：最近活跃").click()
    await drawer.get_by_role("combobox", name="添加一列").fill("首次")
    await page.get_by_title("首次出现").click()
    await expect(columns.last).to_contain_text("首次出现")
    await expect(drawer).to_contain_text(re.compile(r"将导出 \d+ 人"))
    shown = [text.strip() for text in await columns.all_inner_texts()]
    await drawer.get_by_placeholder("例如").fill(reason)
    await drawer.get_by_role("button", name="开始导出").click()
    await page.get_by_role("status").get_by_role("link").click()

    entry = page.get_by_test_id("people-exports").get_by_role("row").filter(has_text=reason)
    async with page.expect_download() as taken:
        await entry.get_by_role("link", name="下载").click()
    book = load_workbook(BytesIO((await (await taken.value).path()).read_bytes()))
    head = [cell.value for cell in book["people"][1]]
    assert "reachable" not in head
    assert (head[:2], head[-1], len(shown)) == (["id", "name"], "first_seen", 6)
    assert book["people"].max_row > 1
    assert reason in [row[1].value for row in book["导出说明 About"].iter_rows()]
    await expect(entry).to_contain_text("Excel")

    await page.goto("/people")
    await page.get_by_test_id("people-table").get_by_role("checkbox").nth(1).check()
    await page.get_by_test_id("people-bulk").get_by_role("button", name="导出", exact=True).click()
    again = drawer.get_by_test_id("export-columns").get_by_role("listitem")
    assert [text.strip() for text in await again.all_inner_texts()] == shown, "remembered on this device"
    await phone.goto(page.url)
    await phone.get_by_test_id("people-table").get_by_role("checkbox").nth(1).check()
    await phone.get_by_test_id("people-bulk").get_by_role("button", name="导出", exact=True).click()
    await expect(phone.get_by_test_id("export-people")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
