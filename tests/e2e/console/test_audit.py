"""The audit page: what somebody just did, found again, as a file, and the chain checked."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Console
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_an_opened_profile_is_noted_found_and_sealed(page: Page, console: Console) -> None:
    person = console.platform.ask("GET", "/api/v1/people", q="13812345678").json()["items"][0]["id"]
    await page.goto(f"/people/{person}")
    await expect(page.get_by_test_id("person-attributes")).to_be_visible()

    await page.goto(f"/audit?object={person}&area=people")
    table = page.get_by_test_id("audit-table")
    await expect(table.get_by_role("row").filter(has_text="get_person").first).to_contain_text("admin")
    await expect(table.get_by_role("link", name=person).first).to_be_visible()
    await expect(table).to_contain_text("第")

    await page.get_by_role("button", name="校验全部记录").click()
    await expect(page.get_by_role("status").filter(has_text="条记录完好")).to_be_visible()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="下载 CSV").click()
    assert (await started.value).suggested_filename == "audit.csv"


async def test_the_log_reads_on_a_phone(phone: Page, console: Console) -> None:
    await phone.goto("/audit")
    await expect(phone.get_by_test_id("audit-table")).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0
    await phone.get_by_role("searchbox", name="操作人").fill("没有这个人")
    await expect(phone.get_by_text("没有符合条件的记录")).to_be_visible()
