"""API tokens: made for a program, used by it, and revoked; and the devices one is signed in on."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from support.processes import HTTP

from .conftest import Console, confirm, run_command
from .test_phone import OVERHANG

pytestmark = pytest.mark.browser


async def test_a_program_calls_until_its_token_is_revoked(page: Page, phone: Page, console: Console) -> None:
    name = f"ERP 订单同步 {uuid4().hex[:6]}"
    await page.goto("/api-tokens")
    await page.get_by_role("button", name="新建令牌").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("名称").fill(name)
    await form.get_by_role("checkbox", name="查看客户（联系方式脱敏）").check()
    await form.get_by_role("button", name="生成令牌").click()
    token = await page.get_by_test_id("api-token").inner_text()
    row = page.get_by_test_id("api-tokens-table").get_by_role("row").filter(has_text=name)
    await expect(row).to_contain_text("查看客户（联系方式脱敏）")
    await expect(row).to_contain_text("从未")

    def ask(path: str) -> int:
        return HTTP.get(console.url + path, headers={"authorization": f"Bearer {token}"}).status_code

    assert [ask("/api/v1/people"), ask("/api/v1/segments")] == [200, 403]
    await phone.goto("/api-tokens")
    await expect(phone.get_by_text(name)).to_be_visible()
    assert await phone.evaluate(OVERHANG) <= 0

    await row.get_by_role("button", name="撤销").click()
    await confirm(page, "撤销")
    await expect(row).to_have_count(0)
    assert ask("/api/v1/people") == 401


async def test_other_devices_are_listed_and_signed_out(page: Page, stranger: Page, console: Console) -> None:
    await stranger.goto((await run_command(console, "login")).strip())
    await expect(stranger.get_by_role("navigation").first).to_be_visible()
    await stranger.goto("/security")
    devices = stranger.get_by_test_id("own-sessions")
    here = devices.get_by_role("row").filter(has_text="当前设备")
    await expect(here).to_have_count(1)
    await expect(here).to_contain_text("Chrome · Linux")
