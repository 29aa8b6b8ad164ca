"""Taking people out of the platform, and the register that remembers it."""

from uuid import uuid4

import pytest
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
