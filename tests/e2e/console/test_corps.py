"""Connecting 企业微信: what to enter where, what is wrong, and how the corp is."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Console

pytestmark = pytest.mark.browser


async def test_a_corp_is_connected_and_says_what_is_wrong(page: Page, console: Console) -> None:
    await page.goto("/channels")
    await page.get_by_role("button", name="连接企业微信").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("企业 ID").fill("nonsense")
    await dialog.get_by_role("button", name="连接", exact=True).click()
    await expect(dialog.get_by_text("企业 ID 以 ww 或 wx 开头")).to_be_visible()

    await dialog.get_by_label("企业 ID").fill("wwe2e0000000001")
    await dialog.get_by_label("AgentId").fill("1000002")
    await dialog.get_by_label("应用 Secret").fill("secret-of-a-test")
    await dialog.get_by_label("通讯录同步 Secret").fill("contacts-of-a-test")
    await dialog.get_by_label("名称（可选）").fill("测试企业")
    await dialog.get_by_label("接口地址（代理或沙盒）").fill("http://127.0.0.1:9/qyapi.weixin.qq.com")
    await dialog.get_by_role("button", name="连接", exact=True).click()
    setup = page.get_by_test_id("callback-setup")
    await expect(setup).to_contain_text("/callbacks/wecom/")
    await expect(setup).to_contain_text("设置API接收")
    await setup.get_by_role("button", name="我已填好").click()

    corp = page.get_by_test_id("corp").filter(has_text="wwe2e0000000001")
    await expect(corp).to_contain_text("还没有收到回调")
    await corp.get_by_role("link", name="测试企业").click()
    await expect(page.get_by_test_id("corp-facts")).to_contain_text("通讯录同步")
    await expect(page.get_by_test_id("corp-todo")).to_contain_text("可调用接口的应用")
    await page.get_by_role("button", name="检查连接").click()
    checks = page.get_by_test_id("channel-checks")
    await expect(checks.get_by_role("listitem").filter(has_text="企业微信接口")).to_contain_text("无法连接")
    await expect(checks.get_by_text("检查本机能否访问该地址")).to_be_visible()

    await page.get_by_role("button", name="更换凭据").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("企业 ID")).to_be_disabled()
    await dialog.get_by_label("应用 Secret").fill("another-secret")
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.get_by_test_id("callback-setup")).to_contain_text("/callbacks/wecom/")
